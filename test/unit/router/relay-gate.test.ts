import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { UpstreamError } from "../../../worker/dialects/failure.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { EventReader, isDecisive } from "../../../worker/router/event-reader.ts";
import { type GateOptions, openRelay } from "../../../worker/router/relay-gate.ts";
import { OVERDUE } from "../../../worker/router/within-idle.ts";
import { cut, places, respelled, spelling } from "../../support/stream-pieces.ts";
import { ANSWERS } from "../../support/translation/corpus.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

async function restOf(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What a provider does: sends a text, waits, breaks off; without an `end` its connection stays open. */
type Act = string | number | "break" | typeof END;
const END = Symbol("end");

interface Provider {
  body: ReadableStream<Uint8Array>;
  cancelled: boolean;
}

function providerOf(acts: readonly Act[]): Provider {
  const left = [...acts];
  const provider: Provider = {
    cancelled: false,
    body: new ReadableStream<Uint8Array>({
      async pull(controller) {
        const act = left.shift();
        if (act === undefined) return new Promise(() => {});
        if (typeof act === "number") {
          await pause(act);
          return this.pull?.(controller);
        }
        if (act === END) controller.close();
        else if (act === "break") controller.error(new Error("connection reset"));
        else controller.enqueue(encode(String(act)));
      },
      cancel() {
        provider.cancelled = true;
      },
    }),
  };
  return provider;
}

function options(dialect: ChatDialectId, more: Partial<GateOptions> = {}): GateOptions & { aborts: number } {
  const controller = new AbortController();
  const made = {
    ...{ dialect: chatDialects[dialect], firstTokenTimeout: 60_000, idleTimeout: 120_000, aborts: 0 },
    upstreamAborted: controller.signal,
    abortUpstream() {
      made.aborts++;
      controller.abort();
    },
    onFirstByte: vi.fn(),
    ...more,
  };
  return made;
}

const sse = (...events: unknown[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
const chat = (delta: object, finish: string | null = null) => ({
  id: "c",
  model: "m",
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const ROLE = sse(chat({ role: "assistant", content: "" }));
const START = sse({ type: "message_start", message: { id: "m", model: "c", content: [], usage: { input_tokens: 1 } } });
const PING = 'event: ping\ndata: {"type": "ping"}\n\n';
const CREATED = sse({ type: "response.created", response: { id: "r", model: "m", output: [] } });
const IN_PROGRESS = sse({ type: "response.in_progress", response: { id: "r", model: "m", output: [] } });
const gemini = (...parts: object[]) => ({ candidates: [{ index: 0, content: { role: "model", parts } }] });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a stream has begun with", () => {
  const CALL = chat({ tool_calls: [{ index: 0, id: "t", type: "function", function: { name: "f", arguments: "" } }] });
  test.each<[what: string, ChatDialectId, before: string[], decisive: string]>([
    ["content", "openai-chat", [": ping\n\n", ROLE], sse(chat({ content: "a" }))],
    ["reasoning", "openai-chat", [ROLE], sse(chat({ reasoning_content: "a" }))],
    ["a call without arguments", "openai-chat", [ROLE], sse(CALL)],
    ["an end", "openai-chat", [ROLE], sse(chat({}, "stop"))],
    [
      "text",
      "anthropic-messages",
      [START, PING],
      sse({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ],
    [
      "a call",
      "anthropic-messages",
      [START, PING],
      sse({
        type: "content_block_start",
        index: 0,
        content_block: { type: "tool_use", id: "t", name: "f", input: {} },
      }),
    ],
    ["an end", "anthropic-messages", [START], sse({ type: "message_stop" })],
    [
      "text",
      "openai-responses",
      [CREATED, IN_PROGRESS],
      sse({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "a" }),
    ],
    [
      "a call",
      "openai-responses",
      [CREATED, IN_PROGRESS],
      sse({
        type: "response.output_item.added",
        output_index: 0,
        item: { type: "function_call", id: "i", call_id: "t", name: "f", arguments: "" },
      }),
    ],
    [
      "an end",
      "openai-responses",
      [CREATED],
      sse({ type: "response.completed", response: { id: "r", model: "m", status: "completed", output: [] } }),
    ],
    [
      "text",
      "google-generate-content",
      [sse({ usageMetadata: { promptTokenCount: 1 } }), sse(gemini({ text: "" }))],
      sse(gemini({ text: "a" })),
    ],
    ["a call", "google-generate-content", [], sse(gemini({ functionCall: { name: "f", args: {} } }))],
    [
      "text in an array",
      "google-generate-content",
      ["[", `${JSON.stringify(gemini({ text: "" }))}\r\n`],
      `,${JSON.stringify(gemini({ text: "a" }))}`,
    ],
    [
      "a whole answer",
      "openai-chat",
      ['\n{"id":"c","choices":[{"index":0,', '"message":{"role":"assistant","content":"a"},'],
      '"finish_reason":"stop"}]}',
    ],
  ])("%s of %s", async (_what, dialect, before, decisive) => {
    const given = options(dialect);
    const { head, body } = await openRelay(providerOf([...before, decisive, "rest", END]).body, given);
    // Nothing before was taken for a beginning.
    expect(text(head)).toBe([...before, decisive].join(""));
    expect(text(await restOf(body))).toBe("rest");
    expect(given.aborts).toBe(0);
    expect(given.onFirstByte).toHaveBeenCalledOnce();
  });

  test("an end that only the connection's own shows", async () => {
    const blocked = sse({ promptFeedback: { blockReason: "SAFETY" } });
    const { head, body } = await openRelay(providerOf([blocked, END]).body, options("google-generate-content"));
    expect(text(head)).toBe(blocked);
    expect(text(await restOf(body))).toBe("");
  });

  test("an echo of the request that is too long to be kept", async () => {
    const long = `: ${"x".repeat(1024 * 1024)}\n\n`;
    const { head } = await openRelay(providerOf(Array(9).fill(long)).body, options("openai-chat"));
    expect(head.byteLength).toBe(4 * long.length);
  });
});

describe("a stream that fails before it has begun", () => {
  const OVERLOADED = sse({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
  test.each<[what: string, ChatDialectId, Act[], failure: object, status: number]>([
    ["an error", "openai-chat", [ROLE, sse({ error: { message: "no", code: 503 } })], { kind: "overloaded" }, 503],
    [
      "a rate limit",
      "openai-chat",
      [sse({ error: { message: "slow", code: "rate_limit_exceeded" } })],
      { kind: "rate_limit", code: "rate_limit_exceeded" },
      429,
    ],
    [
      "a bad request",
      "openai-chat",
      [sse({ error: { message: "x", type: "invalid_request_error" } })],
      { kind: "invalid_request" },
      400,
    ],
    [
      "an error",
      "anthropic-messages",
      [START, PING, `event: error\n${OVERLOADED}`],
      { kind: "overloaded", code: "overloaded_error", status: 529 },
      503,
    ],
    [
      "an error",
      "openai-responses",
      [CREATED, sse({ type: "error", code: "server_error", message: "x" })],
      { kind: "internal", code: "server_error" },
      502,
    ],
    [
      "a failed response",
      "openai-responses",
      [
        CREATED,
        sse({
          type: "response.failed",
          response: { id: "r", status: "failed", error: { code: "rate_limit_exceeded", message: "x" } },
        }),
      ],
      { kind: "rate_limit" },
      429,
    ],
    [
      "an error",
      "google-generate-content",
      [sse({ error: { code: 429, message: "x", status: "RESOURCE_EXHAUSTED", details: [{ retryDelay: "7s" }] } })],
      { kind: "rate_limit", code: "RESOURCE_EXHAUSTED", status: 429, retryAfter: 7 },
      429,
    ],
    [
      "an error in an array",
      "google-generate-content",
      ['[{"error":{"code":503,', '"message":"x","status":"UNAVAILABLE"}}]'],
      { kind: "overloaded", status: 503 },
      503,
    ],
    [
      "an error instead of a stream",
      "openai-chat",
      ['{"error":{"message":"x","code":"server_error"}}'],
      { kind: "internal" },
      502,
    ],
    ["nothing at all", "openai-chat", [END], { kind: "malformed", code: "empty_response" }, 502],
    ["blanks", "openai-chat", ["\n\n", END], { kind: "malformed", code: "empty_response" }, 502],
    ["an end without anything", "openai-chat", [ROLE, END], { kind: "truncated" }, 502],
    ["an end without anything", "anthropic-messages", [START, END], { kind: "truncated" }, 502],
    ["an end without anything", "openai-responses", [CREATED, IN_PROGRESS, END], { kind: "truncated" }, 502],
    ["an end without anything", "google-generate-content", ["[", "]", END], { kind: "truncated" }, 502],
    ["plain text", "openai-chat", ["upstream connect error", END], { kind: "truncated" }, 502],
    ["a web page", "openai-chat", ["\n<!doctype html>"], { kind: "malformed", code: "web_page" }, 502],
    ["an event that is no JSON", "openai-chat", ["data: {oops\n\n"], { kind: "malformed", code: "malformed" }, 502],
    ["JSON that breaks off", "openai-chat", ['{"id":', END], { kind: "malformed", code: "malformed" }, 502],
    ["JSON that is no answer", "openai-chat", ["{}"], { kind: "malformed", code: "empty_response" }, 502],
    ["a connection that breaks", "openai-chat", [ROLE, "break"], { kind: "internal", code: "broken_off" }, 502],
    ["silence", "openai-chat", [ROLE], { kind: "timeout", code: "first_token_timeout" }, 504],
    [
      "nothing but pings",
      "openai-chat",
      Array(20)
        .fill(10_000)
        .flatMap((ms) => [": ping\n\n", ms]),
      { kind: "timeout", code: "first_token_timeout" },
      504,
    ],
  ])("%s of %s", async (_what, dialect, acts, failure, status) => {
    const provider = providerOf(acts);
    const given = options(dialect);
    const opening = openRelay(provider.body, given).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(60_000);
    const error = await opening;
    expect(error).toBeInstanceOf(UpstreamError);
    expect((error as UpstreamError).failure).toMatchObject(failure);
    expect((error as UpstreamError).status).toBe(status);
    // Its headers are added on the way to the client, and who looks at it then must still see what it was.
    expect((error as UpstreamError).with({ "x-a": "b" })).toMatchObject({ failure, status, headers: { "x-a": "b" } });
    // There is nothing to let go of a body that has ended.
    expect(given.aborts).toBe(acts.includes(END) ? 0 : 1);
    expect(provider.cancelled).toBe(!acts.includes(END) && !acts.includes("break"));
  });

  test("a silence that is shorter than the wait for the first token", async () => {
    const opening = openRelay(providerOf([ROLE]).body, options("openai-chat", { idleTimeout: 5000 }));
    opening.catch(() => {});
    await vi.advanceTimersByTimeAsync(4999);
    await vi.advanceTimersByTimeAsync(1);
    await expect(opening).rejects.toMatchObject({ failure: { kind: "timeout", code: "idle_timeout" }, status: 504 });
  });

  test.each([
    ["by the client's leaving", undefined, { code: "upstream_error" }],
    ["because its time is over", OVERDUE, OVERDUE],
  ])("its call is aborted %s: the provider is let go at once", async (_why, reason, expected) => {
    const provider = providerOf([ROLE]);
    const controller = new AbortController();
    const opening = openRelay(provider.body, options("openai-chat", { upstreamAborted: controller.signal }));
    opening.catch(() => {});
    await vi.advanceTimersByTimeAsync(1000);
    controller.abort(reason);
    await vi.advanceTimersByTimeAsync(0);
    expect(provider.cancelled).toBe(true);
    await expect(opening).rejects.toMatchObject(expected);
  });
});

describe("any stream, cut anywhere", () => {
  const streams = ANSWERS.filter(({ framing, status }) => framing !== "whole" && status < 300);
  beforeEach(() => void vi.useRealTimers());

  test.each(streams.map((answer) => [answer.name, answer] as const))("%s", async (_name, answer) => {
    const { dialect, framing, bytes } = answer;
    await fc.assert(
      fc.asyncProperty(places, spelling, async (cuts, how) => {
        const sent = framing === "array" ? bytes : respelled(bytes, how);
        const pieces = cut(sent, cuts);
        // The same question asked of the whole stream at once.
        const reader = new EventReader(chatDialects[dialect], framing === "array" ? "json-array" : "sse");
        const events = [...reader.feed(sent), ...reader.end()];
        const first = events.find((event) => event.type === "error" || isDecisive(event));
        const queue = [...pieces];
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            const piece = queue.shift();
            if (piece === undefined) controller.close();
            else controller.enqueue(piece);
          },
        });
        const opened = await openRelay(body, options(dialect)).catch((error: unknown) => error);
        if (first?.type === "error") {
          expect(opened).toMatchObject({ failure: first.failure });
          return;
        }
        const { head, body: rest } = opened as Awaited<ReturnType<typeof openRelay>>;
        expect(Buffer.concat([head, await restOf(rest)]).equals(sent)).toBe(true);
        // Not a piece more was read than it took.
        const ends = pieces.map((_, at) => Buffer.concat(pieces.slice(0, at + 1)).length);
        const before = sent.subarray(0, ends[ends.indexOf(head.length) - 1] ?? 0);
        const early = new EventReader(chatDialects[dialect], framing === "array" ? "json-array" : "sse");
        expect(ends).toContain(head.length);
        expect(early.feed(before).filter(isDecisive)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
