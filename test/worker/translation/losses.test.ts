import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, type RequestRow, requestRow, startGateway } from "../../support/gateway.ts";

/** What translation cannot keep is told: in the answer's header, in the request's record, and with `x-gaia-strict` as a refusal. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

interface Client {
  dialect: string;
  path(model: string): string;
  /** A request that loses something on the way to every other vendor. */
  body(marker: string): Record<string, unknown>;
  model: string;
  lost: string[];
  /** Where the client's error envelope tells code and field. */
  refusal: object;
}

const CLIENTS: Client[] = [
  {
    dialect: "openai-chat",
    path: () => "/v1/chat/completions",
    body: (marker) => ({ messages: [{ role: "user", name: "ann", content: marker }], logit_bias: { 1: 2 } }),
    model: "anthropic/claude-sonnet-4-5",
    lost: ["param_dropped@messages[0].name", "param_dropped@logit_bias"],
    refusal: { error: { code: "translation_loss", param: "messages[0].name" } },
  },
  {
    dialect: "openai-responses",
    path: () => "/v1/responses",
    body: (marker) => ({ input: marker, truncation: "auto", text: { verbosity: "high" } }),
    model: "google/gemini-3.6-flash",
    lost: ["param_dropped@text.verbosity", "param_dropped@truncation"],
    refusal: { error: { code: "translation_loss", param: "text.verbosity" } },
  },
  {
    dialect: "anthropic-messages",
    path: () => "/v1/messages",
    body: (marker) => ({
      max_tokens: 100,
      messages: [{ role: "user", content: [{ type: "text", text: marker, citations: [{ type: "char_location" }] }] }],
      top_k: 5,
    }),
    model: "openai/gpt-4.1",
    lost: ["citation_dropped@messages[0].content[0].citations", "param_dropped@top_k"],
    refusal: {
      error: { details: { error_code: "translation_loss", param: "messages[0].content[0].citations" } },
    },
  },
  {
    dialect: "google-generate-content",
    path: (model) => `/v1beta/models/${model}:generateContent`,
    body: (marker) => ({
      contents: [{ role: "user", parts: [{ text: marker }] }],
      safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW" },
    }),
    model: "openai/gpt-4.1",
    lost: ["param_dropped@generationConfig.mediaResolution", "param_dropped@safety_settings"],
    refusal: {
      error: { details: [{ reason: "TRANSLATION_LOSS", metadata: { field: "generationConfig.mediaResolution" } }] },
    },
  },
];

const ask = (client: Client, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${client.path(client.model)}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.apiKey}`, ...headers },
    body: JSON.stringify(client.dialect === "google-generate-content" ? body : { model: client.model, ...body }),
  });

async function books(marker: string): Promise<BookEntry[]> {
  const response = await fetch(`${gateway.simulator.url}/_simulator/requests?contains=${marker}`);
  return ((await response.json()) as { data: BookEntry[] }).data;
}

type Row = RequestRow & { warnings: string[] };
const rowOf = (response: Response) => requestRow(gateway, response.headers.get("x-request-id") ?? "") as Promise<Row>;

describe.each(CLIENTS)("$dialect", (client) => {
  test("the header and the record name what was lost", async () => {
    const marker = `told-${client.dialect}`;
    const response = await ask(client, client.body(marker));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-gaia-warnings")?.split("; ").sort()).toEqual([...client.lost].sort());
    await response.body?.cancel();
    const row = await rowOf(response);
    expect(row.warnings.sort()).toEqual([...client.lost].sort());
    expect(row.outcome).toBe("ok");
    expect(await books(marker)).toHaveLength(1);
  });

  test("strictly, it is refused before anything is sent", async () => {
    const marker = `strict-${client.dialect}`;
    const response = await ask(client, client.body(marker), { "x-gaia-strict": "true" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(client.refusal);
    expect(response.headers.get("x-gaia-warnings")?.split("; ").sort()).toEqual([...client.lost].sort());
    expect(await books(marker)).toEqual([]);
  });

  test("names that no header and no database can hold do no harm", async () => {
    const hostile = [
      "\u0000",
      "\u001b[31m\r\nx-evil: 1",
      "ключ; a, b",
      "\ud800",
      "😀".repeat(300),
      "a".repeat(5000),
      "__proto__",
    ];
    const body = client.body(`hostile-${client.dialect}`);
    const response = await ask(
      client,
      Object.fromEntries([...Object.entries(body), ...hostile.map((name) => [name, 1])]),
    );
    expect(response.status).toBe(200);
    const header = response.headers.get("x-gaia-warnings") ?? "";
    expect(header).toMatch(/^[\x20-\x7e]+$/);
    expect(header.length).toBeLessThanOrEqual(2048);
    expect(response.headers.get("x-evil")).toBeNull();
    await response.body?.cancel();
    const row = await rowOf(response);
    expect(row.warnings.length).toBeGreaterThanOrEqual(client.lost.length + hostile.length);
    expect(row.warnings.every((warning) => warning.length <= 200)).toBe(true);
  });
});

test.each([
  ["2023-06-01", "true", 200],
  ["2026-10-21", "false", 200],
  ["2026-10-21", "true", 400],
])("a temperature of Messages' wire %s, x-gaia-strict: %s", async (version, strict, status) => {
  const response = await fetch(`${gateway.url}/v1/messages`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-api-key": gateway.apiKey,
      "anthropic-version": version,
      "x-gaia-strict": strict,
    },
    body: JSON.stringify({
      model: "openai/gpt-4.1",
      max_tokens: 10,
      temperature: 0.5,
      messages: [{ role: "user", content: "hello" }],
    }),
  });
  expect(response.status).toBe(status);
  if (status === 200) await response.body?.cancel();
  else expect(await response.json()).toMatchObject({ error: { details: { error_code: "unsupported_parameter" } } });
});

test.each(CLIENTS)("a cap that is none, of $dialect", async (client) => {
  const name = {
    "openai-chat": "max_completion_tokens",
    "openai-responses": "max_output_tokens",
    "anthropic-messages": "max_tokens",
    "google-generate-content": "generationConfig.maxOutputTokens",
  }[client.dialect];
  for (const cap of [0, -1, 1.5]) {
    const body = client.body(`cap-${client.dialect}`);
    const google = client.dialect === "google-generate-content";
    const capped = google ? { generationConfig: { maxOutputTokens: cap } } : { [name ?? ""]: cap };
    const response = await ask(client, { ...body, ...capped });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`'${name}' is ${cap}`);
  }
  expect(await books(`cap-${client.dialect}`)).toEqual([]);
});
