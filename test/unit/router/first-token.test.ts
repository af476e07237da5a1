import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UpstreamError } from "../../../worker/dialects/failure.ts";
import { awaitFirstToken, type FirstTokenOptions } from "../../../worker/router/first-token.ts";
import { OVERDUE } from "../../../worker/router/within-idle.ts";

/** How long is waited for a stream's beginning; what begins one is told in relay-gate.test.ts. */

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SECOND = 1000;

/** A provider that sends a ping after so many milliseconds each, then is silent for ever. */
function readerOf(silences: readonly number[]) {
  const left = [...silences];
  const reader = {
    cancelled: false,
    async read(milliseconds: number) {
      const silence = left[0] ?? Number.POSITIVE_INFINITY;
      const waited = Math.min(silence, milliseconds);
      left[0] = silence - waited;
      await new Promise((resolve) => setTimeout(resolve, waited));
      if (reader.cancelled) return null;
      if (waited < silence) return "idle" as const;
      left.shift();
      return new Uint8Array(1);
    },
    cancel() {
      reader.cancelled = true;
    },
  };
  return reader;
}

const PINGS = Array(1000).fill(SECOND);
const PATIENT = { firstTokenTimeout: 60 * SECOND, idleTimeout: 120 * SECOND };

interface Waiting extends FirstTokenOptions {
  upstream: AbortController;
}

function waiting(more: Partial<FirstTokenOptions>): Waiting {
  const upstream = new AbortController();
  return {
    ...{ ...PATIENT, patience: null, upstream, upstreamAborted: upstream.signal },
    abortUpstream: () => upstream.abort(),
    onFirstByte: vi.fn(),
    ...more,
  };
}

/** The outcome, and after how many seconds it came. */
async function outcome(silences: readonly number[], more: Partial<FirstTokenOptions>) {
  const options = waiting(more);
  const begun = Date.now();
  const reader = readerOf(silences);
  const waited = awaitFirstToken(reader, options, () => false).then(
    (how) => ({ how, after: (Date.now() - begun) / SECOND }),
    (error: UpstreamError) => ({ how: error.failure.code, after: (Date.now() - begun) / SECOND }),
  );
  await vi.advanceTimersByTimeAsync(1000 * SECOND);
  return { ...(await waited), letGo: reader.cancelled && options.upstream.signal.aborted };
}

describe("a provider that says nothing of its answer", () => {
  test.each<[what: string, silences: number[], Partial<FirstTokenOptions>, how: string, after: number]>([
    ["nobody else can be asked: headers go out", [], { patience: 10 * SECOND }, "undecided", 10],
    ["the same, with pings", PINGS, { patience: 10 * SECOND }, "undecided", 10],
    ["somebody else can: it has failed", [], {}, "first_token_timeout", 60],
    ["the same, with pings, which put nothing off", PINGS, {}, "first_token_timeout", 60],
    [
      "a first token that is waited for less",
      [],
      { patience: 10 * SECOND, firstTokenTimeout: 500 },
      "first_token_timeout",
      0.5,
    ],
    ["a silence that is borne less", [], { patience: 10 * SECOND, idleTimeout: 500 }, "idle_timeout", 0.5],
    ["a silence behind pings", [SECOND, SECOND], { idleTimeout: 5 * SECOND }, "idle_timeout", 7],
  ])("%s", async (_what, silences, more, how, after) => {
    // Whoever goes on with it needs the provider; a failure lets it go.
    expect(await outcome(silences, more)).toEqual({ how, after, letGo: how !== "undecided" });
  });
});

test.each([
  ["its time is over", OVERDUE, (error: unknown) => error === OVERDUE],
  ["the client has left", undefined, (error: unknown) => error instanceof UpstreamError],
])("its call is aborted since %s: the reader is let go in the listener", async (_why, reason, expected) => {
  const options = waiting({});
  const reader = readerOf([]);
  const waited = awaitFirstToken(reader, options, () => false).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(SECOND);
  options.upstream.abort(reason);
  expect(reader.cancelled).toBe(true);
  await vi.advanceTimersByTimeAsync(1000 * SECOND);
  expect(expected(await waited)).toBe(true);
});

test("the first byte is told once, and no more is read than it takes", async () => {
  const options = waiting({});
  const take = vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true);
  const waited = awaitFirstToken(readerOf(PINGS), options, take);
  await vi.advanceTimersByTimeAsync(10 * SECOND);
  expect([await waited, take.mock.calls.length]).toEqual(["begun", 2]);
  expect(options.onFirstByte).toHaveBeenCalledOnce();
  expect(options.upstream.signal.aborted).toBe(false);
});
