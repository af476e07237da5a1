import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestHarness, type TestHarness } from "wrangler";
import { isUsageChunk } from "../../../worker/dialects/openai-chat/stream.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { StreamMeter } from "../../../worker/router/meter.ts";
import { withoutEvents } from "../../../worker/router/relay-edited.ts";
import { cut, places, respelled, spelling } from "../../support/stream-pieces.ts";
import { ANSWERS } from "../../support/translation/corpus.ts";
import { decode } from "../../support/translation/run-dialect.ts";
import type { GateCall, Metered } from "./gate-worker.ts";

/** What a gated relay hands on, over workerd's own streams: each byte once, in its order, and metered once. */

interface Scripted {
  contentType: string;
  pieces: Uint8Array[];
}

let harness: TestHarness;
const scripts = new Map<string, Scripted>();
/** Sends what was laid down under a path, piece by piece. */
const provider = createServer(async (request, response) => {
  const script = scripts.get(request.url ?? "") as Scripted;
  response.writeHead(200, { "content-type": script.contentType });
  response.socket?.setNoDelay(true);
  for (const piece of script.pieces) {
    if (!response.write(piece)) await once(response, "drain");
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
});

beforeAll(async () => {
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  harness = createTestHarness({
    root: import.meta.dirname,
    workers: [
      {
        config: {
          name: "gate",
          main: "gate-worker.ts",
          compatibility_date: "2026-10-23",
          compatibility_flags: ["nodejs_compat"],
        },
      },
    ],
  });
  await harness.listen();
});
afterAll(async () => {
  await harness?.close();
  provider.closeAllConnections();
  provider.close();
});

let laid = 0;

/** What the client gets of such a stream, and what was metered of it. */
async function gated(script: Scripted, call: Omit<GateCall, "url">): Promise<{ output: Buffer; metered: Metered }> {
  const path = `/${laid++}`;
  scripts.set(path, script);
  const { port } = provider.address() as AddressInfo;
  const worker = harness.getWorker();
  const body = JSON.stringify({ ...call, url: `http://127.0.0.1:${port}${path}` });
  const response = await worker.fetch("http://worker/relay", { method: "POST", body });
  const output = Buffer.from(await response.arrayBuffer());
  expect(response.status, output.toString()).toBe(200);
  for (let tries = 0; tries < 500; tries++) {
    const metered = await worker.fetch(`http://worker/metered/${response.headers.get("x-id")}`);
    const told = (await metered.json()) as Metered | null;
    if (told !== null) return { output, metered: told };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it was never told how the stream ended");
}

// One that begins with a failure does not come so far: test/unit/router/relay-gate.test.ts.
const streams = ANSWERS.filter(
  (answer) => answer.framing !== "whole" && answer.status < 300 && decode(answer).failure === null,
);

describe("a gated stream, cut anywhere, is what the provider sent", () => {
  const cases = streams.flatMap((answer) => {
    const edits = answer.dialect === "openai-chat" && answer.framing === "events";
    return (edits ? [false, true] : [false]).map((edited) => [answer.name, edited, answer] as const);
  });

  test.concurrent.each(cases)("%s, edited: %s", async (_name, edited, { dialect, framing, bytes }) => {
    const contentType = framing === "array" ? "application/json" : "text/event-stream";
    const property = fc.asyncProperty(places, spelling, async (cuts, how) => {
      const sent = framing === "array" ? bytes : respelled(bytes, how);
      const { output, metered } = await gated({ contentType, pieces: cut(sent, cuts) }, { dialect, edited });
      const meter = new StreamMeter(chatDialects[dialect], contentType);
      meter.feed(sent);
      expect(output.equals(edited ? withoutEvents(sent, isUsageChunk) : sent)).toBe(true);
      expect(metered).toEqual({
        ...{ end: "finished", firstBytes: 1, head: expect.any(Number) },
        ...{ facts: meter.facts, characters: meter.observedCharacters() },
      });
      expect(metered.head).toBeGreaterThan(0);
    });
    await fc.assert(property, { numRuns: 15 });
  });
});
