import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { startWebStub, type WebStub } from "../../support/web-stub.ts";
import { Visit } from "../sdk/visit.ts";

/** Media that a request names by address, for providers that do not fetch: what is fetched, when, and for whom. */

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=",
  "base64",
);
const PDF = Buffer.from("%PDF-1.4\n%%EOF\n");

const PAGES: Record<string, { type?: string; body?: Buffer | string; status?: number; location?: string }> = {
  "pictures.example.com/cat.png": { type: "image/png", body: PNG },
  "pictures.example.com/called-text": { type: "text/plain", body: PNG },
  "pictures.example.com/moved": { status: 302, location: "/cat.png" },
  "pictures.example.com/inside": { status: 302, location: "https://169.254.169.254/latest/meta-data" },
  "papers.example.com/one.pdf": { type: "application/octet-stream", body: PDF },
  "pages.example.com/": { type: "text/html", body: "<html>no picture</html>" },
};

let web: WebStub;
let gateway: Gateway;
beforeAll(async () => {
  web = await startWebStub((address, response) => {
    const page = PAGES[address];
    if (page === undefined) response.writeHead(404).end();
    else {
      const headers = { "content-type": page.type, location: page.location };
      response.writeHead(page.status ?? 200, Object.fromEntries(Object.entries(headers).filter(([, value]) => value)));
      response.end(page.body);
    }
  });
  gateway = await startGateway({ internet: web.address });
});
afterAll(async () => {
  await gateway?.stop();
  await web?.close();
});

const model = "google/gemini-3.6-flash";
const picture = (url: string) => ({ type: "image_url" as const, image_url: { url } });

/** A Chat request that shows pictures at addresses. */
const ask = (visit: Visit, urls: string[], headers: Record<string, string> = {}) =>
  visit.openai().chat.completions.create(
    {
      model,
      messages: [{ role: "user", content: [{ type: "text", text: visit.marker }, ...urls.map(picture)] }],
    },
    { headers },
  );

/** What was asked of the web since the last time. */
const askedSince = (before: number) => web.asked.slice(before);

test("a picture reaches Gemini inline, fetched once, and is named as a change", async () => {
  const visit = new Visit(gateway);
  const before = web.asked.length;
  const url = "https://pictures.example.com/cat.png";
  await ask(visit, [url, "https://pictures.example.com/called-text", url, "https://pictures.example.com/moved"]);
  const [entry] = await visit.books(1);
  const { contents } = (entry as BookEntry).body as { contents: { parts: unknown[] }[] };
  const inline = { inlineData: { mimeType: "image/png", data: PNG.toString("base64") } };
  expect(contents[0]?.parts).toEqual([{ text: visit.marker }, inline, inline, inline, inline]);
  expect(askedSince(before).sort()).toEqual([
    "pictures.example.com/called-text",
    "pictures.example.com/cat.png",
    "pictures.example.com/cat.png",
    "pictures.example.com/moved",
  ]);
  expect(visit.seen[0]?.headers.get("x-gaia-warnings")).toBe(
    [1, 2, 3, 4].map((index) => `image_inlined@messages[0].content[${index}]`).join("; "),
  );
});

test("a PDF reaches Chat inline", async () => {
  const visit = new Visit(gateway);
  await visit.anthropic().messages.create({
    model: "compatible/some-model",
    max_tokens: 64,
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: visit.marker },
          { type: "document", source: { type: "url", url: "https://papers.example.com/one.pdf" } },
        ],
      },
    ],
  });
  const [entry] = await visit.books(1);
  expect(JSON.stringify(entry?.body)).toContain(`data:application/pdf;base64,${PDF.toString("base64")}`);
});

const REFUSED: [what: string, url: string, message: RegExp][] = [
  ["a redirect inside", "https://pictures.example.com/inside", /private addresses/],
  ["a page instead of a picture", "https://pages.example.com/", /./],
  ["nothing there", "https://pictures.example.com/nothing", /status 404/],
];

test.each(REFUSED)("%s is refused, and its row costs nothing", async (_what, url, message) => {
  const visit = new Visit(gateway);
  const before = web.asked.length;
  const error = await ask(visit, [url]).then(
    () => null,
    (thrown: { status: number; param: string; message: string }) => thrown,
  );
  expect(error).toMatchObject({ status: 400, param: expect.stringContaining("messages[0].content[1]") });
  expect(error?.message).toMatch(message);
  expect(await visit.books(0)).toEqual([]);
  expect(askedSince(before)).toEqual([url.slice("https://".length)]);
  const row = await requestRow(gateway, visit.seen[0]?.requestId ?? "");
  expect(row).toMatchObject({
    status: 400,
    cost_nano: 0,
    tokens: { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0 },
  });
});

const UNFETCHED: [what: string, urls: string[], headers: Record<string, string>, code: string][] = [
  ["a private address", ["https://10.0.0.1/x.png"], {}, "url_unsupported"],
  ["plain http", ["http://pictures.example.com/cat.png"], {}, "url_unsupported"],
  [
    "more addresses than are fetched",
    Array.from({ length: 21 }, (_, index) => `https://pictures.example.com/${index}`),
    {},
    "url_unsupported",
  ],
  ["strict mode", ["https://pictures.example.com/cat.png"], { "x-gaia-strict": "true" }, "translation_loss"],
];

test.each(UNFETCHED)("%s: refused before anything is fetched, without a row", async (_what, urls, headers, code) => {
  const visit = new Visit(gateway);
  const before = web.asked.length;
  await expect(ask(visit, urls, headers)).rejects.toMatchObject({ status: 400, code });
  expect(askedSince(before)).toEqual([]);
  const response = await fetch(`${gateway.url}/api/requests?limit=1`, {
    headers: { authorization: `Bearer ${gateway.adminKey}` },
  });
  const { data } = (await response.json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).not.toContain(visit.seen[0]?.requestId);
});

test("a revoked key makes the gateway fetch nothing", async () => {
  const admin = async (path: string, body: unknown) => {
    const response = await fetch(`${gateway.url}/api${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { id: string; key: string };
  };
  const key = await admin("/keys", { name: "Soon revoked" });
  const visit = new Visit(gateway);
  const client = visit.openai({ apiKey: key.key });
  // The isolate remembers the key, and sends for it without waiting for the Ledger.
  await client.chat.completions.create({ model, messages: [{ role: "user", content: visit.marker }] });
  await admin(`/keys/${key.id}/revoke`, {});
  const before = web.asked.length;
  const asked = client.chat.completions.create({
    model,
    messages: [{ role: "user", content: [picture("https://pictures.example.com/cat.png")] }],
  });
  await expect(asked).rejects.toMatchObject({ status: 401 });
  expect(askedSince(before)).toEqual([]);
});

test("counting tokens fetches nothing", async () => {
  const visit = new Visit(gateway);
  const before = web.asked.length;
  const counted = await visit.anthropic().messages.countTokens({
    model,
    messages: [
      {
        role: "user",
        content: [{ type: "image", source: { type: "url", url: "https://pictures.example.com/cat.png" } }],
      },
    ],
  });
  expect(counted.input_tokens).toBeGreaterThan(0);
  expect(visit.seen[0]?.headers.get("x-gaia-token-count")).toBe("estimated");
  expect(askedSince(before)).toEqual([]);
});
