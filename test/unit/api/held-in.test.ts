import { describe, expect, test, vi } from "vitest";
import { heldIn } from "../../../worker/api/inference/held-in.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import { ANSWERS } from "../../support/translation/corpus.ts";
import { DIALECT_IDS, decode } from "../../support/translation/run-dialect.ts";
import { helped } from "../../support/translation-properties/sdk-helpers.ts";

/** What a client that is held open reads, by the vendors' own SDKs. */

const ID = "01M8B0VE7S9FYPRKGJ3D3FDFZ9";
const EVENTS = "text/event-stream; charset=utf-8";
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const held = (dialect: ChatDialectId, framing: "sse" | "json-array" = "sse", report = vi.fn()) =>
  heldIn(chatDialects[dialect], framing, ID, report);

/** A body whose pieces arrive one by one. */
function bodyOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const left = [...pieces] as Uint8Array<ArrayBuffer>[];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}

const STREAMS = ANSWERS.filter(
  (answer) => answer.framing === "events" && answer.status < 300 && decode(answer).failure === null,
);

describe("signs of life before the first event", () => {
  test("all dialects are tried", () => {
    expect(new Set(STREAMS.map(({ dialect }) => dialect))).toEqual(new Set(DIALECT_IDS));
  });

  test.each(STREAMS.map((answer) => [answer.name, answer] as const))("%s", async (_name, { dialect, bytes }) => {
    // Recorded traffic has bodies that an SDK cannot read to their end: it says the same of them then.
    const read = (...pieces: Uint8Array[]) => helped(dialect, 200, EVENTS, bodyOf(pieces)).catch(String);
    const without = await read(bytes);
    const alive = held(dialect).keepAlive();
    expect(await read(alive, alive, alive, bytes)).toEqual(without);
    // A proxy may join them, or cut them.
    const joined = Buffer.concat([alive, alive, bytes]);
    expect(await read(joined)).toEqual(without);
    const at = alive.length - 1;
    expect(await read(joined.subarray(0, at), joined.subarray(at))).toEqual(without);
  });

  test("Gemini's are nothing to a reader of lines, or of JSON", () => {
    const alive = text(held("google-generate-content").keepAlive());
    // Google's SDK for Python takes whatever is on a line of its own for JSON; that for JavaScript skips white space.
    expect(alive.split(/\r?\n/).filter((line) => line !== "")).toEqual([]);
    expect(JSON.parse(`${alive}${alive}[{"a":1}]`)).toEqual([{ a: 1 }]);
  });
});

describe("a failure behind signs of life", () => {
  const failure = new GatewayError("overloaded", "Everybody is busy.", { retryAfter: 7 });

  test.each(DIALECT_IDS)("%s: the SDK throws", async (dialect) => {
    const { keepAlive, failure: tell } = held(dialect);
    const told = await helped(dialect, 200, EVENTS, bodyOf([keepAlive(), keepAlive(), tell(failure)]));
    expect(told).toBe("an error");
    expect(text(tell(failure))).toContain("Everybody is busy.");
  });

  test("an array is one to its end", () => {
    const { keepAlive, failure: tell } = held("google-generate-content", "json-array");
    const whole = text(Buffer.concat([keepAlive(), keepAlive(), tell(failure)]));
    expect(JSON.parse(whole)).toMatchObject([{ error: { code: 503, status: "UNAVAILABLE" } }]);
  });

  test.each<[dialect: ChatDialectId, status: number, body: object, told: string]>([
    [
      "openai-chat",
      429,
      { error: { message: "slow down", code: "rate_limit_exceeded" } },
      '"code":"rate_limit_exceeded"',
    ],
    ["openai-responses", 500, { error: { message: "no", code: "server_error" } }, '"code":"upstream_error"'],
    ["anthropic-messages", 529, { error: { type: "overloaded_error", message: "busy" } }, '"type":"overloaded_error"'],
    ["google-generate-content", 503, { error: { code: 503, message: "no", status: "UNAVAILABLE" } }, '"UNAVAILABLE"'],
  ])("a provider's own refusal, which comes late: %s", async (dialect, status, body, told) => {
    const { refusal } = held(dialect);
    const bytes = await refusal(Response.json(body, { status }));
    expect(text(bytes)).toContain(told);
    expect(await helped(dialect, 200, EVENTS, bodyOf([bytes]))).toBe("an error");
  });

  test("a page in its place", async () => {
    const bytes = await held("openai-chat").refusal(new Response("<html>", { status: 502 }));
    expect(text(bytes)).toContain('"code":"upstream_error"');
  });

  test("what is ours is noted, and not told", () => {
    const report = vi.fn();
    const { failure: tell } = held("openai-chat", "sse", report);
    const cause = new TypeError("x of undefined");
    expect(text(tell(cause))).toMatch(/"code":"internal_error"/);
    expect(text(tell(cause))).not.toContain("undefined");
    expect(report).toHaveBeenCalledWith({ requestId: ID, what: "internal_error", cause });
    report.mockClear();
    tell(new GatewayError("rate_limit_exceeded", "slow"));
    expect(report).not.toHaveBeenCalled();
  });
});
