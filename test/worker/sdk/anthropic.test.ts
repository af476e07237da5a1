import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { CITY, checkMetered, collect, LONG_TEXT, partsOf, Visit } from "./visit.ts";

/** Anthropic's SDK at the gateway: Messages for both providers that speak them, and the token counter. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

type Message = Anthropic.MessageParam;
type Case = (visit: Visit, client: Anthropic, model: string) => Promise<{ stop: string; streamed: boolean }[]>;

const WHOLE = { stop: "end_turn", streamed: false };
const STREAM = { stop: "end_turn", streamed: true };
const rest = { max_tokens: 2_000, metadata: { user_id: "user-7" } };

const ask = (text: string): Message[] => [{ role: "user", content: text }];
const tool = (name: string): Anthropic.Tool => ({
  name,
  description: `Tells the ${name}.`,
  input_schema: { ...CITY, required: [...CITY.required] },
});
const echo = (model: string, text: string) => `You said: "${text}". This is ${partsOf(model).upstream}, simulated.`;
const textOf = (message: Anthropic.Message) =>
  message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
const resultsOf = (message: Anthropic.Message): Message => ({
  role: "user",
  content: message.content
    .filter((block) => block.type === "tool_use")
    .map((block, index) => ({ type: "tool_result", tool_use_id: block.id, content: `r${index}` })),
});
const turn = (message: Anthropic.Message): Message => ({ role: "assistant", content: message.content });

const CASES: Record<string, Case> = {
  async "a whole answer"(visit, client, model) {
    const answer = await client.messages.create({ model, messages: ask(visit.marker), ...rest });
    expect(textOf(answer)).toBe(echo(model, visit.marker));
    expect(answer._request_id).toBe(visit.seen[0]?.requestId);
    return [WHOLE];
  },

  async "a stream, event by event"(visit, client, model) {
    const events = await collect(
      await client.messages.create({ model, messages: ask(visit.marker), stream: true, ...rest }),
    );
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(["message_start", "message_stop"]);
    return [STREAM];
  },

  async "the streaming helper"(visit, client, model) {
    let text = "";
    const stream = client.messages.stream({ model, messages: ask(visit.marker), ...rest });
    stream.on("text", (delta) => {
      text += delta;
    });
    const final = await stream.finalMessage();
    expect([text, textOf(final)]).toEqual([echo(model, visit.marker), echo(model, visit.marker)]);
    expect(stream.request_id).toBe(visit.seen[0]?.requestId);
    return [STREAM];
  },

  async "a tool loop on the beta path"(visit, client, model) {
    const asked = { model, tools: [tool("weather")], betas: ["context-1m-2025-08-07"], ...rest };
    const first = await client.beta.messages.create({ ...asked, messages: ask(visit.marker) });
    const messages = [...ask(visit.marker), turn(first as Anthropic.Message), resultsOf(first as Anthropic.Message)];
    const second = await client.beta.messages.create({ ...asked, messages });
    expect(second.content).toMatchObject([{ type: "text", text: 'The tool answered: "r0".' }]);
    const [entry] = await visit.books(2);
    if (partsOf(model).provider === "anthropic") expect(entry?.headers["anthropic-beta"]).toBe("context-1m-2025-08-07");
    return [{ stop: "tool_use", streamed: false }, WHOLE];
  },

  async "parallel tools in a stream, answered in a second turn"(visit, client, model) {
    const asked = { model, tools: [tool("weather"), tool("traffic")], ...rest };
    const first = await client.messages.stream({ ...asked, messages: ask(visit.marker) }).finalMessage();
    expect(first.content.map((block) => block.type === "tool_use" && [block.name, block.input])).toEqual([
      ["weather", { city: "example city" }],
      ["traffic", { city: "example city" }],
    ]);
    const messages = [...ask(visit.marker), turn(first), resultsOf(first)];
    expect(textOf(await client.messages.create({ ...asked, messages }))).toBe('The tools answered: "r0" and "r1".');
    return [{ stop: "tool_use", streamed: true }, WHOLE];
  },

  async "a tool loop that thinks, the thought's signature sent back"(visit, client, model) {
    const asked = {
      model,
      tools: [tool("weather")],
      thinking: { type: "enabled", budget_tokens: 1_024 },
      ...rest,
    } satisfies Partial<Anthropic.MessageCreateParams>;
    const first = await client.messages.stream({ ...asked, messages: ask(visit.marker) }).finalMessage();
    expect(first.content.map((block) => block.type)).toEqual(["thinking", "tool_use"]);
    const messages = [...ask(visit.marker), turn(first), resultsOf(first)];
    const second = await client.messages.create({ ...asked, messages });
    expect(textOf(second)).toBe('The tool answered: "r0".');
    const [entry] = await visit.books(2);
    expect(entry?.tokens?.reasoning).toBeGreaterThan(0);
    return [{ stop: "tool_use", streamed: true }, WHOLE];
  },

  async "an answer that fits a JSON schema"(visit, client, model) {
    const format = { type: "json_schema", schema: CITY } as const;
    const answer = await client.messages.create({
      model,
      messages: ask(visit.marker),
      output_config: { format: format as never },
      ...rest,
    });
    expect(JSON.parse(textOf(answer))).toEqual({ city: "example city" });
    return [WHOLE];
  },

  async "a stop sequence, and a cap"(visit, client, model) {
    const asked = { ...rest, model, messages: ask(visit.marker) };
    const stopped = await client.messages.create({ ...asked, stop_sequences: ["visit"] });
    expect([stopped.stop_reason, stopped.stop_sequence]).toEqual(["stop_sequence", "visit"]);
    await client.messages.stream({ ...asked, max_tokens: 3 }).finalMessage();
    return [
      { stop: "stop_sequence", streamed: false },
      { stop: "max_tokens", streamed: true },
    ];
  },

  async "a prompt written to the cache for five minutes and an hour, then read"(visit, client, model) {
    const block = (text: string, ttl: "5m" | "1h"): Anthropic.TextBlockParam => ({
      type: "text",
      text,
      cache_control: { type: "ephemeral", ttl },
    });
    const system = [block(visit.marker + LONG_TEXT, "1h"), block(LONG_TEXT, "5m")];
    const asked = { ...rest, model, system, messages: ask("hello") };
    await client.messages.create(asked);
    await client.messages.stream(asked).finalMessage();
    const [first, second] = await visit.books(2);
    expect(first?.tokens?.cacheWrite).toBeGreaterThan(2 * 1024);
    expect(second?.tokens?.cacheRead).toBe(first?.tokens?.cacheWrite);
    return [WHOLE, STREAM];
  },
};

describe.each(["anthropic/claude-haiku-4-5", "anthropic/claude-sonnet-5-5", "openrouter/anthropic/claude-sonnet-5.5"])(
  "Messages with %s",
  (model) => {
    test.concurrent.each(Object.keys(CASES))("%s", async (name) => {
      const visit = new Visit(gateway);
      const requests = (await CASES[name]?.(visit, visit.anthropic(), model)) ?? [];
      await checkMetered(visit, { dialect: "anthropic-messages", model, requests, endUser: "user-7" });
    });
  },
);

test.each([
  ["x-api-key", (visit: Visit) => visit.anthropic()],
  ["Bearer", (visit: Visit) => visit.anthropic({ apiKey: null, authToken: visit.gateway.apiKey })],
] as const)("the key as %s", async (_, client) => {
  const visit = new Visit(gateway);
  await client(visit).messages.create({ model: "claude-haiku-4-5", messages: ask(visit.marker), max_tokens: 100 });
  await checkMetered(visit, {
    dialect: "anthropic-messages",
    model: "anthropic/claude-haiku-4-5",
    requested: "claude-haiku-4-5",
    requests: [WHOLE],
  });
});

test("counting tokens is free, and tells what the request will be billed", async () => {
  const visit = new Visit(gateway);
  const client = visit.anthropic();
  const asked = { model: "anthropic/claude-haiku-4-5", messages: ask(visit.marker), system: "be brief" };
  const counted = await client.messages.countTokens(asked);
  const answered = await client.messages.create({ ...asked, max_tokens: 100 });
  expect(counted.input_tokens).toBe(answered.usage.input_tokens);
  const [row] = await visit.rows();
  expect(row).toMatchObject({
    operation: "count_tokens",
    outcome: "ok",
    exact: true,
    cost_nano: 0,
    tokens: { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 },
  });
});

test("an end user that is an e-mail address is stored as a hash of it", async () => {
  const visit = new Visit(gateway);
  await visit.anthropic().messages.create({
    model: "anthropic/claude-haiku-4-5",
    messages: ask(visit.marker),
    max_tokens: 100,
    metadata: { user_id: "someone@example.com" },
  });
  const [row] = await visit.rows();
  expect(row?.end_user).toMatch(/^hmac:[0-9a-f]{32}$/);
});

test("costs by hand", async () => {
  const visit = new Visit(gateway);
  const model = "anthropic/claude-haiku-4-5";
  await visit.anthropic().messages.create({ model, messages: ask(visit.marker), max_tokens: 100 });
  const [row] = await visit.rows();
  const input = Math.ceil(visit.marker.length / 4) + 3;
  const output = Math.ceil(echo(model, visit.marker).length / 4);
  // Claude Haiku 4.5: 1 USD per million in, 5 out.
  expect(row?.cost_nano).toBe(input * 1_000 + output * 5_000);
});

test("aborting a stream closes the provider's connection and settles as client_gone, its input exact", async () => {
  const visit = new Visit(gateway);
  const stream = visit.anthropic().messages.stream({
    model: "anthropic/claude-haiku-4-5+chunks-2000+pace-5",
    messages: ask(visit.marker),
    max_tokens: 8_000,
  });
  stream.on("text", () => stream.abort());
  await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
  const [[entry], [row]] = await Promise.all([visit.books(1), visit.rows()]);
  expect(entry).toMatchObject({ clientGone: true, finished: false });
  expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: false, streamed: true });
  expect(row?.tokens.input_uncached).toBe(entry?.tokens?.inputUncached);
});
