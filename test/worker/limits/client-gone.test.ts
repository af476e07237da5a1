import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { pourModel, startPacingUpstream } from "../../support/pacing-upstream.ts";
import { replayBindings } from "../../support/replay.ts";
import { Visit } from "../sdk/visit.ts";

/**
 * A client that leaves an answer whose provider bills it to its end all the same: the gateway reads on, so that the row has
 * the figures of the bill and not a guess.
 */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

interface Asking {
  path(model: string): string;
  body(model: string, text: string): object;
}

const GEMINI = (text: string) => ({ contents: [{ parts: [{ text }] }] });
const CHAT = (model: string, text: string, stream: boolean) => ({
  model,
  stream,
  messages: [{ role: "user", content: text }],
});

const ASKINGS: Record<string, Asking> = {
  "Gemini, events": {
    path: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: (_, text) => GEMINI(text),
  },
  "Gemini, an array": {
    path: (model) => `/v1beta/models/${model}:streamGenerateContent`,
    body: (_, text) => GEMINI(text),
  },
  "Chat, translated": { path: () => "/v1/chat/completions", body: (model, text) => CHAT(model, text, true) },
};
const WHOLE: Record<string, Asking> = {
  Gemini: { path: (model) => `/v1beta/models/${model}:generateContent`, body: (_, text) => GEMINI(text) },
  "Chat, translated": { path: () => "/v1/chat/completions", body: (model, text) => CHAT(model, text, false) },
};

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Asks, and leaves at the second piece of the answer, or after a while. */
async function leave(asking: Asking, model: string, text: string, after: "the second piece" | number): Promise<string> {
  const request = httpRequest(gateway.url + asking.path(model), {
    method: "POST",
    agent: false,
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" },
  });
  request.on("error", () => {});
  const response = new Promise<IncomingMessage>((resolve) => request.once("response", resolve));
  request.end(JSON.stringify(asking.body(model, text)));
  if (typeof after === "number") {
    await pause(after);
    request.destroy();
    return "";
  }
  const answer = await response;
  answer.on("error", () => {});
  let pieces = 0;
  await new Promise<void>((resolve) => answer.on("data", () => ++pieces === 2 && resolve()));
  request.destroy();
  return String(answer.headers["x-request-id"]);
}

const MODEL = "google/gemini-3.6-flash+chunks-40+pace-40";
const ROUNDS = 5;
const rounds = (names: string[]) =>
  names.flatMap((name) => Array.from({ length: ROUNDS }, (_, round) => [name, round] as const));

describe("Google's answer is read to its end", () => {
  test.concurrent.each(rounds(Object.keys(ASKINGS)))("a stream: %s, round %i", async (name, _round) => {
    const visit = new Visit(gateway);
    const id = await leave(ASKINGS[name] as Asking, MODEL, visit.marker, "the second piece");
    const [entry] = await visit.books(1);
    expect(entry).toMatchObject({ finished: true, clientGone: false });
    const row = await requestRow(gateway, id);
    expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: true });
    expect(row.tokens.output).toBe(entry?.tokens?.output);
    expect(row.tokens.input_uncached).toBe(entry?.tokens?.inputUncached);
    expect(row.cost_nano).toBeGreaterThan(0);
  });

  test.concurrent.each(rounds(Object.keys(WHOLE)))("a whole answer: %s, round %i", async (name, round) => {
    const visit = new Visit(gateway);
    const model = `google/gemini-3.6-flash+headers-after-${1000 + round}`;
    const whole = `${model}+text-${name.length}-${round}`;
    await leave(WHOLE[name] as Asking, whole, visit.marker, 300);
    const [entry] = await visit.books(1);
    expect(entry).toMatchObject({ finished: true, clientGone: false });
    const [row] = await rowsOf(whole);
    // The runtime may notice only when it has something to write, and then the answer is whole.
    expect(["ok", "client_gone"]).toContain(row?.outcome);
    expect(row).toMatchObject({ exact: true, rev: 0 });
    expect(Number(row?.output)).toBe(entry?.tokens?.output);
  });
});

interface Row {
  outcome: string;
  status: number;
  exact: boolean;
  output: string;
  rev: number;
}

/** The rows of a model of this test's own, once there are any. */
async function rowsOf(model: string, from = gateway): Promise<Row[]> {
  const upstream = model.slice(model.indexOf("/") + 1);
  for (let tries = 0; tries < 200; tries++) {
    const rows = await from.database
      .sql`select outcome, status, exact, output, rev from usage_events where upstream_model = ${upstream}`;
    if (rows.length > 0) return rows as unknown as Row[];
    await pause(50);
  }
  throw new Error(`no row came for ${model}`);
}

test("whose answer stops being billed is let go, and settled by what was seen", async () => {
  const visit = new Visit(gateway);
  const model = "anthropic/claude-haiku-4-5+chunks-40+pace-40";
  const asking: Asking = { path: () => "/v1/chat/completions", body: (name, text) => CHAT(name, text, true) };
  const id = await leave(asking, model, visit.marker, "the second piece");
  const [entry] = await visit.books(1);
  expect(entry).toMatchObject({ clientGone: true });
  const row = await requestRow(gateway, id);
  expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: false });
  expect(row.tokens.output).toBeLessThan(entry?.tokens?.output ?? 0);
});

test("an answer without an end is read for twenty-five seconds", async () => {
  const upstream = await startPacingUpstream();
  const endless = await startGateway({ bindings: replayBindings(upstream.url) });
  try {
    const model = pourModel("endless", { pace: 200, size: 20 });
    const asking = ASKINGS["Gemini, events"] as Asking;
    const request = httpRequest(endless.url + asking.path(`google/${model}`), {
      method: "POST",
      agent: false,
      headers: { authorization: `Bearer ${endless.apiKey}`, "content-type": "application/json" },
    });
    request.on("error", () => {});
    request.once("response", (answer) => answer.once("data", () => request.destroy()).on("error", () => {}));
    request.end(JSON.stringify(asking.body(model, "?")));
    const pour = await upstream.pour(model);
    const chunks = await pour.closed;
    expect(chunks).toBeGreaterThan(80);
    expect(chunks).toBeLessThan(160);
    expect(await rowsOf(`google/${model}`, endless)).toMatchObject([
      { outcome: "client_gone", status: 499, exact: false, rev: 0 },
    ]);
  } finally {
    await endless.stop();
    await upstream.close();
  }
}, 60_000);
