import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../browser/browser.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";

/** Keys in a web page of another origin, in Chromium: what it asks before, what it sends, and what its scripts may read. */

let gateway: Gateway;
let browser: Browser;
let server: Server;
let page: Page;
let origin: string;
beforeAll(async () => {
  server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<title>App</title>"));
  const listening = new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  [gateway, browser] = await Promise.all([startGateway(), launchBrowser(), listening]);
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  page = await browser.newPage();
  await page.goto(origin);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  await gateway?.stop();
});

async function make(terms: object): Promise<string> {
  const response = await fetch(`${gateway.url}/api/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "Page", ...terms }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { key: string }).key;
}

/** What a script of the page may read of an answer; the failure's text where it may read nothing. */
const inPage = (path: string, key: string, body: object | null = null) =>
  page.evaluate(
    async ({ url, key, body }) => {
      try {
        const response = await fetch(url, {
          method: body === null ? "GET" : "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-stainless-lang": "js" },
          ...(body === null ? {} : { body: JSON.stringify(body) }),
        });
        const requestId = response.headers.get("x-request-id");
        return { status: response.status, text: await response.text(), requestId };
      } catch (error) {
        return { status: 0, text: String(error), requestId: null };
      }
    },
    { url: gateway.url + path, key, body },
  );

const CHAT = { model: "openai/gpt-6.1-sol", messages: [{ role: "user", content: "hi" }] };

describe("a page", () => {
  test.each([false, true])(
    "of a listed origin asks, and reads the answer and its headers (streamed: %s)",
    async (stream) => {
      const key = await make({ origins: [origin] });
      const answer = await inPage("/v1/chat/completions", key, { ...CHAT, stream });
      expect(answer).toMatchObject({ status: 200, requestId: expect.stringMatching(/^[0-9A-Z]{26}$/) });
      expect(answer.text).toContain(stream ? "[DONE]" : '"choices"');
      expect(await inPage("/v1/key", key)).toMatchObject({ status: 200 });
    },
  );

  test("of another origin is refused, and can read why", async () => {
    for (const key of [await make({ origins: ["https://app.example.com"] }), gateway.apiKey]) {
      const answer = await inPage("/v1/chat/completions", key, CHAT);
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "origin_not_allowed" } });
    }
  });

  test("cannot call the management API at all", async () => {
    const answer = await inPage("/api/keys", gateway.adminKey);
    expect(answer).toEqual({ status: 0, text: "TypeError: Failed to fetch", requestId: null });
  });
});
