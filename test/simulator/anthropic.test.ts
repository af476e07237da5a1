import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { collect, useSimulator } from "./setup.ts";

const { anthropic, newest, url } = useSimulator();

const model = "claude-sonnet-5-5";
const tool = (name: string): Anthropic.Tool => ({
  name,
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});
const ask = (text: string): Anthropic.MessageParam[] => [{ role: "user", content: text }];

/** A bare call under the wire version that still takes sampling parameters. */
const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url()}/anthropic/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": "k", "anthropic-version": "2023-06-01", ...headers },
    body: JSON.stringify(body),
  });

describe("Messages", () => {
  test("answers whole and streamed alike, and counts beforehand what it bills", async () => {
    const body = {
      model,
      max_tokens: 500,
      messages: ask("good morning"),
      system: "be brief",
      tools: [tool("t")],
      tool_choice: { type: "none" as const },
    };
    const whole = await anthropic().messages.create(body);
    expect(whole.content).toEqual([
      { type: "text", text: `You said: "good morning". This is ${model}, simulated.`, citations: null },
    ]);
    expect(whole._request_id).toBe((await newest()).id);
    const streamed = await anthropic().messages.stream(body).finalMessage();
    expect(streamed.content).toEqual(whole.content);
    expect(streamed.usage).toMatchObject({
      input_tokens: whole.usage.input_tokens,
      output_tokens: whole.usage.output_tokens,
    });
    expect((await newest()).usage).toEqual(whole.usage);
    const { max_tokens: _, ...counted } = body;
    expect((await anthropic().messages.countTokens(counted)).input_tokens).toBe(whole.usage.input_tokens);
  });

  test("names its events, pings, and tells usage at both ends", async () => {
    const response = await post({ model, max_tokens: 50, stream: true, messages: ask("hi") });
    const events = (await response.text()).trimEnd().split("\n\n");
    const names = events.map((event) => /^event: (\w+)\ndata: /.exec(event)?.[1]);
    expect(names[0]).toBe("message_start");
    expect(names.slice(1, 3)).toEqual(["content_block_start", "ping"]);
    expect(names.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(events[2]).toBe('event: ping\ndata: {"type": "ping"}');
    const { usage } = await newest();
    const delta = JSON.parse((events.at(-2) ?? "").replace(/^[^{]*/, "")) as { usage: unknown };
    expect(usage).toMatchObject(delta.usage as object);
  });

  test("thinks, calls two tools, and takes its own thinking back and no other", async () => {
    const base = {
      model,
      max_tokens: 4000,
      thinking: { type: "adaptive" as const },
      tools: [tool("weather"), tool("traffic")],
    };
    const messages = ask("Paris?");
    const first = await anthropic()
      .messages.stream({ ...base, messages })
      .finalMessage();
    expect(first.content.map((block) => block.type)).toEqual(["thinking", "tool_use", "tool_use"]);
    expect(first.stop_reason).toBe("tool_use");
    expect(first.usage.output_tokens_details?.thinking_tokens).toBe((await newest()).tokens?.reasoning);
    const results: Anthropic.ToolResultBlockParam[] = first.content.flatMap((block, index) =>
      block.type === "tool_use" ? [{ type: "tool_result", tool_use_id: block.id, content: `r${index}` }] : [],
    );
    const turn = (content: Anthropic.ContentBlockParam[], replies = results): Anthropic.MessageParam[] => [
      ...messages,
      { role: "assistant", content },
      { role: "user", content: replies },
    ];
    const second = await anthropic().messages.create({ ...base, messages: turn(first.content) });
    expect(second.content.at(-1)).toMatchObject({ type: "text", text: 'The tools answered: "r1" and "r2".' });
    const change = (fields: object): Anthropic.ContentBlockParam[] =>
      first.content.map((block) => (block.type === "thinking" ? { ...block, ...fields } : block));
    const replay = (content: Anthropic.ContentBlockParam[], replies = results) =>
      anthropic().messages.create({ ...base, messages: turn(content, replies) });
    await expect(replay(change({ signature: "EqQBCgIYAg==" }))).rejects.toThrow(
      /messages\.1\.content\.0: Invalid `signature` in `thinking` block/,
    );
    await expect(replay(change({ thinking: "something else" }))).rejects.toThrow(/cannot be modified/);
    await expect(replay(change({ thinking: "" }))).resolves.toMatchObject({ stop_reason: "end_turn" });
    await expect(replay(first.content, results.slice(1))).rejects.toThrow(
      /messages\.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_/,
    );
  });

  test("hides thinking on request and encrypts it", async () => {
    const thinking = { type: "enabled" as const, budget_tokens: 1024, display: "omitted" as const };
    const hidden = await anthropic()
      .messages.stream({ model: "claude", max_tokens: 2000, thinking, messages: ask("hi") })
      .finalMessage();
    expect(hidden.content[0]).toMatchObject({
      type: "thinking",
      thinking: "",
      signature: expect.stringMatching(/^.{40,}$/),
    });
    expect(hidden.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
    const encrypted = await anthropic()
      .messages.stream({ model: `${model}+redacted`, max_tokens: 2000, messages: ask("hi") })
      .finalMessage();
    expect(encrypted.content.map((block) => block.type)).toEqual(["redacted_thinking", "text"]);
    const again: Anthropic.MessageParam[] = [
      ...ask("hi"),
      { role: "assistant", content: encrypted.content },
      ...ask("and?"),
    ];
    await expect(anthropic().messages.create({ model, max_tokens: 99, messages: again })).resolves.toMatchObject({
      stop_reason: "end_turn",
    });
  });

  test.each([
    ["any", { type: "any" as const }, ["a", "b"]],
    ["one by name", { type: "tool" as const, name: "b" }, ["b"]],
    ["one at a time", { type: "auto" as const, disable_parallel_tool_use: true }, ["a"]],
    ["none", { type: "none" as const }, []],
  ])("tool choice: %s", async (_, tool_choice, names) => {
    const answer = await anthropic().messages.create({
      model,
      max_tokens: 500,
      messages: ask("go"),
      tools: [tool("a"), tool("b")],
      tool_choice,
    });
    expect(answer.content.flatMap((block) => (block.type === "tool_use" ? [block.name] : []))).toEqual(names);
  });

  test("fits a schema, names the stop sequence, cuts at max_tokens, refuses without content", async () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    };
    const json = await anthropic().messages.create({
      model,
      max_tokens: 99,
      messages: ask("x"),
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(json.content[0]).toMatchObject({ text: '{"city":"example city"}' });
    const stopped = await anthropic().messages.create({
      model,
      max_tokens: 99,
      messages: ask("one END two"),
      stop_sequences: ["END"],
    });
    expect(stopped).toMatchObject({
      stop_reason: "stop_sequence",
      stop_sequence: "END",
      content: [{ text: 'You said: "one ' }],
    });
    const cut = await anthropic().messages.create({ model, max_tokens: 3, messages: ask("hello") });
    expect(cut).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 3 },
      content: [{ text: 'You said: "h' }],
    });
    const refused = await anthropic()
      .messages.stream({ model: `${model}+refusal`, max_tokens: 99, messages: ask("x") })
      .finalMessage();
    expect(refused).toMatchObject({ stop_reason: "refusal", content: [], stop_details: { type: "refusal" } });
  });

  test("writes the marked prefix to the cache, then reads it; the counter is not moved by it", async () => {
    const text = "All work and no play. ".repeat(200);
    const system: Anthropic.TextBlockParam[] = [
      { type: "text", text, cache_control: { type: "ephemeral", ttl: "1h" } },
    ];
    const first = await anthropic().messages.create({ model, max_tokens: 99, system, messages: ask("one") });
    expect(first.usage).toMatchObject({
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 1100,
      cache_creation: { ephemeral_1h_input_tokens: 1100, ephemeral_5m_input_tokens: 0 },
      input_tokens: 4,
    });
    const second = await anthropic().messages.create({ model, max_tokens: 99, system, messages: ask("two") });
    expect(second.usage).toMatchObject({
      cache_read_input_tokens: 1100,
      cache_creation_input_tokens: 0,
      input_tokens: 4,
    });
    expect((await newest()).tokens).toMatchObject({ inputUncached: 4, cacheRead: 1100, cacheWrite: 0 });
    expect((await anthropic().messages.countTokens({ model, system, messages: ask("two") })).input_tokens).toBe(1104);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["no max_tokens", { max_tokens: undefined }, "max_tokens: Field required"],
    ["no messages", { messages: [] }, "messages: at least one message is required"],
    [
      "a bad role",
      { messages: [{ role: "robot", content: "x" }] },
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
    ["a stray field", { stray: 1 }, "stray: Extra inputs are not permitted"],
    ["a message that is none", { messages: ["x"] }, "messages.0: Input does not match the expected shape."],
    [
      "empty text",
      { messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
      "text content blocks must be non-empty",
    ],
    [
      "an orphan result",
      { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] }] },
      "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1",
    ],
    [
      "a small budget",
      { thinking: { type: "enabled", budget_tokens: 10 } },
      "Input should be greater than or equal to 1024",
    ],
    [
      "a budget above the cap",
      { thinking: { type: "enabled", budget_tokens: 2000 } },
      "`max_tokens` must be greater than `thinking.budget_tokens`",
    ],
    ["a choice without tools", { tool_choice: { type: "any" } }, "may only be specified while providing tools"],
    [
      "an answer that is begun for it",
      { messages: [...ask("x"), { role: "assistant", content: "It is" }] },
      "does not support assistant message prefill",
    ],
    [
      "an answered call without its thoughts, where a budget is set",
      {
        max_tokens: 4_000,
        thinking: { type: "enabled", budget_tokens: 2_000 },
        messages: [
          ...ask("x"),
          { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "f", input: {} }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] },
        ],
      },
      "Expected `thinking` or `redacted_thinking`, but found `tool_use`",
    ],
  ])("refuses %s", async (_, body, message) => {
    const response = await post({ model, max_tokens: 100, messages: ask("x"), ...body });
    const answer = (await response.json()) as { error: { message: string } };
    expect(response.status).toBe(400);
    expect(answer).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error" },
      request_id: response.headers.get("request-id"),
    });
    expect(answer.error.message).toContain(message);
  });

  test("goes on from a beginning where the model takes one", async () => {
    const messages = [...ask("x"), { role: "assistant", content: "It is" }];
    expect((await post({ model: "claude-haiku-4-5", max_tokens: 9, messages })).status).toBe(200);
    expect((await post({ model: "claude-sonnet-4-6", max_tokens: 9, messages })).status).toBe(400);
  });

  test("both wire versions: sampling parameters only under the older, a version always", async () => {
    const body = { model, max_tokens: 9, messages: ask("x"), temperature: 1 };
    expect((await post(body)).status).toBe(200);
    const newer = await post(body, { "anthropic-version": "2026-10-21" });
    expect(await newer.json()).toMatchObject({ error: { message: "temperature: Extra inputs are not permitted" } });
    const citing = [{ type: "text", text: "x", citations: [{ type: "char_location" }] }];
    const document = [{ type: "document", source: { type: "text", media_type: "text/plain", data: "x" } }];
    for (const [version, status] of [
      ["2023-06-01", 200],
      ["2026-10-21", 400],
    ] as const) {
      const headers = { "anthropic-version": version };
      const cited = { model, max_tokens: 9, messages: [{ role: "user", content: citing }] };
      const documented = {
        model,
        max_tokens: 9,
        messages: [...ask("x"), { role: "assistant", content: document }, ...ask("y")],
      };
      expect([(await post(cited, headers)).status, (await post(documented, headers)).status]).toEqual([status, status]);
    }
    expect(await (await post(body, { "anthropic-version": "1999-01-01" })).json()).toMatchObject({
      error: { message: expect.stringContaining("is not a valid version") },
    });
    expect((await post(body, { "x-api-key": "" })).status).toBe(401);
    expect((await post(body, { "x-api-key": "", authorization: "Bearer k" })).status).toBe(200);
  });

  test("lists models page by page", async () => {
    const ids = (await collect(anthropic().models.list({ limit: 2 }))).map((one) => one.id);
    expect(ids).toContain(model);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await anthropic().models.retrieve(model)).display_name).toBe("Claude Sonnet 5.5");
    await expect(anthropic().models.retrieve("nothing")).rejects.toMatchObject({ status: 404 });
  });
});
