import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { CITY, checkMetered, collect, LONG_TEXT, partsOf, Visit } from "./visit.ts";

/** The openai SDK's Responses at the gateway, for both providers that speak them. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

type Input = OpenAI.Responses.ResponseInputItem[];
type Case = (visit: Visit, client: OpenAI, model: string) => Promise<{ stop: string; streamed: boolean }[]>;

const WHOLE = { stop: "end_turn", streamed: false };
const STREAM = { stop: "end_turn", streamed: true };
const user = { safety_identifier: "user-7" };

const ask = (text: string): Input => [{ role: "user", content: text }];
const tool = (name: string): OpenAI.Responses.FunctionTool => ({
  type: "function",
  name,
  description: `Tells the ${name}.`,
  parameters: CITY,
  strict: true,
});
const echo = (model: string, text: string) => `You said: "${text}". This is ${partsOf(model).upstream}, simulated.`;
const callsOf = (response: OpenAI.Responses.Response) =>
  response.output.filter((item) => item.type === "function_call");
const results = (response: OpenAI.Responses.Response): Input =>
  callsOf(response).map((call, index) => ({
    type: "function_call_output",
    call_id: call.call_id,
    output: `r${index}`,
  }));

const CASES: Record<string, Case> = {
  async "a whole answer"(visit, client, model) {
    const answer = await client.responses.create({ model, input: visit.marker, ...user });
    expect(answer.output_text).toBe(echo(model, visit.marker));
    expect(answer._request_id).toBe(visit.seen[0]?.requestId);
    return [WHOLE];
  },

  async "a stream, event by event"(visit, client, model) {
    const events = await collect(await client.responses.create({ model, input: visit.marker, stream: true, ...user }));
    expect(events[0]?.type).toBe("response.created");
    const last = events.at(-1);
    expect(last?.type === "response.completed" && last.response.output_text !== null).toBe(true);
    const text = events.map((event) => (event.type === "response.output_text.delta" ? event.delta : "")).join("");
    expect(text).toBe(echo(model, visit.marker));
    return [STREAM];
  },

  async "the streaming helper"(visit, client, model) {
    const runner = client.responses.stream({ model, input: visit.marker, ...user });
    const final = await runner.finalResponse();
    expect(final.output_text).toBe(echo(model, visit.marker));
    const [entry] = await visit.books(1);
    expect(final.usage).toEqual(entry?.usage);
    return [STREAM];
  },

  async "parallel tools, and a second turn with their results"(visit, client, model) {
    const tools = [tool("weather"), tool("traffic")];
    const first = await client.responses.stream({ model, input: ask(visit.marker), tools, ...user }).finalResponse();
    expect(callsOf(first).map((call) => [call.name, call.arguments])).toEqual([
      ["weather", '{"city":"example city"}'],
      ["traffic", '{"city":"example city"}'],
    ]);
    const input = [...ask(visit.marker), ...(first.output as Input), ...results(first)];
    const second = await client.responses.create({ model, input, tools, ...user });
    expect(second.output_text).toBe('The tools answered: "r0" and "r1".');
    return [{ stop: "tool_use", streamed: true }, WHOLE];
  },

  async "a tool loop that thinks, its sealed reasoning sent back"(visit, client, model) {
    const asked = {
      model,
      tools: [tool("weather")],
      reasoning: { effort: "high", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      store: false,
      ...user,
    } satisfies Partial<OpenAI.Responses.ResponseCreateParams>;
    const first = await client.responses.create({ ...asked, input: ask(visit.marker) });
    const thought = first.output.find((item) => item.type === "reasoning");
    expect(thought?.encrypted_content).toEqual(expect.any(String));
    const second = await client.responses.create({
      ...asked,
      input: [...ask(visit.marker), ...(first.output as Input), ...results(first)],
      stream: true,
    });
    const events = await collect(second);
    expect(events.some((event) => event.type === "response.reasoning_summary_text.delta")).toBe(true);
    const books = await visit.books(2);
    for (const entry of books) expect(entry.tokens?.reasoning).toBeGreaterThan(0);
    return [{ stop: "tool_use", streamed: false }, STREAM];
  },

  async "an answer that fits a JSON schema"(visit, client, model) {
    const format = { type: "json_schema", name: "place", strict: true, schema: CITY } as const;
    const answer = await client.responses.parse({ model, input: visit.marker, text: { format }, ...user });
    expect(answer.output_parsed).toEqual({ city: "example city" });
    return [WHOLE];
  },

  async "an answer cut short, whole and streamed"(visit, client, model) {
    const asked = { model, input: visit.marker.repeat(4), max_output_tokens: 16, ...user };
    const whole = await client.responses.create(asked);
    expect([whole.status, whole.incomplete_details?.reason]).toEqual(["incomplete", "max_output_tokens"]);
    await client.responses.stream(asked).finalResponse();
    return [
      { stop: "max_tokens", streamed: false },
      { stop: "max_tokens", streamed: true },
    ];
  },

  async "a long prompt that the second request reads from the cache"(visit, client, model) {
    const asked = { model, instructions: visit.marker + LONG_TEXT, input: "hello", ...user };
    await client.responses.create(asked);
    await client.responses.stream(asked).finalResponse();
    const [, second] = await visit.books(2);
    expect(second?.tokens?.cacheRead).toBeGreaterThan(1024);
    return [WHOLE, STREAM];
  },
};

describe.each(["openai/gpt-6.1-sol", "openrouter/openai/gpt-6.1-sol"])("Responses with %s", (model) => {
  test.concurrent.each(Object.keys(CASES))("%s", async (name) => {
    const visit = new Visit(gateway);
    const requests = (await CASES[name]?.(visit, visit.openai(), model)) ?? [];
    await checkMetered(visit, { dialect: "openai-responses", model, requests, endUser: "user-7" });
  });
});

test("a stored response is gone on from", async () => {
  const visit = new Visit(gateway);
  const client = visit.openai();
  const model = "openai/gpt-6.1-sol";
  const first = await client.responses.create({ model, input: visit.marker });
  const second = await client.responses.create({
    model,
    input: `and ${visit.marker}`,
    previous_response_id: first.id,
  });
  expect(second.output_text).toBe(echo(model, `and ${visit.marker}`));
  const { rows } = await checkMetered(visit, { dialect: "openai-responses", model, requests: [WHOLE, WHOLE] });
  expect(rows[1]?.tokens.input_uncached).toBeGreaterThan(rows[0]?.tokens.input_uncached ?? 0);
});

test("costs by hand", async () => {
  const visit = new Visit(gateway);
  const model = "openai/gpt-5.4-mini";
  await visit.openai().responses.create({ model, input: visit.marker });
  const [row] = await visit.rows();
  const input = Math.ceil(visit.marker.length / 4) + 3;
  const output = Math.ceil(echo(model, visit.marker).length / 4);
  // GPT-5.4 mini: 0.75 USD per million in, 4.50 out.
  expect(row?.cost_nano).toBe(input * 750 + output * 4_500);
});

test("aborting a stream closes the provider's connection and settles as client_gone", async () => {
  const visit = new Visit(gateway);
  const runner = visit.openai().responses.stream({ model: "openai/gpt-4.1+chunks-2000+pace-5", input: visit.marker });
  runner.on("response.output_text.delta", () => runner.abort());
  await expect(runner.finalResponse()).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  const [[entry], [row]] = await Promise.all([visit.books(1), visit.rows()]);
  expect(entry).toMatchObject({ clientGone: true, finished: false });
  expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: false, streamed: true });
});
