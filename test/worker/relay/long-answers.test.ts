import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { replayBindings } from "../../support/replay.ts";

/** Embeddings of many texts are longer than any other whole answer: handed on as they come, metered at their end. */

const MEGABYTE = 1024 * 1024;
/** OpenAI prints each number on a line of its own. */
const NUMBERS = `[\n${"        -0.0069292834,\n".repeat(1535)}        0.0123\n      ]`;
const vectors = (bytes: number, name: string) => {
  const one = `{"${name}": ${NUMBERS}}`;
  return Array.from({ length: Math.ceil(bytes / one.length) }, () => one).join(",\n");
};

const openaiAnswer = (bytes: number, usage: string) =>
  `{\n  "object": "list",\n  "data": [${vectors(bytes, "embedding")}],\n  "model": "text-embedding-3-small",\n  ${usage}}\n`;
const USAGE = '"usage": {\n    "prompt_tokens": 4711,\n    "total_tokens": 4711\n  }\n';

const ANSWERS: Record<string, string> = {
  small: openaiAnswer(MEGABYTE, USAGE),
  long: openaiAnswer(48 * MEGABYTE, USAGE),
  "long-without-usage": openaiAnswer(24 * MEGABYTE, '"x": null'),
  "google-long": `{"embeddings": [${vectors(24 * MEGABYTE, "values")}],\n"usageMetadata": {"promptTokenCount": 12, "promptTokenDetails": [{"modality": "TEXT", "tokenCount": 12}]}}\n`,
  "google-without-usage": `{"embeddings": [${vectors(MEGABYTE, "values")}]}`,
  broken: openaiAnswer(24 * MEGABYTE, USAGE),
};

let gateway: Gateway;
let url: string;
let close: () => Promise<void>;
const open = new Set<ServerResponse>();
beforeAll(async () => {
  const server = createServer(async (request, response) => {
    let text = request.url ?? "";
    for await (const chunk of request) text += chunk;
    const name =
      Object.keys(ANSWERS).find((one) => text.includes(`upstream.${one}`) && !text.includes(`${one}-`)) ?? "";
    response.writeHead(200, { "content-type": "application/json" });
    const body = Buffer.from(ANSWERS[name] ?? "");
    if (name !== "broken") return response.end(body);
    response.write(body.subarray(0, body.length / 2));
    open.add(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  gateway = await startGateway({ bindings: replayBindings(url) });
});
afterAll(async () => {
  await gateway?.stop();
  await close?.();
});

const ask = (name: string, signal?: AbortSignal) => {
  const headers = { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" };
  const google = name.startsWith("google");
  return google
    ? fetch(`${gateway.url}/v1beta/models/google/upstream.${name}:batchEmbedContents`, {
        method: "POST",
        headers,
        body: '{"requests":[{"content":{"parts":[{"text":"hi"}]}}]}',
        ...(signal === undefined ? {} : { signal }),
      })
    : fetch(`${gateway.url}/v1/embeddings`, {
        method: "POST",
        headers,
        body: JSON.stringify({ model: `openai/upstream.${name}`, input: ["hi"] }),
        ...(signal === undefined ? {} : { signal }),
      });
};

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const rowOf = (response: Response) => requestRow(gateway, response.headers.get("x-request-id") ?? "");

describe("every byte arrives, and the usage at the end is read", () => {
  test.each([
    ["small", 4711, true],
    ["long", 4711, true],
    ["google-long", 12, true],
  ])("%s", async (name, tokens, exact) => {
    const response = await ask(name);
    expect(response.status).toBe(200);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([bytes.length, sha256(bytes)]).toEqual([ANSWERS[name]?.length, sha256(ANSWERS[name] ?? "")]);
    expect(await rowOf(response)).toMatchObject({
      outcome: "ok",
      status: 200,
      exact,
      tokens: { input_uncached: tokens, output: 0 },
    });
  });

  test.each(["long-without-usage", "google-without-usage"])(
    "%s: input by our estimate, and no output",
    async (name) => {
      const response = await ask(name);
      expect((await response.arrayBuffer()).byteLength).toBe(ANSWERS[name]?.length);
      const row = await rowOf(response);
      expect(row).toMatchObject({ outcome: "ok", exact: false, tokens: { output: 0 } });
      expect(row.tokens.input_uncached).toBeGreaterThan(0);
    },
  );
});

test("an answer that breaks off breaks off for the client too, and is settled", async () => {
  const response = await ask("broken");
  const reading = response.arrayBuffer();
  reading.catch(() => {});
  while (open.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const one of open) one.destroy();
  open.clear();
  await expect(reading).rejects.toThrow();
  expect(await rowOf(response)).toMatchObject({ outcome: "stream_error", error_code: "upstream_error", exact: false });
});

test("a client that leaves lets the provider go", async () => {
  const abort = new AbortController();
  const response = await ask("broken", abort.signal);
  const reader = response.body?.getReader();
  await reader?.read();
  while (open.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const [upstream] = open;
  const closed = new Promise((resolve) => upstream?.once("close", resolve));
  abort.abort();
  await closed;
  expect(await rowOf(response)).toMatchObject({ outcome: "client_gone", status: 499 });
});
