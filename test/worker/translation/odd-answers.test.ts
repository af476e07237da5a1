import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { answer, bodyOf, streamOf } from "../../support/translation-properties/answers.ts";
import { checkAnswer, checkStream } from "../../support/translation-properties/contracts.ts";
import { mutilated, mutilation, oddities, oddJson } from "../../support/translation-properties/mutilate.ts";
import { PAIRS } from "../../support/translation-properties/pairs.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** Providers that say anything at all: the client gets an answer or an error in its own form, and the request is on record. */

interface Reply {
  status: number;
  headers: Record<string, string>;
  pieces: Uint8Array[];
}

let gateway: Gateway;
let upstream: Server;
let reply: Reply;
beforeAll(async () => {
  upstream = createServer(async (request, response) => {
    for await (const _ of request);
    const { status, headers, pieces } = reply;
    response.writeHead(status, headers);
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const names = ["OPENAI", "ANTHROPIC", "GOOGLE", "COMPATIBLE"];
  gateway = await startGateway({
    bindings: Object.fromEntries(
      names.flatMap((name) => [
        [`${name}_BASE_URL`, url],
        [`${name}_API_KEY`, "provider-key"],
      ]),
    ),
  });
});
afterAll(async () => {
  await gateway?.stop();
  upstream?.closeAllConnections();
  upstream?.close();
});

const RUNS = 30;

/** A model of each dialect that no other serves. */
const MODELS: Record<ChatDialectId, string> = {
  "openai-chat": "compatible/a-model",
  "openai-responses": "openai/gpt-5-pro",
  "anthropic-messages": "anthropic/claude-sonnet-4-5",
  "google-generate-content": "google/gemini-3.6-flash",
};

const ASK: Record<ChatDialectId, (model: string, stream: boolean) => { path: string; body: object }> = {
  "openai-chat": (model, stream) => ({
    path: "/v1/chat/completions",
    body: { model, stream, messages: [{ role: "user", content: "hello" }] },
  }),
  "openai-responses": (model, stream) => ({ path: "/v1/responses", body: { model, stream, input: "hello" } }),
  "anthropic-messages": (model, stream) => ({
    path: "/v1/messages",
    body: { model, stream, max_tokens: 3000, messages: [{ role: "user", content: "hello" }] },
  }),
  "google-generate-content": (model, stream) => ({
    path: `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: { contents: [{ role: "user", parts: [{ text: "hello" }] }] },
  }),
};

const anything = fc.oneof(
  fc.constantFrom(...oddities, JSON.stringify("x".repeat(70_000)), JSON.stringify("\u0000\ud800")),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
);
const changes = fc.array(fc.tuple(fc.nat(10_000), anything), { maxLength: 3 });

const bytes = (text: string): Uint8Array[] => [new TextEncoder().encode(text)];
const changed = (text: string, made: readonly (readonly [number, string])[]): string =>
  made.reduce<string>((all, [pick, by]) => oddJson(all, pick, by), text);

/** Whole answers, streams and errors of a dialect, whatever was asked for. */
const replies = (dialect: ChatDialectId): fc.Arbitrary<Reply> =>
  fc.oneof(
    fc.tuple(answer, changes).map(([given, made]) => ({
      status: 200,
      headers: { "content-type": "application/json" },
      pieces: bytes(changed(JSON.stringify(bodyOf(given, dialect)), made)),
    })),
    fc.tuple(answer, mutilation).map(([given, how]) => ({
      status: 200,
      headers: { "content-type": "text/event-stream" },
      pieces: mutilated(streamOf(given, dialect), how),
    })),
    fc
      .tuple(
        fc.constantFrom(400, 401, 404, 429, 500, 503, 529),
        changes,
        fc.constantFrom("application/json", "text/html", ""),
        fc.constantFrom("0", "-1", "1e300", "soon"),
      )
      .map(([status, made, type, wait]) => ({
        status,
        headers: { "content-type": type, "retry-after": wait },
        pieces: bytes(
          changed('{"type":"error","error":{"type":"t","code":"c","message":"m","status":"s","details":[]}}', made),
        ),
      })),
  );

/** A stream that ends well, or else in the client's form of an error. */
function checkEnded(client: ChatDialectId, text: string): void {
  try {
    checkStream(client, text, false);
  } catch {
    checkStream(client, text, true);
  }
}

const seen: string[] = [];

describe.each(PAIRS)("a provider of $a for a client of $b", ({ a, b }) => {
  test("says anything", async () => {
    await fc.assert(
      fc.asyncProperty(replies(a), fc.boolean(), async (said, stream) => {
        reply = said;
        const { path, body } = ASK[b](MODELS[a], stream);
        const got = await fetch(gateway.url + path, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${gateway.apiKey}` },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(5000),
        });
        const text = await got.text();
        seen.push(got.headers.get("x-request-id") ?? "none");
        // A status of its own in the five hundreds is what the provider said, or 502: never our own failure.
        expect(text).not.toContain("internal_error");
        if (got.status !== 200) {
          expect(JSON.parse(text)).toMatchObject({ error: expect.any(Object) });
          expect(got.headers.get("retry-after") ?? "0").toMatch(/^\d+$/);
        } else if (stream) checkEnded(b, text);
        else checkAnswer(b, JSON.parse(text));
      }),
      { seed, numRuns: RUNS },
    );
  });
});

test.each([400, 1000, 4000, 20_000])(
  "figures that nest %i deep cost no row, theirs or a neighbour's",
  async (depth) => {
    const usage = `{"prompt_tokens":3,"completion_tokens":2,"more":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const choices = '[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}]';
    const headers = { "content-type": "application/json" };
    reply = { status: 200, headers, pieces: bytes(`{"id":"1","model":"m","choices":${choices},"usage":${usage}}`) };
    for (const client of ["openai-chat", "anthropic-messages"] as const) {
      const { path, body } = ASK[client](MODELS["openai-chat"], false);
      const got = await fetch(gateway.url + path, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${gateway.apiKey}` },
        body: JSON.stringify(body),
      });
      await got.text();
      const row = await requestRow(gateway, got.headers.get("x-request-id") ?? "none");
      expect(row).toMatchObject({ outcome: "ok", tokens: { input_uncached: 3, output: 2 }, exact: true });
    }
  },
);

test("all of it is on record, and none was a failure of the gateway's", async () => {
  const rows = await Promise.all(seen.map((id) => requestRow(gateway, id)));
  expect(rows).toHaveLength(seen.length);
  for (const row of rows) expect(row.outcome).toMatch(/^(ok|provider_error|stream_error)$/);
  // That a provider failed is in the log, and nothing else is.
  expect(gateway.output()).not.toMatch(/internal_error|"level":"error","event":"(?!request\.failed)/);
});
