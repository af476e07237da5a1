import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { type PacingUpstream, type Pour, pourModel, startPacingUpstream } from "../../support/pacing-upstream.ts";
import { replayBindings } from "../../support/replay.ts";

let gateway: Gateway;
let upstream: PacingUpstream;
beforeAll(async () => {
  upstream = await startPacingUpstream();
  gateway = await startGateway({ bindings: replayBindings(upstream.url) });
});
afterAll(async () => {
  await gateway?.stop();
  await upstream?.close();
});

/** The ways a request of each dialect is spelled; `hides` is a Chat stream whose usage chunk has to be taken out. */
const DIALECTS = {
  chat: { path: () => "/v1/chat/completions", model: "openai", more: { stream_options: { include_usage: true } } },
  hides: { path: () => "/v1/chat/completions", model: "openai", more: {} },
  responses: { path: () => "/v1/responses", model: "openai", more: { input: "hi" } },
  messages: { path: () => "/v1/messages", model: "anthropic", more: { max_tokens: 9 } },
  gemini: {
    path: (model: string) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    model: "google",
    more: { contents: [{ parts: [{ text: "hi" }] }] },
  },
} as const;
type Dialect = keyof typeof DIALECTS;

function open(
  dialect: Dialect,
  model: string,
  stream: boolean,
): { request: ClientRequest; response: Promise<IncomingMessage> } {
  const { path, model: provider, more } = DIALECTS[dialect];
  const name = `${provider}/${model}`;
  const body = JSON.stringify({
    ...(dialect === "gemini" ? {} : { model: name, stream, messages: [{ role: "user", content: "hi" }] }),
    ...more,
  });
  const request = httpRequest(gateway.url + path(name), {
    method: "POST",
    agent: false,
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" },
  });
  const response = new Promise<IncomingMessage>((resolve) => request.once("response", resolve));
  request.on("error", () => {});
  request.end(body);
  return { request, response };
}

/** The ids of the rows that a model's requests left, once there is one. */
async function rowsOf(model: string): Promise<{ event_id: string; outcome: string; status: number; rev: number }[]> {
  for (let tries = 0; tries < 200; tries++) {
    const rows = await gateway.database
      .sql`select event_id, outcome, status, rev from usage_events where upstream_model = ${model}`;
    if (rows.length > 0) return rows as never;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no row came for ${model}`);
}

type Moment = "before headers" | "at the first byte" | "mid-stream" | "while blocked" | "before a whole answer";

/** Milliseconds between two chunks: slow enough that three of them outlast a busy machine's hiccup. */
const PACE = 200;
/** The upstream keeps its headers back for so long, and the client leaves meanwhile. */
const HELD = 500;

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Nothing more goes in while the gateway lives: it answers others, so it is no busy machine that holds the stream up. */
async function untilBlocked(pour: Pour): Promise<void> {
  for (let quiet = 0, before = -1; quiet < 4; quiet = before === pour.chunks ? quiet + 1 : 0) {
    before = pour.chunks;
    await pause(250);
    await (await fetch(`${gateway.url}/health`)).arrayBuffer();
  }
}

/** Opens a request, leaves at the moment, and sees the provider's connection closed and the request settled once. */
async function leave(dialect: Dialect, moment: Moment, round: number): Promise<void> {
  const blocked = moment === "while blocked";
  const early = moment === "before headers" || moment === "before a whole answer";
  const model = pourModel(`${dialect}-${moment.replaceAll(" ", "-")}-${round}`, {
    hold: early ? HELD : 0,
    pace: blocked ? 0 : PACE,
    size: blocked ? 64 * 1024 : 20,
    // A whole answer comes to its end: it is billed, so it is settled with its usage though nobody reads it.
    limit: moment === "before a whole answer" ? 100 : 0,
  });
  const { request, response } = open(dialect, model, moment !== "before a whole answer");
  const pour = await upstream.pour(model);
  if (!early) {
    const answer = await response;
    answer.on("error", () => {});
    const wanted = moment === "mid-stream" ? 2 + (round % 3) : 1;
    await new Promise<void>((resolve) => {
      let pieces = 0;
      answer.on("data", () => {
        if (++pieces === wanted) resolve();
      });
    });
    if (blocked) {
      answer.pause();
      await untilBlocked(pour);
    }
  }
  const before = pour.chunks;
  request.destroy();
  const after = await pour.closed;
  const rows = await rowsOf(model);
  if (moment === "before a whole answer") {
    expect(rows.map(({ rev }) => rev)).toEqual([0]);
    return;
  }
  expect(after - before).toBeLessThanOrEqual(3);
  expect(rows.map(({ outcome, status, rev }) => ({ outcome, status, rev }))).toEqual([
    { outcome: "client_gone", status: 499, rev: 0 },
  ]);
}

const MOMENTS: Moment[] = [
  "before headers",
  "at the first byte",
  "mid-stream",
  "while blocked",
  "before a whole answer",
];
const ROUNDS = 5;

/** Google bills an answer to its end though nobody reads it: test/worker/limits/client-gone.test.ts. */
const isLetGo = (dialect: Dialect, moment: Moment) => dialect !== "gemini" || moment === "before a whole answer";

describe("the client leaves: the provider is let go at once, and the request settles once", () => {
  const cases = (Object.keys(DIALECTS) as Dialect[]).flatMap((dialect) =>
    MOMENTS.filter((moment) => isLetGo(dialect, moment)).flatMap((moment) =>
      Array.from({ length: ROUNDS }, (_, round) => [dialect, moment, round] as const),
    ),
  );
  test.concurrent.each(cases)("%s, %s, round %i", leave);

  test("a hundred were tried", () => {
    expect(cases.length).toBeGreaterThanOrEqual(100);
  });
});

describe("the client reads to the end", () => {
  test("a stream it drops after the last byte is settled as finished", async () => {
    const model = pourModel("whole", { pace: 0, size: 10, limit: 200 });
    const { response } = open("chat", model, true);
    const answer = await response;
    for await (const _ of answer);
    const row = await requestRow(gateway, String(answer.headers["x-request-id"]));
    expect(row.outcome).toBe("ok");
  });
});
