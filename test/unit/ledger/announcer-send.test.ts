import { describe, expect, test } from "vitest";
import { sender } from "../../../worker/ledger/delivery-send.ts";

const HEADERS = { "webhook-id": "dlv_1" };

describe("sender", () => {
  test("posts without following redirects, and answers status and Retry-After", async () => {
    const calls: [string, RequestInit][] = [];
    let cancelled = false;
    const body = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    const send = sender(async (...call) => {
      calls.push(call);
      return new Response(body, { status: 503, headers: { "retry-after": "7" } });
    });
    expect(await send("https://example.com/", HEADERS, "{}")).toEqual({ status: 503, retryAfter: "7", error: null });
    const { signal, ...init } = calls[0]?.[1] ?? {};
    expect(init).toEqual({ method: "POST", headers: HEADERS, body: "{}", redirect: "manual" });
    expect(signal?.aborted).toBe(false);
    expect(cancelled).toBe(true);
  });

  test.each<[string, () => Promise<Response>]>([
    ["rejects", () => Promise.reject(new Error("getaddrinfo ENOTFOUND secret.internal"))],
    [
      "throws",
      () => {
        throw new TypeError("Invalid URL");
      },
    ],
  ])("a way out that %s is an answer, in our words", async (_name, deliver) => {
    const answer = await sender(deliver)("https://example.com/", HEADERS, "{}");
    expect(answer).toEqual({ status: null, retryAfter: null, error: "the address could not be reached" });
  });

  test("a receiver that does not answer is left, also by a way out that does not listen", async () => {
    let signal: AbortSignal | null | undefined;
    const send = sender((_url, init) => {
      signal = init.signal;
      return new Promise(() => {});
    }, 20);
    expect(await send("https://example.com/", HEADERS, "{}")).toEqual({
      status: null,
      retryAfter: null,
      error: "no answer within 0.02 seconds",
    });
    expect(signal?.aborted).toBe(true);
  });
});
