import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { type PacingUpstream, pourModel, startPacingUpstream } from "../../support/pacing-upstream.ts";
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

const MEGABYTE = 1024 * 1024;

/** Resident memory of workerd, in bytes. */
function residentBytes(): number {
  const status = readFileSync(`/proc/${gateway.worker.process.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

function open(name: string, usage: boolean): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${gateway.url}/v1/chat/completions`,
      {
        method: "POST",
        agent: false,
        headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" },
      },
      resolve,
    );
    request.on("error", reject);
    const options = usage ? { stream_options: { include_usage: true } } : {};
    request.end(
      JSON.stringify({
        model: `openai/${name}`,
        stream: true,
        messages: [{ role: "user", content: "hi" }],
        ...options,
      }),
    );
  });
}

// 1 KB a second of 50 MB: what matters is that the rest stays with the provider, not how long one looks on.
test.each([
  ["relayed", true],
  ["with the usage chunk taken out", false],
])("a client that reads 1 KB/s of 50 MB leaves memory flat: %s", async (name, usage) => {
  // Isolate, buffers and connection are there after a first, quick stream.
  const warm = await open(pourModel(`warm-${usage}`, { pace: 0, size: 1000, limit: 2 * MEGABYTE }), usage);
  for await (const _ of warm);

  const before = residentBytes();
  const model = pourModel(`slow-${usage}`, { pace: 0, size: 16 * 1024, limit: 50 * MEGABYTE });
  const answer = await open(model, usage);
  answer.pause();
  const pour = await upstream.pour(model);
  // What the first moments took, before the client was known to be slow.
  let early = 0;
  let late = 0;
  let poured = -1;
  for (let second = 0; second < 12; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    answer.read(1024);
    if (second < 6) early = Math.max(early, residentBytes());
    else late = Math.max(late, residentBytes());
    if (second === 5) poured = pour.bytes;
  }
  // The provider was stopped, early, and stays stopped.
  expect(pour.bytes, name).toBeLessThan(30 * MEGABYTE);
  expect(pour.bytes - poured).toBeLessThan(MEGABYTE);
  expect(late - early).toBeLessThan(4 * MEGABYTE);
  expect(late - before).toBeLessThan(40 * MEGABYTE);
  answer.destroy();
  await pour.closed;
});
