import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey, type Peppers } from "../../../worker/auth/api-key.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { ENDPOINTS, type Endpoint, expectRefusal, type Refusal } from "./envelopes.ts";
import { expectNothingLeft, type Traces, tracesOf } from "./traces.ts";
import { send, type Wire } from "./wire.ts";

/**
 * Bad input at every inference endpoint, from one table: what is refused, with which status and code in the endpoint's
 * own envelope, and that a refusal leaves nothing behind: no call to a provider, no hold, no row.
 */

const PEPPER = "a-pepper-for-tests-of-at-least-32-characters";
const peppers: Peppers = { current: "1", secrets: { 1: PEPPER } };
const random = (length: number) => new Uint8Array(randomBytes(length));

interface Keys {
  good: string;
  admin: string;
  disabled: string;
  expired: string;
  revoked: string;
  readOnly: string;
  /** Made under our pepper, for this very organization, but never stored. */
  unknown: string;
}

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
function good(endpoint: Endpoint & { model: string }): Wire & { json: Record<string, unknown> } {
  const { path, body } = endpoint.withModel(endpoint.model);
  const headers = ["content-type", "application/json", "authorization", `Bearer ${keys.good}`];
  return { method: "POST", path, headers, body: JSON.stringify(body), json: body };
}

type Spoilt = Partial<Wire> & { more?: string[] };
interface Row extends Refusal {
  name: string;
  /** Null: the endpoint has no such case. */
  spoil(request: ReturnType<typeof good>, endpoint: Endpoint): Spoilt | null;
}

const bearer = (key: string): Spoilt => ({
  headers: ["content-type", "application/json", "authorization", `Bearer ${key}`],
});
const json = (value: unknown): Spoilt => ({ body: JSON.stringify(value) });
const missing = { status: 401, code: "missing_api_key" };
const invalid = { status: 401, code: "invalid_api_key" };
const ambiguous = { status: 400, code: "ambiguous_credentials" };
const badJson = { status: 400, code: "invalid_json", param: null };

const CREDENTIALS: Row[] = [
  { name: "1 no key", ...missing, spoil: () => ({ headers: ["content-type", "application/json"] }) },
  { name: "1 another scheme", ...missing, spoil: () => ({ headers: ["authorization", "Basic YTpi"] }) },
  { name: "1 an empty Bearer", ...missing, spoil: () => ({ headers: ["authorization", "Bearer "] }) },
  {
    name: "2 a wrong tag",
    ...invalid,
    spoil: () => bearer(keys.good.slice(0, -1) + (keys.good.endsWith("A") ? "B" : "A")),
  },
  { name: "2 somebody else's key", ...invalid, spoil: () => bearer("sk-proj-0123456789") },
  { name: "3 an unknown id under a valid tag", ...invalid, spoil: () => bearer(keys.unknown) },
  { name: "3 a revoked key", ...invalid, spoil: () => bearer(keys.revoked) },
  { name: "4 a disabled key", status: 401, code: "key_disabled", spoil: () => bearer(keys.disabled) },
  { name: "5 an expired key", status: 401, code: "key_expired", spoil: () => bearer(keys.expired) },
  { name: "a key that may only read", status: 403, code: "permission_denied", spoil: () => bearer(keys.readOnly) },
  {
    name: "6 the key in the query",
    ...missing,
    spoil: ({ path }, { envelope }) =>
      envelope === "google"
        ? null
        : { headers: ["content-type", "application/json"], path: `${path}?key=${keys.good}` },
  },
  {
    name: "7 two Authorization headers",
    ...ambiguous,
    spoil: () => ({ more: ["authorization", `Bearer ${keys.admin}`] }),
  },
  { name: "7 two keys in two styles", ...ambiguous, spoil: () => ({ more: ["x-api-key", keys.admin] }) },
  {
    name: "7 a header and a query key that differ",
    ...ambiguous,
    spoil: ({ path }, { envelope }) => (envelope === "google" ? { path: `${path}?key=${keys.admin}` } : null),
  },
  { name: "8 a key of 16 KB", ...invalid, spoil: () => bearer("k".repeat(16_384)) },
  { name: "9 a key that is not ASCII", ...invalid, spoil: () => ({ headers: ["authorization", "Bearer sk-gäia-é"] }) },
];

const inModel =
  (model: string) =>
  (_: ReturnType<typeof good>, endpoint: Endpoint): Spoilt => {
    const { path, body } = endpoint.withModel(model);
    return { path, body: JSON.stringify(body) };
  };
const modelInBody =
  (model: unknown) =>
  ({ json: body }: ReturnType<typeof good>, { envelope }: Endpoint): Spoilt | null =>
    envelope === "google" ? null : json({ ...body, model });

const MODELS: Row[] = [
  { name: "11 an unknown model", status: 404, code: "model_not_found", param: "model", spoil: inModel("gpt-99") },
  {
    name: "11 an unknown provider",
    status: 404,
    code: "model_not_found",
    param: "model",
    spoil: inModel("acme/gpt-6"),
  },
  { name: "12 an empty model", status: 400, code: "invalid_model", param: "model", spoil: inModel(" ") },
  {
    name: "12 no model",
    status: 400,
    code: "missing_required_parameter",
    param: "model",
    spoil: modelInBody(undefined),
  },
  {
    name: "12 a null model",
    status: 400,
    code: "missing_required_parameter",
    param: "model",
    spoil: modelInBody(null),
  },
  { name: "12 a model that is a number", status: 400, code: "invalid_model", param: "model", spoil: modelInBody(7) },
  {
    name: "13 a model of 10 KB",
    status: 400,
    code: "invalid_model",
    param: "model",
    spoil: inModel(`openai/${"m".repeat(10_240)}`),
  },
];

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
/** A member of that JSON text before all others. */
const withMember =
  (text: string) =>
  (request: ReturnType<typeof good>): Spoilt => ({
    body: `{${text},${String(request.body).slice(1)}`,
  });
const without = ({ json: body }: ReturnType<typeof good>, { required }: Endpoint, value?: unknown): Spoilt | null =>
  required === null ? null : json({ ...body, [required]: value });

const CAP = 32 * 1024 * 1024;
function* megabytes(count: number): Iterable<Uint8Array> {
  yield Buffer.from('{"model":"');
  for (let index = 0; index < count; index++) yield Buffer.alloc(1024 * 1024, "x");
}

const BODIES: Row[] = [
  { name: "20 no body", ...badJson, spoil: () => ({ body: undefined }) },
  { name: "20 an empty body", ...badJson, spoil: () => ({ body: "" }) },
  { name: "20 white space", ...badJson, spoil: () => ({ body: " \n\t " }) },
  { name: "21 not JSON", ...badJson, spoil: () => ({ body: "model=gpt-4.1&messages=hello" }) },
  { name: "21 two documents", ...badJson, spoil: ({ body }) => ({ body: `${body}${body}` }) },
  { name: "21 a trailing comma", ...badJson, spoil: ({ body }) => ({ body: `${String(body).slice(0, -1)},}` }) },
  { name: "21 NaN", ...badJson, spoil: withMember('"temperature":NaN') },
  { name: "22 an array", ...badJson, spoil: ({ body }) => ({ body: `[${body}]` }) },
  { name: "23 null", ...badJson, spoil: () => ({ body: "null" }) },
  { name: "23 a string", ...badJson, spoil: () => ({ body: '"hello"' }) },
  { name: "24 JSON cut short", ...badJson, spoil: ({ body }) => ({ body: String(body).slice(0, -3) }) },
  { name: "24 JSON cut inside a string", ...badJson, spoil: ({ body }) => ({ body: String(body).slice(0, 12) }) },
  {
    name: "26 bytes that are not UTF-8",
    ...badJson,
    spoil: () => ({ body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) }),
  },
  { name: "28 a duplicate key", status: 400, code: "duplicate_key", param: "x", spoil: withMember('"x":1,"x":1') },
  {
    name: "28 a duplicate key spelled otherwise",
    status: 400,
    code: "duplicate_key",
    param: "x",
    spoil: withMember('"x":1,"\\u0078":2'),
  },
  {
    name: "28 a duplicate key further down",
    status: 400,
    code: "duplicate_key",
    param: "a[1].b",
    spoil: withMember('"a":[0,{"b":1,"b":2}]'),
  },
  { name: "29 65 levels", status: 400, code: "json_too_deep", spoil: withMember(`"deep":${nested(64)}`) },
  {
    name: "30 a million levels",
    status: 400,
    code: "json_too_deep",
    spoil: withMember(`"deep":${"[".repeat(1_000_000)}`),
  },
  {
    name: "30 more keys than anybody needs",
    status: 400,
    code: "json_too_many_keys",
    spoil: withMember(`"keys":{${Array.from({ length: 10_001 }, (_, index) => `"k${index}":0`).join()}}`),
  },
  {
    name: "31 a byte more than 32 MB declared",
    status: 413,
    code: "request_too_large",
    spoil: () => ({ declared: CAP + 1 }),
  },
  {
    name: "32 more than 32 MB in chunks",
    status: 413,
    code: "request_too_large",
    spoil: () => ({ body: megabytes(33) }),
  },
  ...["gzip", "br", "deflate", "identity, gzip"].map(
    (encoding): Row => ({
      name: `33 a body in ${encoding}`,
      status: 415,
      code: "unsupported_encoding",
      spoil: () => ({ more: ["content-encoding", encoding] }),
    }),
  ),
  ...["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"].map(
    (type): Row => ({
      name: `34 ${type}`,
      status: 415,
      code: "unsupported_media_type",
      spoil: () => ({ headers: ["content-type", type, "authorization", `Bearer ${keys.good}`] }),
    }),
  ),
  {
    name: "35 nothing asked",
    status: 400,
    code: "missing_required_parameter",
    spoil: (request, endpoint) => without(request, endpoint),
  },
  {
    name: "35 null asked",
    status: 400,
    code: "missing_required_parameter",
    spoil: (request, endpoint) => without(request, endpoint, null),
  },
  {
    name: "36 an empty list",
    status: 400,
    code: "missing_required_parameter",
    spoil: (request, endpoint) => without(request, endpoint, []),
  },
  {
    name: "37 not a list",
    status: 400,
    code: "invalid_type",
    spoil: (request, endpoint) => without(request, endpoint, 7),
  },
  ...["api_base", "base_url", "api_key"].map(
    (name): Row => ({
      name: `47 ${name}`,
      status: 400,
      code: "unsupported_parameter",
      param: name,
      spoil: withMember(`"${name}":"https://example.com"`),
    }),
  ),
  {
    name: "eleven tags",
    status: 400,
    code: "invalid_header",
    spoil: () => ({ more: ["x-gaia-tags", "a=1,".repeat(11)] }),
  },
  {
    name: "52 a header of 200 KB",
    status: 431,
    code: "headers_too_large",
    spoil: () => ({ more: ["x-long", "x".repeat(200 * 1024)] }),
  },
  {
    name: "52 a thousand headers",
    status: 431,
    code: "headers_too_large",
    spoil: () => ({ more: Array.from({ length: 1000 }, (_, index) => [`x-header-${index}`, "1"]).flat() }),
  },
  ...["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"].map(
    (method): Row => ({
      name: `51 ${method}`,
      status: 405,
      code: "method_not_allowed",
      allow: "POST",
      spoil: ({ headers }) => ({ method, headers, body: undefined }),
    }),
  ),
];

const ROWS = [...CREDENTIALS, ...MODELS, ...BODIES];

describe.each(ENDPOINTS)("$name", (endpoint) => {
  const spoilt = (row: Row) => {
    const request = good(endpoint);
    const change = row.spoil(request, endpoint);
    if (change === null) return null;
    const { more = [], ...rest } = change;
    return { ...request, ...rest, headers: [...(rest.headers ?? request.headers), ...more] };
  };

  test.concurrent.each(ROWS)("$name: $status $code", async (row) => {
    const wire = spoilt(row);
    if (wire === null) return;
    const answer = await send(gateway.url, wire);
    const param = row.code === "missing_required_parameter" && row.param === undefined ? endpoint.required : row.param;
    expectRefusal(answer, endpoint.envelope, { ...row, ...(param === undefined ? {} : { param }) });
  });

  test("a forged key and an unknown one are told the same", async () => {
    const told = [];
    for (const key of [keys.unknown, keys.revoked, "sk-proj-0123456789"]) {
      const answer = await send(gateway.url, { ...good(endpoint), ...bearer(key) });
      told.push(expectRefusal(answer, endpoint.envelope, invalid).message);
    }
    expect(new Set(told).size).toBe(1);
  });

  test("nothing of all that is left", () => expectNothingLeft(gateway, before));
});

const UNKNOWN: [path: string, envelope: Endpoint["envelope"]][] = [
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
];

describe("paths where nothing is", () => {
  test.concurrent.each(UNKNOWN)("50 %s", async (path, envelope) => {
    const headers = ["content-type", "application/json", "authorization", `Bearer ${keys.good}`];
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
      expectRefusal(answer, endpoint.envelope, invalid);
    }
  });

  test("nothing of all that is left", () => expectNothingLeft(gateway, before));
});
