import { describe, expect, test } from "vitest";
import { CLAUDE_ANSWER, eachTest, type World } from "./world.ts";

let world: World;
eachTest((fresh) => {
  world = fresh;
});

describe("the cap that was admitted is the one that is sent", () => {
  test.each<[name: string, path: string, body: object, sent: object, warning: string]>([
    [
      "Chat",
      "/v1/chat/completions",
      { model: "openai/gpt-4.1", messages: [{ role: "user", content: "hi" }], max_completion_tokens: 900 },
      { max_completion_tokens: 77 },
      "output_cap_lowered@max_completion_tokens",
    ],
    [
      "Chat at a host of the older name",
      "/v1/chat/completions",
      { model: "compatible/m", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { max_tokens: 77 },
      "output_cap_lowered@max_tokens",
    ],
    [
      "Responses",
      "/v1/responses",
      { model: "openai/gpt-4.1", input: "hi", max_output_tokens: 900 },
      { max_output_tokens: 77 },
      "output_cap_lowered@max_output_tokens",
    ],
    [
      "Messages",
      "/v1/messages",
      { model: "anthropic/claude-haiku-4-5", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { max_tokens: 77 },
      "output_cap_lowered@max_tokens",
    ],
    [
      "Gemini",
      "/v1beta/models/google/gemini-3.6-flash:generateContent",
      { contents: [{ parts: [{ text: "hi" }] }], generation_config: { max_output_tokens: 900 } },
      { generation_config: { max_output_tokens: 77 } },
      "output_cap_lowered@generation_config.max_output_tokens",
    ],
    [
      "Chat to Claude",
      "/v1/chat/completions",
      { model: "anthropic/claude-haiku-4-5", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { max_tokens: 77 },
      "output_cap_lowered@max_tokens",
    ],
    [
      "Messages to Gemini",
      "/v1/messages",
      { model: "google/gemini-3.6-flash", messages: [{ role: "user", content: "hi" }], max_tokens: 900 },
      { generationConfig: { maxOutputTokens: 77 } },
      "output_cap_lowered@max_tokens",
    ],
  ])("%s", async (_name, path, body, sent, warning) => {
    world.answers = [{ outputCap: 77, lowered: true }];
    const response = await world.post(path, body);
    expect(world.asked[0]?.output).toMatchObject({ requested: 900, assumed: 900, candidates: 1 });
    expect(world.sent).toHaveLength(1);
    expect(world.sent[0]?.body).toMatchObject(sent);
    expect(response.headers.get("x-gaia-warnings")).toContain(warning);
    expect(world.settled[0]?.result).toMatchObject({ outputCap: 77, warnings: [warning] });
  });

  test("a cap the client did not name is named where it takes something from the client", async () => {
    world.answers = [{ outputCap: 500 }, { outputCap: 32_768 }];
    const lower = await world.chat("openai/gpt-4.1");
    const most = await world.chat("openai/gpt-4.1");
    expect(world.asked[0]?.output).toMatchObject({ requested: null, assumed: 32_768 });
    expect(world.sent.map(({ body }) => body.max_completion_tokens)).toEqual([500, 32_768]);
    expect(lower.headers.get("x-gaia-warnings")).toBe("output_cap_set@max_completion_tokens");
    expect(most.headers.get("x-gaia-warnings")).toBeNull();
    expect(world.settled.map(({ result }) => result.outputCap)).toEqual([500, 32_768]);
  });

  test("the model's own maximum is left to the provider where it could exceed the window", async () => {
    world.answers = [{ outputCap: 100_000 }, { outputCap: 100_000 }, { outputCap: 50_000 }];
    const long = { messages: [{ role: "user", content: "x".repeat(120_000) }] };
    await world.chat("openai/o3");
    await world.chat("openai/o3", long);
    await world.chat("openai/o3", long);
    expect(world.sent.map(({ body }) => body.max_completion_tokens)).toEqual([100_000, undefined, 50_000]);
  });

  test("so it is where the prompt lies with the provider", async () => {
    world.answers = [{ outputCap: 100_000 }];
    const kept = { model: "openai/o3", input: "And now?", previous_response_id: "resp_1" };
    await world.post("/v1/responses", kept);
    expect(world.sent[0]?.body).toEqual({ ...kept, model: "o3" });
  });

  test("what is no cap is replaced, and that is told", async () => {
    world.answers = [{ outputCap: 32_768 }];
    const response = await world.chat("openai/gpt-4.1", { max_tokens: -1 });
    expect(world.asked[0]?.output?.requested).toBeNull();
    expect(world.sent[0]?.body.max_tokens).toBe(32_768);
    expect(response.headers.get("x-gaia-warnings")).toBe("output_cap_set@max_tokens");
  });

  test("a request for no answer is asked about like one for one", async () => {
    await world.chat("openai/gpt-4.1", { n: 0, max_tokens: 7 });
    expect(world.asked[0]?.output).toMatchObject({ candidates: 1, assumed: 7 });
  });

  test("what an encoder must write anyway is not raised", async () => {
    world.provider = async () => Response.json(CLAUDE_ANSWER);
    world.answers = [{ outputCap: 64_000 }];
    await world.chat("anthropic/claude-haiku-4-5");
    expect(world.sent[0]?.body.max_tokens).toBe(32_000);
    expect(world.settled[0]?.result.outputCap).toBe(32_000);
  });

  test("thinking has to fit into it", async () => {
    world.provider = async () => Response.json(CLAUDE_ANSWER);
    world.answers = [{ outputCap: 2000, lowered: true }];
    await world.chat("anthropic/claude-haiku-4-5", { max_tokens: 20_000, reasoning_effort: "medium" });
    expect(world.sent[0]?.body).toMatchObject({ max_tokens: 2000, thinking: { budget_tokens: 1999 } });
  });

  test("a strict client's is not to be lowered, and what is set for it is no loss", async () => {
    world.answers = [{ outputCap: 500 }];
    const response = await world.chat("openai/gpt-4.1", {}, { "x-gaia-strict": "true" });
    expect(response.status).toBe(200);
    expect(world.asked[0]?.output).toMatchObject({ requested: null, least: 32_768 });
    await world.chat("openai/gpt-4.1", { max_tokens: 900 }, { "x-gaia-strict": "true" });
    expect(world.asked[1]?.output).toMatchObject({ requested: 900, least: 900 });
  });

  test("without one the body is the client's own", async () => {
    await world.chat("gpt-4.1", { max_tokens: 900 });
    expect(world.sent[0]?.body).toEqual({
      model: "gpt-4.1",
      messages: [{ role: "user", content: "hi" }],
      max_tokens: 900,
    });
    expect(world.settled[0]?.result.outputCap).toBeNull();
  });
});
