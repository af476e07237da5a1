import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { startWebStub, type WebStub } from "../../support/web-stub.ts";

/** A limit's way from its threshold to a receiver: Ledger, secret, signature, retry, log; in the production bundle. */

interface Delivered {
  headers: IncomingMessage["headers"];
  body: string;
}

let web: WebStub;
let gateway: Gateway;
const delivered: Delivered[] = [];
/** What the receiver answers next; then 204. */
const answers: number[] = [];

beforeAll(async () => {
  web = await startWebStub((_address, response, request) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      delivered.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  gateway = await startGateway({ internet: web.address });
});
afterAll(async () => {
  await gateway?.stop();
  await web?.close();
});

async function manage<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${gateway.url}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, await response.clone().text()).toBe(true);
  return (await response.json()) as T;
}

const ask = () =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-4.1", messages: [{ role: "user", content: "Hello" }] }),
  });

async function received(count: number): Promise<Delivered[]> {
  while (delivered.length < count) await new Promise((resolve) => setTimeout(resolve, 50));
  return delivered;
}

const signatureOf = (secret: string, { headers, body }: Delivered): string =>
  createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64"))
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`)
    .digest("base64");

test("thresholds and exhaustion reach a receiver, signed, tried again, and every attempt is in the log", async () => {
  const hook = await manage<{ id: string; secret: string }>("POST", "webhooks", {
    url: "https://hooks.example.com/gaia",
  });
  const limit = await manage<{ id: string }>("POST", "limits", {
    ...{ organization_id: gateway.rootId, metric: "requests", window: "day", amount: 2, thresholds: [50, 100] },
  });
  answers.push(500);
  for (const status of [200, 200, 429]) expect((await ask()).status).toBe(status);

  // The first answer was a 500: that event comes again after five seconds.
  const all = await received(4);
  for (const one of all) {
    expect(one.headers["webhook-signature"]).toBe(`v1,${signatureOf(hook.secret, one)}`);
    expect(one.headers.host).toBe("hooks.example.com");
  }
  const events = new Map(all.map(({ headers, body }) => [headers["webhook-id"], JSON.parse(body)]));
  const told = [...events.values()].map(({ type, data }) => [type, data.threshold, data.used, data.limit_id]);
  expect(told.sort()).toEqual([
    ["limit.exhausted", null, 2, limit.id],
    ["limit.threshold", 100, 2, limit.id],
    ["limit.threshold", 50, 1, limit.id],
  ]);

  type Attempt = { delivered: boolean; status: number; attempt: number };
  let log: Attempt[] = [];
  while (log.length < 4) {
    ({ data: log } = await manage<{ data: Attempt[] }>("GET", `webhooks/${hook.id}/deliveries`));
  }
  expect(log.map(({ status, delivered: done }) => [status, done]).sort()).toEqual([
    [204, true],
    [204, true],
    [204, true],
    [500, false],
  ]);
});

test("a test is sent on demand", async () => {
  const before = delivered.length;
  const hook = await manage<{ id: string; secret: string }>("POST", "webhooks", {
    url: "https://hooks.example.com/test",
  });
  await manage("POST", `webhooks/${hook.id}/test`);
  const one = (await received(before + 1))[before] as Delivered;
  expect(JSON.parse(one.body)).toMatchObject({ type: "webhook.test", data: { webhook_id: hook.id } });
  expect(one.headers["webhook-signature"]).toBe(`v1,${signatureOf(hook.secret, one)}`);
});
