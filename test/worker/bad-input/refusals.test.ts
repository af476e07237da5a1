import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey, type Peppers } from "../../../worker/auth/api-key.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { ENDPOINTS, type Endpoint, expectRefusal } from "./envelopes.ts";
import { bearer, bodyRows, credentialRows, type Good, type Keys, MODEL_ROWS } from "./rows.ts";
import { expectNothingLeft, type Traces, tracesOf } from "./traces.ts";
import { send } from "./wire.ts";

/**
 * Bad input at every inference endpoint, from one table: what is refused, with which status and code in the endpoint's
 * own envelope, and that a refusal leaves nothing behind: no call to a provider, no hold, no row.
 */

const INVALID = { status: 401, code: "invalid_api_key" };
const PEPPER = "a-pepper-for-tests-of-at-least-32-characters";
const peppers: Peppers = { current: "1", secrets: { 1: PEPPER } };
const random = (length: number) => new Uint8Array(randomBytes(length));

let gateway: Gateway;
let keys: Keys;
let before: Traces;

async function admin(path: string, body: unknown): Promise<{ id: string; key: string }> {
  const response = await fetch(`${gateway.url}/api${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string; key: string };
}

async function makeKeys(): Promise<Keys> {
  const disabled = await admin("/keys", { name: "Disabled" });
  const expired = await admin("/keys", { name: "Expired" });
  const revoked = await admin("/keys", { name: "Revoked" });
  await admin(`/keys/${revoked.id}/revoke`, {});
  const { sql } = gateway.database;
  await sql`update api_keys set disabled_at = now() where id = ${disabled.id}`;
  await sql`update api_keys set expires_at = now() - interval '1 minute' where id = ${expired.id}`;
  await sql`update organizations set config_version = config_version + 1 where id = ${gateway.rootId}`;
  // The Ledger finds a gap before this change's version, and reads its whole configuration anew.
  const readOnly = await admin("/keys", { name: "Reader", permissions: ["read"] });
  const unknown = await createApiKey({ peppers, jurisdiction: "global", rootId: gateway.rootId, random });
  return {
    good: gateway.apiKey,
    admin: gateway.adminKey,
    disabled: disabled.key,
    expired: expired.key,
    revoked: revoked.key,
    readOnly: readOnly.key,
    unknown: unknown.key,
  };
}

beforeAll(async () => {
  gateway = await startGateway({ bindings: { KEY_PEPPER: PEPPER } });
  keys = await makeKeys();
  before = await tracesOf(gateway);
});
afterAll(() => gateway?.stop());

/** A request the endpoint would take, to be spoilt. */
function good(endpoint: Endpoint & { model: string }): Good {
  const { path, body } = endpoint.withModel(endpoint.model);
  const headers = ["content-type", "application/json", "authorization", `Bearer ${keys.good}`];
  return { method: "POST", path, headers, body: JSON.stringify(body), json: body };
}

const ROWS = [...credentialRows(() => keys), ...MODEL_ROWS, ...bodyRows(() => keys)];

describe.each(ENDPOINTS)("$name", (endpoint) => {
  const rows = ROWS.filter(({ applies }) => applies?.(endpoint) ?? true);

  test.concurrent.each(rows)("$name: $status $code", async (row) => {
    const request = good(endpoint);
    const { more = [], ...change } = row.spoil(request, endpoint);
    const wire = { ...request, ...change, headers: [...(change.headers ?? request.headers), ...more] };
    const answer = await send(gateway.url, wire);
    const param = row.code === "missing_required_parameter" && row.param === undefined ? endpoint.required : row.param;
    expectRefusal(answer, endpoint.envelope, { ...row, ...(param === undefined ? {} : { param }) });
  });

  test("a forged key and an unknown one are told the same", async () => {
    const told = [];
    for (const key of [keys.unknown, keys.revoked, "sk-proj-0123456789"]) {
      const answer = await send(gateway.url, { ...good(endpoint), ...bearer(key) });
      told.push(expectRefusal(answer, endpoint.envelope, INVALID).message);
    }
    expect(new Set(told).size).toBe(1);
  });

  test("nothing of all that is left", () => expectNothingLeft(gateway, before));
});

const UNKNOWN: [path: string, envelope: Endpoint["envelope"], more?: string[]][] = [
  ["//v1/../admin", "openai"],
  ["/nothing", "openai"],
  ["/admin", "openai"],
  ["/v1/chat/completions/more", "openai"],
  ["/v1/chat//completions", "openai"],
  ["/V1/chat/completions", "openai"],
  ["/v1/responses/resp_1", "openai"],
  ["/v1/messages/batches", "anthropic"],
  ["/v1beta/nothing", "google"],
  ["/v1beta/models/gemini-3.6-flash:teleport", "google"],
  ["/v1/models/gemini-3.6-flash:constructor", "google"],
  ["/v1beta/models/:generateContent", "google"],
  ["/v1/files", "openai"],
  ["/v1/files", "anthropic", ["anthropic-version", "2023-06-01"]],
  ["/v1/chat/nothing", "openai", ["anthropic-version", "2023-06-01"]],
  ["/upload/v1beta/files", "google", ["x-goog-api-client", "google-genai-sdk/3.1.0"]],
];

describe("paths where nothing is", () => {
  test.concurrent.each(UNKNOWN)("50 %s", async (path, envelope, more = []) => {
    const headers = ["content-type", "application/json", "authorization", `Bearer ${keys.good}`, ...more];
    const answer = await send(gateway.url, { method: "POST", path, headers, body: "{}" });
    expectRefusal(answer, envelope, { status: 404, code: "unknown_url" });
  });

  test.concurrent.each([
    ["/v1/models", "openai", []],
    ["/v1/models", "anthropic", ["anthropic-version", "2023-06-01"]],
    ["/v1/models", "google", ["x-goog-api-client", "google-genai-sdk/3.1.0"]],
    ["/v1beta/models", "google", []],
  ] as const)("51 POST to %s of %s's client", async (path, envelope, more) => {
    const headers = ["content-type", "application/json", "authorization", `Bearer ${keys.good}`, ...more];
    const answer = await send(gateway.url, { method: "POST", path, headers, body: "{}" });
    expectRefusal(answer, envelope, { status: 405, code: "method_not_allowed", allow: "GET, HEAD" });
  });

  test("a hundred forged keys wake no Ledger", async () => {
    const forged = Array.from({ length: 100 }, (_, index) => {
      const organization = index.toString(36).padStart(8, "0");
      return `sk-gaia-1g${organization}_${"0".repeat(12)}_${randomBytes(32).toString("base64url")}_${randomBytes(6).toString("base64url")}`;
    });
    for (const [index, key] of forged.entries()) {
      const endpoint = ENDPOINTS[index % ENDPOINTS.length] as Endpoint & { model: string };
      const answer = await send(gateway.url, { ...good(endpoint), ...bearer(key) });
      expectRefusal(answer, endpoint.envelope, INVALID);
    }
  });

  test("nothing of all that is left", () => expectNothingLeft(gateway, before));
});
