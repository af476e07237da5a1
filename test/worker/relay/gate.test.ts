import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type ClientRequest, createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../local/stack/ports.ts";
import { buildBundle } from "../../../local/workerd/bundle.ts";
import { type ServedWorker, serveWorker } from "../../../local/workerd/serve.ts";
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
  /** Milliseconds before the first. */
  delay?: number;
  /** Stays open when all has been sent. */
  open?: boolean;
}

let directory: string;
let worker: ServedWorker;
const scripts = new Map<string, Scripted>();
/** Resolves when the connection of a path has been closed, or has ended. */
const closed = new Map<string, Promise<unknown>>();
/** Sends what was laid down under a path, piece by piece. */
const provider = createServer(async (request, response) => {
  const path = request.url ?? "";
  const script = scripts.get(path) as Scripted;
  closed.set(
    path,
    once(response, "close").then(() => Date.now()),
  );
  response.writeHead(200, { "content-type": script.contentType });
  response.socket?.setNoDelay(true);
  response.flushHeaders();
  await pause(script.delay ?? 0);
  for (const piece of script.pieces) {
    if (!response.write(piece)) await once(response, "drain");
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (script.open !== true) response.end();
});

beforeAll(async () => {
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  directory = mkdtempSync(join(tmpdir(), "gaia-gate-"));
  const module = await buildBundle(join(directory, "bundle"), join(import.meta.dirname, "gate-worker.ts"));
  worker = await serveWorker({ module, directory, port: await freePort(), bindings: {} });
});
afterAll(async () => {
  await worker?.close();
  provider.closeAllConnections();
  provider.close();
  rmSync(directory, { recursive: true, force: true });
});

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

let laid = 0;

/** Asks for such a stream; `path` is where the provider has it. */
function ask(script: Scripted, call: Omit<GateCall, "url" | "id">): { path: string; request: ClientRequest } {
  const path = `/${laid++}`;
  scripts.set(path, script);
  const { port } = provider.address() as AddressInfo;
  const request = httpRequest(`${worker.url}/relay`, { method: "POST", agent: false });
  request.on("error", () => {});
  request.end(
    JSON.stringify({ ...call, id: path.slice(1), url: `http://127.0.0.1:${port}${path}` } satisfies GateCall),
  );
  return { path, request };
}

async function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.on("error", () => {});
  return response;
}

async function meteredOf(path: string): Promise<Metered> {
  for (let tries = 0; tries < 500; tries++) {
    const response = await fetch(`${worker.url}/metered${path}`);
    const told = (await response.json()) as Metered | null;
    if (told !== null) return told;
    await pause(10);
  }
  throw new Error("it was never told how the stream ended");
}

/** What the client gets of such a stream, and what was metered of it. */
async function gated(
  script: Scripted,
  call: Omit<GateCall, "url" | "id">,
): Promise<{ output: Buffer; metered: Metered }> {
  const { path, request } = ask(script, call);
  const response = await answerOf(request);
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  expect(response.statusCode).toBe(200);
  return { output: Buffer.concat(pieces), metered: await meteredOf(path) };
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

const CHUNK = (content: string) =>
  Buffer.from(`data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`);
const ROLE = CHUNK("");
const CALL = { dialect: "openai-chat", edited: false } as const;
const SSE = "text/event-stream";

describe("a client that is held open", () => {
  test.each([false, true])("gets signs of life, and then the answer, edited: %s", async (edited) => {
    const pieces = [ROLE, CHUNK("a"), CHUNK("b"), Buffer.from("data: [DONE]\n\n")];
    const script = { contentType: SSE, pieces, delay: 700 };
    const { output, metered } = await gated(script, { ...CALL, edited, hold: 200 });
    const [, alive = "", rest = ""] = /^((?:: keep-alive\n\n)*)([\s\S]*)$/.exec(output.toString()) ?? [];
    expect(rest).toBe(Buffer.concat(pieces).toString());
    expect(alive.length).toBeGreaterThan(0);
    expect(metered).toMatchObject({ end: "finished", characters: 2, firstBytes: 1 });
  });

  test("gets the error of an answer that fails late", async () => {
    const { request } = ask({ contentType: SSE, pieces: [ROLE], delay: 500 }, { ...CALL, hold: 200 });
    const text = await new Response(await readAll(await answerOf(request))).text();
    expect(text).toMatch(/^(?:: keep-alive\n\n)+data: \{"error":\{.*"code":"upstream_error".*\}\}\n\n$/);
  });

  test("gets an answer of many megabytes as fast as it takes it", async () => {
    const pieces = Array.from({ length: 200 }, () => CHUNK("x".repeat(64 * 1024)));
    const script = { contentType: SSE, pieces: [...pieces, Buffer.from("data: [DONE]\n\n")], delay: 300 };
    const { output, metered } = await gated(script, { ...CALL, hold: 100 });
    expect(output.subarray(-Buffer.concat(script.pieces).length).equals(Buffer.concat(script.pieces))).toBe(true);
    expect(metered.end).toBe("finished");
  });
});

async function readAll(response: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

describe("the client leaves: the provider is let go at once", () => {
  /** More than all buffers on the way hold. */
  const FLOOD = Array.from({ length: 400 }, () => CHUNK("x".repeat(64 * 1024)));

  /** The provider has sent these, and would go on; the client leaves when it has got so many pieces. */
  test.concurrent.each<[moment: string, pieces: Buffer[], more: Partial<GateCall>, got: number]>([
    ["before a byte has come", [], {}, 0],
    ["while the gate is closed", [ROLE, ROLE], {}, 0],
    ["when the gate has opened", [ROLE, CHUNK("a")], {}, 1],
    ["when the gate has opened, edited", [ROLE, CHUNK("a")], { edited: true }, 1],
    ["while it takes no more", FLOOD, {}, 1],
    ["while it takes no more, edited", FLOOD, { edited: true }, 1],
    ["while it is held open", [ROLE], { hold: 100 }, 2],
    ["held open, in the middle of its answer", [ROLE, CHUNK("a")], { hold: 1 }, 2],
  ])("%s", async (_moment, pieces, more, got) => {
    const delay = more.hold === 1 ? 200 : 0;
    const { path, request } = ask({ contentType: SSE, pieces, open: true, delay }, { ...CALL, ...more });
    if (got > 0) {
      const response = await answerOf(request);
      let text = "";
      let seen = 0;
      await new Promise<void>((resolve) =>
        response.on("data", (piece: Buffer) => {
          text += piece;
          seen++;
          if (more.hold === 1 ? text.includes('"a"') : seen >= got) resolve();
          if (pieces === FLOOD) response.pause();
        }),
      );
      if (pieces === FLOOD) await pause(1000);
    } else await pause(300);
    // A reset: the end of what a client sends alone is no sign that it has gone, and is seen at the next byte it is sent.
    request.socket?.resetAndDestroy();
    await closed.get(path);
  });
});
