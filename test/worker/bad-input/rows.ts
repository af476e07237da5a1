import type { Endpoint, Refusal } from "./envelopes.ts";
import type { Wire } from "./wire.ts";

/** What is done to a good request, and what must come of it. */

export interface Keys {
  good: string;
  admin: string;
  disabled: string;
  expired: string;
  revoked: string;
  readOnly: string;
  /** Made under our pepper, for this very organization, but never stored. */
  unknown: string;
}

/** A request the endpoint takes, and its body before it became text. */
export type Good = Wire & { json: Record<string, unknown> };

/** What differs; `more` headers are added. */
export type Spoilt = Partial<Wire> & { more?: string[] };
export interface Row extends Refusal {
  name: string;
  /** Whether the endpoint has such a case; every one has, by default. */
  applies?(endpoint: Endpoint): boolean;
  spoil(request: Good, endpoint: Endpoint): Spoilt;
}

/** Gemini names the model, and takes a key, in its address. */
const inBodyOnly = ({ envelope }: Endpoint) => envelope !== "google";
export const bearer = (key: string): Spoilt => ({
  headers: ["content-type", "application/json", "authorization", `Bearer ${key}`],
});
const json = (value: unknown): Spoilt => ({ body: JSON.stringify(value) });
const missing = { status: 401, code: "missing_api_key" };
const invalid = { status: 401, code: "invalid_api_key" };
const ambiguous = { status: 400, code: "ambiguous_credentials" };
const badJson = { status: 400, code: "invalid_json", param: null };

const inModel =
  (model: string) =>
  (_: Good, endpoint: Endpoint): Spoilt => {
    const { path, body } = endpoint.withModel(model);
    return { path, body: JSON.stringify(body) };
  };
const modelInBody =
  (model: unknown) =>
  ({ json: body }: Good): Spoilt =>
    json({ ...body, model });

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
/** A member of that JSON text before all others. */
const withMember =
  (text: string) =>
  (request: Good): Spoilt => ({
    body: `{${text},${String(request.body).slice(1)}`,
  });
/** The provider alone judges what may be embedded. */
const hasRequired = ({ required }: Endpoint) => required !== null;
const without = ({ json: body }: Good, { required }: Endpoint, value?: unknown): Spoilt =>
  json({ ...body, [required ?? ""]: value });

const CAP = 32 * 1024 * 1024;
function* megabytes(count: number): Iterable<Uint8Array> {
  yield Buffer.from('{"model":"');
  for (let index = 0; index < count; index++) yield Buffer.alloc(1024 * 1024, "x");
}

/** Keys that do not hold. They are made once the gateway runs, hence the function. */
export const credentialRows = (keys: () => Keys): Row[] => [
  { name: "1 no key", ...missing, spoil: () => ({ headers: ["content-type", "application/json"] }) },
  { name: "1 another scheme", ...missing, spoil: () => ({ headers: ["authorization", "Basic YTpi"] }) },
  { name: "1 an empty Bearer", ...missing, spoil: () => ({ headers: ["authorization", "Bearer "] }) },
  {
    name: "2 a wrong tag",
    ...invalid,
    spoil: () => bearer(keys().good.slice(0, -1) + (keys().good.endsWith("A") ? "B" : "A")),
  },
  { name: "2 somebody else's key", ...invalid, spoil: () => bearer("sk-proj-0123456789") },
  { name: "3 an unknown id under a valid tag", ...invalid, spoil: () => bearer(keys().unknown) },
  { name: "3 a revoked key", ...invalid, spoil: () => bearer(keys().revoked) },
  { name: "4 a disabled key", status: 401, code: "key_disabled", spoil: () => bearer(keys().disabled) },
  { name: "5 an expired key", status: 401, code: "key_expired", spoil: () => bearer(keys().expired) },
  { name: "a key that may only read", status: 403, code: "permission_denied", spoil: () => bearer(keys().readOnly) },
  {
    name: "6 the key in the query",
    ...missing,
    applies: inBodyOnly,
    spoil: ({ path }) => ({ headers: ["content-type", "application/json"], path: `${path}?key=${keys().good}` }),
  },
  {
    name: "7 two Authorization headers",
    ...ambiguous,
    spoil: () => ({ more: ["authorization", `Bearer ${keys().admin}`] }),
  },
  { name: "7 two keys in two styles", ...ambiguous, spoil: () => ({ more: ["x-api-key", keys().admin] }) },
  {
    name: "7 a header and a query key that differ",
    ...ambiguous,
    applies: ({ envelope }) => envelope === "google",
    spoil: ({ path }) => ({ path: `${path}?key=${keys().admin}` }),
  },
  { name: "8 a key of 16 KB", ...invalid, spoil: () => bearer("k".repeat(16_384)) },
  {
    name: "60 three gateways behind it",
    status: 508,
    code: "loop_detected",
    spoil: () => ({ more: ["x-gaia-hop", "3"] }),
  },
  { name: "9 a key that is not ASCII", ...invalid, spoil: () => ({ headers: ["authorization", "Bearer sk-gäia-é"] }) },
];

/** Models. */
export const MODEL_ROWS: Row[] = [
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
    applies: inBodyOnly,
    spoil: modelInBody(undefined),
  },
  {
    name: "12 a null model",
    status: 400,
    code: "missing_required_parameter",
    param: "model",
    applies: inBodyOnly,
    spoil: modelInBody(null),
  },
  {
    name: "12 a model that is a number",
    status: 400,
    code: "invalid_model",
    param: "model",
    applies: inBodyOnly,
    spoil: modelInBody(7),
  },
  {
    name: "13 a model of 10 KB",
    status: 400,
    code: "invalid_model",
    param: "model",
    spoil: inModel(`openai/${"m".repeat(10_240)}`),
  },
];

/** Bodies, headers and methods. */
export const bodyRows = (keys: () => Keys): Row[] => [
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
      spoil: () => ({ headers: ["content-type", type, "authorization", `Bearer ${keys().good}`] }),
    }),
  ),
  {
    name: "35 nothing asked",
    status: 400,
    code: "missing_required_parameter",
    applies: hasRequired,
    spoil: (request, endpoint) => without(request, endpoint),
  },
  {
    name: "35 null asked",
    status: 400,
    code: "missing_required_parameter",
    applies: hasRequired,
    spoil: (request, endpoint) => without(request, endpoint, null),
  },
  {
    name: "36 an empty list",
    status: 400,
    code: "missing_required_parameter",
    applies: hasRequired,
    spoil: (request, endpoint) => without(request, endpoint, []),
  },
  {
    name: "37 not a list",
    status: 400,
    code: "invalid_type",
    applies: hasRequired,
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
