import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { ENDPOINTS } from "./envelopes.ts";
import { expectNothingLeft, tracesOf } from "./traces.ts";
import { send } from "./wire.ts";

/** What no HTTP library would send, and what looks bad and is not. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

/** Sends bytes, then ends its side; resolves with all that came back once the connection is closed. */
function sendBytes(...pieces: (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.on("data", (data) => {
      answer += data.toString("latin1");
    });
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    socket.on("close", () => resolve(answer));
    for (const piece of pieces) socket.write(piece);
    socket.end();
  });
}

const head = (...lines: string[]) =>
  [
    "POST /v1/chat/completions HTTP/1.1",
    "Host: gateway",
    "Content-Type: application/json",
    `Authorization: Bearer ${gateway.apiKey}`,
    "Connection: close",
    ...lines,
    "",
    "",
  ].join("\r\n");
const BODY = JSON.stringify({ model: "openai/gpt-4.1", messages: [{ role: "user", content: "hello" }] });

const FAULTS: [name: string, bytes: () => string[]][] = [
  ["a body shorter than declared", () => [head(`Content-Length: ${BODY.length + 10}`), BODY]],
  ["a body cut in the middle of its JSON", () => [head(`Content-Length: ${BODY.length}`), BODY.slice(0, -9)]],
  [
    "chunks without their end",
    () => [head("Transfer-Encoding: chunked"), `${BODY.length.toString(16)}\r\n${BODY}\r\n`],
  ],
  ["a chunk of no size", () => [head("Transfer-Encoding: chunked"), `zz\r\n${BODY}\r\n0\r\n\r\n`]],
  ["two lengths", () => [head(`Content-Length: ${BODY.length}`, "Content-Length: 1"), BODY]],
  ["a length that is none", () => [head("Content-Length: -1"), BODY]],
  ["a length and chunks", () => [head("Content-Length: 4", "Transfer-Encoding: chunked"), `zz\r\n${BODY}`]],
  ["a head without its end", () => [head().slice(0, -4)]],
  ["a header without a colon", () => [head("nonsense")]],
  ["no HTTP at all", () => ["\u0016\u0003\u0001 hello\r\n\r\n"]],
];

describe("faults on the wire", () => {
  test.each(FAULTS)("%s reaches no provider and harms nobody", async (_, bytes) => {
    const before = await tracesOf(gateway);
    const answer = await sendBytes(...bytes());
    expect(answer).toMatch(/^$|^HTTP\/1\.1 4\d\d /);
    await expectNothingLeft(gateway, before);
    expect((await fetch(`${gateway.url}/health?database=skip`)).status).toBe(200);
  });
});

describe("what looks bad and is not", () => {
  const ACCEPTED: [name: string, change: (body: string) => string | Buffer][] = [
    ["25 a byte order mark", (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body)])],
    ["27 a lone surrogate", (body) => body.replace('"hello"', '"hello \\ud800"')],
    ["white space around", (body) => ` \r\n\t${body}\n`],
    ["64 levels", (body) => body.replace('"hello"', `"hello ${"[".repeat(64)}"`)],
    ["names of JavaScript's own", (body) => body.replace('"hello"', '"hello __proto__ constructor"')],
  ];

  describe.each(ENDPOINTS)("$name", (endpoint) => {
    test.concurrent.each(ACCEPTED)("%s", async (_, change) => {
      const { path, body } = endpoint.withModel(endpoint.model);
      const headers = ["content-type", "application/json; charset=utf-8", "x-api-key", gateway.apiKey];
      const answer = await send(gateway.url, { method: "POST", path, headers, body: change(JSON.stringify(body)) });
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
      expect((await requestRow(gateway, String(answer.headers["x-request-id"]))).outcome).toBe("ok");
    });
  });

  test("a request without a content type is JSON", async () => {
    const headers = ["authorization", `Bearer ${gateway.apiKey}`];
    const answer = await send(gateway.url, { method: "POST", path: "/v1/chat/completions", headers, body: BODY });
    expect(answer.status).toBe(200);
    expect((await requestRow(gateway, String(answer.headers["x-request-id"]))).outcome).toBe("ok");
  });
});

test("a request that is under way is seen by what looks for traces", async () => {
  const before = await tracesOf(gateway);
  const abort = new AbortController();
  const model = "openai/gpt-4.1+hang";
  const asking = fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.apiKey}` },
    body: BODY.replace("openai/gpt-4.1", model),
    signal: abort.signal,
  });
  await fetch(`${gateway.simulator.url}/_simulator/requests?model=gpt-4.1%2Bhang&wait=10000`);
  // Known keys are admitted beside the call, so the hold may come a moment after it.
  const under = { upstreamCalls: before.upstreamCalls + 1, holds: before.holds + 1 };
  await expect.poll(() => tracesOf(gateway), { timeout: 10_000 }).toMatchObject(under);
  abort.abort();
  await expect(asking).rejects.toThrow();
});
