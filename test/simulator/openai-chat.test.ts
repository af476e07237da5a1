import { describe, expect, test } from "vitest";
import { collect, useSimulator } from "./setup.ts";

const { openai, newest, url } = useSimulator();

const parameters = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer", minimum: 3 } },
  required: ["city", "days"],
};
const tool = (name: string) => ({ type: "function" as const, function: { name, parameters } });
const user = (content: string) => ({ role: "user" as const, content });
const model = "gpt-6.1-sol";

describe("Chat Completions", () => {
  test("quotes the user and bills what the books say", async () => {
    const answer = await openai().chat.completions.create({ model, messages: [user("good morning")] });
    expect(answer.choices[0]?.message.content).toBe(`You said: "good morning". This is ${model}, simulated.`);
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    const entry = await newest();
    expect(entry.usage).toEqual(answer.usage);
    expect(entry.tokens?.output).toBe(answer.usage?.completion_tokens);
    expect(entry.tokens?.inputUncached).toBe(answer.usage?.prompt_tokens);
    expect(entry.id).toBe(answer._request_id);
  });

  test("streams the same text and, asked for, the same usage", async () => {
    const whole = await openai().chat.completions.create({ model, messages: [user("good morning")] });
    const stream = openai().chat.completions.stream({
      model,
      messages: [user("good morning")],
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(await stream.totalUsage()).toMatchObject({
      prompt_tokens: whole.usage?.prompt_tokens,
      completion_tokens: whole.usage?.completion_tokens,
    });
  });

  test("usage is null on every chunk but one without choices, or not there at all", async () => {
    const asked = await openai().chat.completions.create({
      model,
      messages: [user("hi")],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(asked);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage).toEqual((await newest()).usage);
    const plain = await collect(
      await openai().chat.completions.create({ model, messages: [user("hi")], stream: true }),
    );
    expect(plain.every((chunk) => !("usage" in chunk) && chunk.choices.length === 1)).toBe(true);
  });

  test("calls two tools at once, whole and streamed, and closes with their results", async () => {
    const tools = [tool("weather"), tool("traffic")];
    const first = await openai().chat.completions.create({ model, messages: [user("Paris?")], tools });
    const message = first.choices[0]?.message;
    const calls = message?.tool_calls ?? [];
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(
      calls.map((call) => (call.type === "function" ? [call.function.name, JSON.parse(call.function.arguments)] : [])),
    ).toEqual([
      ["weather", { city: "example city", days: 3 }],
      ["traffic", { city: "example city", days: 3 }],
    ]);
    const streamed = await openai()
      .chat.completions.stream({ model, messages: [user("Paris?")], tools })
      .finalChatCompletion();
    expect(
      streamed.choices[0]?.message.tool_calls?.map((call) => call.type === "function" && call.function.arguments),
    ).toEqual(calls.map((call) => call.type === "function" && call.function.arguments));
    expect(message).toBeDefined();
    if (message === undefined) return;
    const results = calls.map((call, index) => ({
      role: "tool" as const,
      tool_call_id: call.id,
      content: `result ${index}`,
    }));
    const second = await openai().chat.completions.create({
      model,
      messages: [user("Paris?"), message, ...results],
      tools,
    });
    expect(second.choices[0]?.message.content).toBe('The tools answered: "result 0" and "result 1".');
  });

  test.each([
    ["none", { tool_choice: "none" as const }, []],
    ["required", { tool_choice: "required" as const }, ["a", "b"]],
    ["one by name", { tool_choice: { type: "function" as const, function: { name: "b" } } }, ["b"]],
    ["not in parallel", { parallel_tool_calls: false }, ["a"]],
    [
      "an allowed set",
      {
        tool_choice: {
          type: "allowed_tools" as const,
          allowed_tools: { mode: "auto" as const, tools: [{ type: "function", function: { name: "b" } }] },
        },
      },
      ["b"],
    ],
  ])("tool choice: %s", async (_, choice, names) => {
    const answer = await openai().chat.completions.create({
      model,
      messages: [user("go")],
      tools: [tool("a"), tool("b")],
      ...choice,
    });
    const calls = answer.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => call.type === "function" && call.function.name)).toEqual(names);
  });

  test("fits a JSON schema, stops at a stop sequence, cuts at the cap, answers n times", async () => {
    const schema = {
      type: "object",
      properties: { ok: { type: "boolean" }, tags: { type: "array", items: { enum: ["x", "y"] } } },
      required: ["ok", "tags"],
      additionalProperties: false,
    };
    const json = await openai().chat.completions.create({
      model,
      messages: [user("json")],
      response_format: { type: "json_schema", json_schema: { name: "s", schema } },
    });
    expect(JSON.parse(json.choices[0]?.message.content ?? "")).toEqual({ ok: true, tags: ["x"] });
    const stopped = await openai().chat.completions.create({
      model: "gpt-4.1",
      messages: [user("one STOP two")],
      stop: ["STOP"],
    });
    expect(stopped.choices[0]?.message.content).toBe('You said: "one ');
    expect(stopped.choices[0]?.finish_reason).toBe("stop");
    const cut = await openai().chat.completions.create({ model, messages: [user("hello")], max_completion_tokens: 3 });
    expect([cut.choices[0]?.finish_reason, cut.usage?.completion_tokens, cut.choices[0]?.message.content]).toEqual([
      "length",
      3,
      'You said: "h',
    ]);
    const several = await openai()
      .chat.completions.stream({ model, messages: [user("hi")], n: 2 })
      .finalChatCompletion();
    expect(several.choices.map((choice) => choice.message.content?.endsWith("(choice 2)"))).toEqual([false, true]);
  });

  test("bills reasoning it does not show, inside the completion tokens", async () => {
    const answer = await openai().chat.completions.create({
      model,
      messages: [user("think")],
      reasoning_effort: "low",
    });
    const reasoning = answer.usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    expect(reasoning).toBeGreaterThan(0);
    expect(answer.usage?.completion_tokens).toBeGreaterThan(reasoning);
    expect((await newest()).tokens?.reasoning).toBe(reasoning);
  });

  test("reads a long repeated prefix from the cache", async () => {
    const long = { role: "system" as const, content: "All work and no play. ".repeat(400) };
    const first = await openai().chat.completions.create({ model, messages: [long, user("one")] });
    const second = await openai().chat.completions.create({ model, messages: [long, user("two")] });
    expect(first.usage?.prompt_tokens_details).toMatchObject({ cached_tokens: 0, cache_write_tokens: 2176 });
    expect(second.usage?.prompt_tokens_details).toMatchObject({ cached_tokens: 2176, cache_write_tokens: 0 });
    const { tokens } = await newest();
    expect((tokens?.inputUncached ?? 0) + (tokens?.cacheRead ?? 0)).toBe(second.usage?.prompt_tokens);
  });

  test.each([
    ["an unknown parameter", { stray: 1 }, "Unrecognized request argument supplied: stray"],
    ["no messages", { messages: undefined }, "Missing required parameter: 'messages'."],
    ["a bad role", { messages: [{ role: "robot", content: "x" }] }, "Invalid value: 'robot'."],
    [
      "an unanswered call",
      {
        messages: [
          {
            role: "assistant",
            tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }],
          },
        ],
      },
      "did not have response messages: call_1",
    ],
    [
      "an orphan result",
      { messages: [{ role: "tool", tool_call_id: "x", content: "y" }] },
      "must be a response to a preceeding message",
    ],
    ["a temperature of 3", { temperature: 3 }, "Invalid 'temperature': decimal above maximum value."],
    [
      "stream options without a stream",
      { stream_options: { include_usage: true } },
      "only allowed when 'stream' is enabled",
    ],
    ["a stop sequence of a model that reasons", { stop: ["x"] }, "'stop' is not supported with this model."],
    ["the older cap of a model that reasons", { max_tokens: 9 }, "Use 'max_completion_tokens' instead."],
  ])("refuses %s", async (_, body, message) => {
    const response = await fetch(`${url()}/openai/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer k" },
      body: JSON.stringify({ model, messages: [user("x")], ...body }),
    });
    const { error } = (await response.json()) as { error: { message: string; type: string } };
    expect(response.status).toBe(400);
    expect(error.type).toBe("invalid_request_error");
    expect(error.message).toContain(message);
  });

  test("sends models that only Responses serves there, whatever else their names ask for", async () => {
    for (const name of ["gpt-5.3-codex", "gpt-5-pro+status-429"])
      await expect(openai().chat.completions.create({ model: name, messages: [user("x")] })).rejects.toMatchObject({
        status: 404,
        message: expect.stringContaining("only supported in v1/responses and not in v1/chat/completions"),
        param: "model",
      });
    const answer = await openai().responses.create({ model: "gpt-5.3-codex", input: "x" });
    expect(answer.output_text).toContain("gpt-5.3-codex");
  });

  test("wants a key, knows its models, embeds", async () => {
    const response = await fetch(`${url()}/openai/v1/models`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error", code: null } });
    const models = await collect(openai().models.list());
    expect(models.map((one) => one.id)).toContain(model);
    expect((await openai().models.retrieve(model)).id).toBe(model);
    await expect(openai().models.retrieve("nothing")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    const input = ["one", "two"];
    // The SDK asks for base64 and decodes it; the plain form must say the same.
    const base64 = await openai().embeddings.create({ model: "text-embedding-3-small", input, dimensions: 8 });
    const float = await openai().embeddings.create({
      model: "text-embedding-3-small",
      input,
      dimensions: 8,
      encoding_format: "float",
    });
    for (const [index, { embedding }] of float.data.entries()) {
      expect(embedding).toHaveLength(8);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
      for (const [at, value] of embedding.entries()) expect(base64.data[index]?.embedding[at]).toBeCloseTo(value, 6);
    }
    expect(base64.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
    const tokens = await openai().embeddings.create({ model: "text-embedding-3-small", input: [1, 2, 3] });
    expect(tokens.usage.prompt_tokens).toBe(3);
  });
});
