import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { PiledReader } from "../../../worker/router/piled-reader.ts";
import { type Passage, pump } from "../../../worker/router/pump.ts";

beforeAll(() => {
  // Only workerd has it; what matters of it here is that it passes bytes on.
  vi.stubGlobal("IdentityTransformStream", TransformStream);
  vi.useFakeTimers();
});
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const bytes = (text: string) => new TextEncoder().encode(text);

/** A provider that says something after so many milliseconds each, and then ends. */
function readerOf(silences: readonly number[]): PiledReader {
  const left = [...silences];
  return {
    async read(milliseconds) {
      const [silence] = left;
      if (silence === undefined) return null;
      const waited = Math.min(silence, milliseconds);
      left[0] = silence - waited;
      await new Promise((resolve) => setTimeout(resolve, waited));
      if (waited < silence) return "idle";
      left.shift();
      return bytes("said;");
    },
    ended: Promise.resolve(),
    cancel: () => {},
  };
}

const SILENT = { quiet: () => bytes("quiet;") };

test.each<[what: string, silences: number[], Partial<Passage>, told: string]>([
  ["something comes in time", [14_000, 14_000], SILENT, "said;said;"],
  ["a long silence", [31_000, 1000], SILENT, "quiet;quiet;said;said;"],
  ["a silence after another", [20_000, 20_000], SILENT, "quiet;said;quiet;said;"],
  ["a silence that is too long", [100_000], SILENT, "quiet;quiet;quiet;idle;"],
  [
    "it says what is nothing to the client",
    [9000, 9000, 9000, 9000],
    { ...SILENT, piece: () => bytes("") },
    "quiet;quiet;",
  ],
  ["a passage that has nothing to say of it", [31_000, 1000], {}, "said;said;"],
])("while the provider is silent: %s", async (_what, silences, more, told) => {
  const passage = { piece: (read: Uint8Array) => read, end: () => bytes(""), ...more };
  const options = {
    clientGone: new AbortController().signal,
    idleTimeout: 60_000,
    abortUpstream: () => {},
    upstreamAborted: new AbortController().signal,
    onClientGone: () => {},
    onFirstByte: () => {},
    brokenMessage: (end: string) => bytes(`${end};`),
  };
  const { readable } = pump(readerOf(silences), options, passage);
  const text = new Response(readable).text();
  await vi.advanceTimersByTimeAsync(200_000);
  expect(await text).toBe(told);
});

test.each([
  ["a provider that is let go", true, 1],
  ["one that is read on", false, 4],
])("the client leaves: %s", async (_what, letsGo, metered) => {
  const gone = new AbortController();
  const upstream = new AbortController();
  let read = 0;
  let cancelled = false;
  const source = readerOf([1000, 1000, 1000, 1000]);
  const reader: PiledReader = {
    ...source,
    read: async (milliseconds) => (cancelled ? null : source.read(milliseconds)),
    cancel: () => {
      cancelled = true;
    },
  };
  const options = {
    clientGone: gone.signal,
    idleTimeout: 60_000,
    abortUpstream: () => upstream.abort(),
    upstreamAborted: upstream.signal,
    onClientGone: () => {
      if (letsGo) upstream.abort();
    },
    onFirstByte: () => {},
    brokenMessage: (end: string) => bytes(`${end};`),
  };
  const passage = {
    piece: (piece: Uint8Array) => {
      read++;
      if (read === 1) setTimeout(() => gone.abort(), 100);
      return piece;
    },
    end: () => bytes(""),
  };
  const { readable, ended } = pump(reader, options, passage);
  new Response(readable).text().catch(() => {});
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await ended).toBe("client_gone");
  // What had been asked for when the client left may still come.
  expect(read).toBeGreaterThanOrEqual(metered);
  expect(read).toBeLessThanOrEqual(metered + 1);
});
