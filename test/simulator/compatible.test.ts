import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { useSimulator } from "./setup.ts";

const { url, newest } = useSimulator();

describe("a host that follows OpenAI", () => {
  const client = () => new OpenAI({ apiKey: "any", baseURL: `${url()}/compatible/v1`, maxRetries: 0 });

  test("answers in Chat, whole and in a stream, and ignores what it does not know", async () => {
    const asked = { model: "llama", messages: [{ role: "user" as const, content: "hi" }], top_k: 7, reasoning: {} };
    const whole = await client().chat.completions.create(asked as never);
    expect((whole as OpenAI.ChatCompletion).choices[0]?.message.content).toContain("hi");
    const stream = client().chat.completions.stream({ ...asked, stream: true } as never);
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toContain("hi");
    const entry = await newest();
    expect(entry).toMatchObject({ provider: "compatible", path: "/compatible/v1/chat/completions", model: "llama" });
  });

  test("embeds", async () => {
    const { data } = await client().embeddings.create({ model: "nomic", input: ["a", "b"] });
    expect(data).toHaveLength(2);
  });

  test("has no other endpoint, and wants a key", async () => {
    await expect(client().responses.create({ model: "llama", input: "hi" })).rejects.toMatchObject({ status: 404 });
    const keyless = await fetch(`${url()}/compatible/v1/chat/completions`, { method: "POST", body: "{}" });
    expect(keyless.status).toBe(401);
  });
});
