import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { collect, useSimulator } from "./setup.ts";

const { url, newest } = useSimulator();

const client = () => new OpenAI({ apiKey: "k", baseURL: `${url()}/compatible/v1`, maxRetries: 0 });
const messages = [{ role: "user" as const, content: "why?" }];
const model = "llama-4-maverick";
const thought = 'The user wrote "why?". A short answer that quotes it will do.';

describe("a host that follows OpenAI", () => {
  test("shows its thoughts beside the answer, whole and streamed", async () => {
    const asked = { model, messages, reasoning_effort: "low" as const };
    const whole = await client().chat.completions.create(asked);
    const message = whole.choices[0]?.message;
    expect(message).toMatchObject({
      reasoning_content: thought,
      content: `You said: "why?". This is ${model}, simulated.`,
    });
    const chunks = await collect(
      await client().chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } }),
    );
    const deltas = chunks.map((chunk) => chunk.choices[0]?.delta as { reasoning_content?: string; content?: string });
    expect(deltas.map((delta) => delta?.reasoning_content ?? "").join("")).toBe(thought);
    expect(deltas.map((delta) => delta?.content ?? "").join("")).toBe(message?.content);
    expect(chunks.at(-1)?.usage).toEqual(whole.usage);
    expect(await newest()).toMatchObject({ provider: "compatible", usage: whole.usage });
  });

  test("ignores what it does not know, takes the older cap, embeds, and has no Responses", async () => {
    const asked = { model, messages, max_tokens: 3, stop: ["x"], top_k: 5 };
    const cut = await client().chat.completions.create(asked);
    expect(cut.choices[0]?.finish_reason).toBe("length");
    const { data } = await client().embeddings.create({ model: "embedder", input: "x", dimensions: 4 });
    expect(data[0]?.embedding).toHaveLength(4);
    expect((await collect(client().models.list())).map(({ id }) => id)).toEqual([model]);
    await expect(client().responses.create({ model, input: "x" })).rejects.toMatchObject({ status: 404 });
    await expect(
      client().chat.completions.create({ model: `${model}+status-429+retry-after-7`, messages }),
    ).rejects.toMatchObject({ status: 429, type: "requests" });
    const response = await fetch(`${url()}/compatible/v1/models`);
    expect(response.status).toBe(401);
  });
});
