import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { CITY, checkMetered, collect, LONG_TEXT, partsOf, Visit } from "./visit.ts";

/** The openai SDK's Chat Completions at the gateway, for both providers that speak it. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

type Message = OpenAI.ChatCompletionMessageParam;
type Stop = string | null;

const ask = (text: string): Message[] => [{ role: "user", content: text }];
const tool = (name: string): OpenAI.ChatCompletionTool => ({
  type: "function",
  function: { name, description: `Tells the ${name}.`, parameters: CITY },
});
const echo = (model: string, text: string) =>
  `You said: "${text}". This is ${partsOf(model).upstream.split("+")[0]}, simulated.`;

/** What a case does with the SDK; it returns how each of its requests must have ended. */
type Case = (visit: Visit, client: OpenAI, model: string) => Promise<{ stop: Stop; streamed: boolean }[]>;

const CASES: Record<string, Case> = {
  async "a whole answer"(visit, client, model) {
    const answer = await client.chat.completions.create({ model, messages: ask(visit.marker), user: "user-7" });
    expect(answer.choices[0]?.message.content).toBe(echo(model, visit.marker));
    expect(answer._request_id).toBe(visit.seen[0]?.requestId);
    return [{ stop: "end_turn", streamed: false }];
  },

  async "a stream that did not ask for usage and sees none"(visit, client, model) {
    const stream = await client.chat.completions.create({
      model,
      messages: ask(visit.marker),
      stream: true,
      user: "user-7",
    });
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(echo(model, visit.marker));
    // Code that reads `choices[0]` of every chunk must not meet one without choices.
    expect(chunks.filter((chunk) => chunk.choices.length === 0)).toEqual([]);
    return [{ stop: "end_turn", streamed: true }];
  },

  async "a stream that asked for usage"(visit, client, model) {
    const chunks = await collect(
      await client.chat.completions.create({
        model,
        messages: ask(visit.marker),
        stream: true,
        stream_options: { include_usage: true },
        user: "user-7",
      }),
    );
    const [entry] = await visit.books(1);
    expect(chunks.at(-1)?.usage).toEqual(entry?.usage);
    return [{ stop: "end_turn", streamed: true }];
  },

  async "the streaming helper"(visit, client, model) {
    const runner = client.chat.completions.stream({ model, messages: ask(visit.marker), user: "user-7" });
    let text = "";
    runner.on("content", (delta) => {
      text += delta;
    });
    const final = await runner.finalChatCompletion();
    expect(text).toBe(echo(model, visit.marker));
    expect(final.choices[0]?.message.content).toBe(text);
    return [{ stop: "end_turn", streamed: true }];
  },

  async "the tool loop, run by the SDK"(visit, client, model) {
    const cities: string[] = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: ask(visit.marker),
      user: "user-7",
      tools: [
        {
          type: "function",
          function: {
            name: "weather",
            description: "Tells the weather.",
            parameters: { ...CITY, required: [...CITY.required] },
            parse: (text: string) => JSON.parse(text) as { city: string },
            function: ({ city }: { city: string }) => {
              cities.push(city);
              return "sunny";
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('The tool answered: "sunny".');
    expect(cities).toEqual(["example city"]);
    return [
      { stop: "tool_use", streamed: false },
      { stop: "end_turn", streamed: false },
    ];
  },

  async "parallel tools in a stream, answered in a second turn"(visit, client, model) {
    const tools = [tool("weather"), tool("traffic")];
    const first = await client.chat.completions
      .stream({ model, messages: ask(visit.marker), tools, user: "user-7" })
      .finalMessage();
    const calls = first.tool_calls ?? [];
    expect(calls.map((call) => call.type === "function" && [call.function.name, call.function.arguments])).toEqual([
      ["weather", '{"city":"example city"}'],
      ["traffic", '{"city":"example city"}'],
    ]);
    const results = calls.map(
      (call, index): Message => ({ role: "tool", tool_call_id: call.id, content: `r${index}` }),
    );
    const second = await client.chat.completions.create({
      model,
      messages: [...ask(visit.marker), first, ...results],
      tools,
      user: "user-7",
    });
    expect(second.choices[0]?.message.content).toBe('The tools answered: "r0" and "r1".');
    return [
      { stop: "tool_use", streamed: true },
      { stop: "end_turn", streamed: false },
    ];
  },

  async "an answer that fits a JSON schema"(visit, client, model) {
    const answer = await client.chat.completions.parse({
      model,
      messages: ask(visit.marker),
      user: "user-7",
      response_format: { type: "json_schema", json_schema: { name: "place", strict: true, schema: CITY } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ city: "example city" });
    return [{ stop: "end_turn", streamed: false }];
  },

  async "two answers, cut short"(visit, client, model) {
    const answer = await client.chat.completions.create({
      model,
      messages: ask(visit.marker),
      n: 2,
      max_completion_tokens: 4,
      user: "user-7",
    });
    expect(answer.choices.map((choice) => choice.finish_reason)).toEqual(["length", "length"]);
    return [{ stop: "max_tokens", streamed: false }];
  },

  async "a long prompt that the second request reads from the cache"(visit, client, model) {
    const messages: Message[] = [{ role: "system", content: visit.marker + LONG_TEXT }, ...ask("hello")];
    await client.chat.completions.create({ model, messages, user: "user-7" });
    await collect(await client.chat.completions.create({ model, messages, stream: true, user: "user-7" }));
    const [, second] = await visit.books(2);
    expect(second?.tokens?.cacheRead).toBeGreaterThan(1024);
    return [
      { stop: "end_turn", streamed: false },
      { stop: "end_turn", streamed: true },
    ];
  },
};

describe.each(["openai/gpt-4.1", "openai/gpt-6.1-sol", "openrouter/openai/gpt-6.1-sol"])("Chat with %s", (model) => {
  test.concurrent.each(Object.keys(CASES))("%s", async (name) => {
    const visit = new Visit(gateway);
    const requests = (await CASES[name]?.(visit, visit.openai(), model)) ?? [];
    await checkMetered(visit, { dialect: "openai-chat", model, requests, endUser: "user-7" });
  });
});

test("a bare name is the vendor's own model", async () => {
  const visit = new Visit(gateway);
  await visit.openai().chat.completions.create({ model: "gpt-4.1", messages: ask(visit.marker) });
  await checkMetered(visit, {
    dialect: "openai-chat",
    model: "openai/gpt-4.1",
    requested: "gpt-4.1",
    requests: [{ stop: "end_turn", streamed: false }],
  });
});

test("reasoning is metered as part of the output, in a stream without usage too", async () => {
  const visit = new Visit(gateway);
  const model = "openai/gpt-5.4-mini";
  const asked = { model, messages: ask(visit.marker), reasoning_effort: "high" } as const;
  await visit.openai().chat.completions.create(asked);
  await collect(await visit.openai().chat.completions.create({ ...asked, stream: true }));
  const { rows } = await checkMetered(visit, {
    dialect: "openai-chat",
    model,
    requests: [
      { stop: "end_turn", streamed: false },
      { stop: "end_turn", streamed: true },
    ],
  });
  for (const row of rows) expect(row.tokens.reasoning).toBeGreaterThan(0);
});

test("OpenRouter's signed reasoning comes back to it in the second turn", async () => {
  const visit = new Visit(gateway);
  const model = "openrouter/anthropic/claude-sonnet-5.5";
  const client = visit.openai();
  const reasoning = { reasoning: { effort: "high" } };
  const first = await client.chat.completions.create({ model, messages: ask(visit.marker), ...reasoning });
  const message = first.choices[0]?.message as OpenAI.ChatCompletionMessage & { reasoning_details: unknown[] };
  expect(message.reasoning_details).toMatchObject([{ type: "reasoning.text", signature: expect.any(String) }]);
  const next = (details: unknown[]) =>
    client.chat.completions.create({
      model,
      messages: [...ask(visit.marker), { ...message, reasoning_details: details } as Message, ...ask("and on")],
      ...reasoning,
    });
  await next(message.reasoning_details);
  await checkMetered(visit, {
    dialect: "openai-chat",
    model,
    requests: [
      { stop: "end_turn", streamed: false },
      { stop: "end_turn", streamed: false },
    ],
  });
  // The simulated provider looks at what it gets back: had the gateway changed a byte, it would have said no above.
  const changed = message.reasoning_details.map((detail) => ({ ...(detail as object), signature: "c2lnbmVk" }));
  await expect(next(changed)).rejects.toMatchObject({ status: 400 });
});

test("costs by hand", async () => {
  const visit = new Visit(gateway);
  // GPT-4.1: 2 USD per million in, 8 out. The answer is told; the prompt is the marker's bytes by four, and 3 more.
  await visit.openai().chat.completions.create({ model: "openai/gpt-4.1", messages: ask(visit.marker) });
  const [row] = await visit.rows();
  const input = Math.ceil(visit.marker.length / 4) + 3;
  const output = Math.ceil(echo("openai/gpt-4.1", visit.marker).length / 4);
  expect(row?.tokens).toMatchObject({ input_uncached: input, output });
  expect(row?.cost_nano).toBe(input * 2_000 + output * 8_000);
});

test("leaving in the middle of a stream closes the provider's connection and settles as client_gone", async () => {
  for (const usage of [{}, { stream_options: { include_usage: true } }]) {
    const visit = new Visit(gateway);
    const stream = await visit.openai().chat.completions.create({
      model: "openai/gpt-4.1+chunks-2000+pace-5",
      messages: ask(visit.marker),
      stream: true,
      ...usage,
    });
    for await (const chunk of stream) if (chunk.choices.length > 0) break;
    const [[entry], [row]] = await Promise.all([visit.books(1), visit.rows()]);
    expect(entry).toMatchObject({ clientGone: true, finished: false });
    expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: false, streamed: true });
    expect(row?.tokens.output).toBeLessThan(entry?.tokens?.output ?? 0);
    expect(row?.tokens.input_uncached).toBeGreaterThan(0);
  }
});
