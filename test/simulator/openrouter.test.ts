import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { collect, useSimulator } from "./setup.ts";

const { openrouter, ask, newest, url } = useSimulator();

/** What OpenRouter adds to OpenAI's message. */
interface Reasoned {
  reasoning: string | null;
  reasoning_details?: { type: string; text?: string; signature?: string; data?: string; format: string }[];
}

const model = "anthropic/claude-sonnet-5.5";

describe("OpenRouter", () => {
  test("pads whole answers, states cost and provider, names the request", async () => {
    const response = await ask("openrouter", model);
    const text = await response.text();
    expect(text).toMatch(/^\n +\n[\s\S]*\{"id":"gen-/);
    const body = JSON.parse(text);
    const entry = await newest();
    expect(body).toMatchObject({
      id: response.headers.get("x-generation-id"),
      provider: "Anthropic",
      choices: [{ native_finish_reason: "end_turn" }],
      usage: entry.usage,
    });
    expect(body.usage.cost).toBe(entry.cost);
    expect(entry.cost).toBeCloseTo(
      ((entry.tokens?.inputUncached ?? 0) * 3 + (entry.tokens?.output ?? 0) * 15) / 1e6,
      10,
    );
  });

  test("streams comments first, the finish reason twice, and usage without being asked", async () => {
    const text = await (await ask("openrouter", model, { stream: true })).text();
    expect(text.startsWith(": OPENROUTER PROCESSING\n\n")).toBe(true);
    const events = text.split("\n\n").filter((event) => event.startsWith("data: "));
    expect(events.pop()).toBe("data: [DONE]");
    const chunks = events.map((event) => JSON.parse(event.slice(6)));
    expect(chunks.filter((chunk) => chunk.choices[0].finish_reason === "stop")).toHaveLength(2);
    expect(chunks.filter((chunk) => "usage" in chunk)).toEqual([chunks.at(-1)]);
    expect(chunks.at(-1).choices).toHaveLength(1);
    expect(chunks.at(-1).usage).toEqual((await newest()).usage);
  });

  test("hides a thought that is sealed whole", async () => {
    const body = { reasoning: { effort: "low", summary: "auto" } };
    const chat = await (await ask("openrouter", `${model}+redacted`, { body })).json();
    expect(chat.choices[0].message).toMatchObject({
      reasoning: null,
      reasoning_details: [{ type: "reasoning.encrypted" }],
    });
    const response = await openrouter().responses.create({ model: `${model}+redacted`, input: "x", ...body } as never);
    expect(response.output[0]).toMatchObject({ type: "reasoning", summary: [], encrypted_content: expect.any(String) });
  });

  test.each([
    ["anthropic/x", ["reasoning.text"], "anthropic-claude-v1"],
    ["openai/x", ["reasoning.summary", "reasoning.encrypted"], "openai-responses-v1"],
    ["google/x", ["reasoning.summary", "reasoning.encrypted"], "google-gemini-v1"],
    ["z-ai/x", ["reasoning.text"], "unknown"],
  ])("reasons as %s, and takes its own reasoning back", async (name, types, format) => {
    const asked = { model: name, messages: [{ role: "user" as const, content: "why?" }], reasoning: { effort: "low" } };
    const whole = await openrouter().chat.completions.create(asked as OpenAI.ChatCompletionCreateParamsNonStreaming);
    const message = whole.choices[0]?.message as OpenAI.ChatCompletionMessage & Reasoned;
    expect(message.reasoning).toContain("why?");
    expect(message.reasoning_details?.map((detail) => detail.type)).toEqual(types);
    expect(message.reasoning_details?.every((detail) => detail.format === format)).toBe(true);
    const replay = (details: Reasoned["reasoning_details"]) =>
      openrouter().chat.completions.create({
        model: name,
        messages: [
          ...asked.messages,
          { ...message, reasoning_details: details } as OpenAI.ChatCompletionMessage,
          { role: "user", content: "and?" },
        ],
      });
    await expect(replay(message.reasoning_details)).resolves.toBeDefined();
    const forged = message.reasoning_details?.map((detail) => ({
      ...detail,
      ...(detail.signature !== undefined && { signature: "x" }),
      ...(detail.data !== undefined && { data: "x" }),
    }));
    if (format !== "unknown") await expect(replay(forged)).rejects.toMatchObject({ status: 400 });
    const stream = await openrouter().chat.completions.create({
      ...asked,
      stream: true,
    } as OpenAI.ChatCompletionCreateParamsStreaming);
    const deltas = (await collect(stream)).map((chunk) => chunk.choices[0]?.delta as Partial<Reasoned>);
    expect(deltas.map((delta) => delta.reasoning ?? "").join("")).toBe(message.reasoning);
  });

  test("hides reasoning on request, ignores what it does not know, loops over tools", async () => {
    const hidden = await ask("openrouter", model, { body: { reasoning: { effort: "low", exclude: true }, stray: 1 } });
    const body = await hidden.json();
    expect(body.choices[0].message.reasoning).toBeNull();
    expect(body.usage.completion_tokens_details.reasoning_tokens).toBeGreaterThan(0);
    const tools: OpenAI.ChatCompletionTool[] = ["a", "b"].map((name) => ({
      type: "function",
      function: { name, parameters: { type: "object", properties: {} } },
    }));
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "go" }];
    const first = await openrouter().chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const calls = first.choices[0]?.message.tool_calls ?? [];
    expect(calls).toHaveLength(2);
    const second = await openrouter().chat.completions.create({
      model,
      tools,
      messages: [
        ...messages,
        { role: "assistant", tool_calls: calls },
        ...calls.map((call) => ({ role: "tool" as const, tool_call_id: call.id, content: "done" })),
      ],
    });
    expect(second.choices[0]?.message.content).toBe('The tools answered: "done" and "done".');
  });

  test("serves Responses without event lines, Messages as Anthropic's, embeddings with cost", async () => {
    const post = (path: string, body: unknown): Promise<Response> =>
      fetch(`${url()}/openrouter/api/v1${path}`, {
        method: "POST",
        headers: { authorization: "Bearer k" },
        body: JSON.stringify(body),
      });
    const events = (await (await post("/responses", { model, input: "hi", stream: true })).text()).split("\n\n");
    expect(events.some((event) => event.startsWith("event:"))).toBe(false);
    expect(events.slice(-2)).toEqual(["data: [DONE]", ""]);
    const completed = JSON.parse(events.at(-3)?.slice(6) ?? "{}");
    expect(completed).toMatchObject({ type: "response.completed", response: { usage: (await newest()).usage } });
    const message = await (
      await post("/messages", { model, max_tokens: 50, messages: [{ role: "user", content: "hi" }] })
    ).json();
    expect(message).toMatchObject({ type: "message", content: [{ type: "text" }], usage: { input_tokens: 4 } });
    const embedding = await (await post("/embeddings", { model: "openai/text-embedding-3-small", input: "x" })).json();
    expect(embedding).toMatchObject({ data: [{ object: "embedding" }], usage: { prompt_tokens: 1, cost: 0.000001 } });
    const models = await (await fetch(`${url()}/openrouter/api/v1/models`)).json();
    expect(models.data[0].pricing).toMatchObject({ prompt: "0.000002", completion: "0.00001" });
    expect(
      await (await fetch(`${url()}/openrouter/api/v1/chat/completions`, { method: "POST", body: "{}" })).json(),
    ).toMatchObject({ error: { code: 401 } });
  });
});
