import { SESSION_COOKIE } from "../../auth/session-token.ts";
import type { JsonSchema } from "./json-schema.ts";

const text = { type: "string" };

const header = (description: string, schema: JsonSchema = text): JsonSchema => ({ description, schema });

const parameter = (name: string, description: string, schema: JsonSchema = text): JsonSchema => ({
  ...{ name, in: "header", required: false, description, schema },
});

/** Request headers that several operations take. */
export const PARAMETERS: Record<string, JsonSchema> = {
  Organization: parameter(
    "x-gaia-organization",
    "The organization to act at, of those where the person who is signed in has a role. A key acts at its own.",
  ),
  IfMatch: parameter(
    "if-match",
    'The version that is to be changed, as `ETag` named it (`"3"`): 412 when it is not the present one. Without it, any version is changed.',
  ),
  IfNoneMatch: parameter(
    "if-none-match",
    "`*`: it is only made where there is none, else 412, and nothing is replaced.",
  ),
  IdempotencyKey: parameter(
    "idempotency-key",
    "A text of one's own, 1 to 255 visible ASCII characters, for this change alone: sent again with it within a day, the change is not made twice, and its answer is given again.",
  ),
  GaiaSession: parameter("x-gaia-session", "The conversation or session that the request is part of."),
  GaiaAgent: parameter("x-gaia-agent", "The agent that asks."),
  GaiaTags: parameter("x-gaia-tags", "`team=blue,run=42`: what requests can be told apart by in statistics."),
  GaiaFallbacks: parameter("x-gaia-fallbacks", "Models to be asked in this order if one fails, separated by commas."),
  GaiaStrict: parameter("x-gaia-strict", "`true`: what translation cannot keep is a 400 before anything is spent.", {
    ...text,
    enum: ["true", "false"],
  }),
};

/** Answers' headers. */
export const HEADERS: Record<string, JsonSchema> = {
  RequestId: header("The request's id, a ULID; of inference also its row's."),
  ETag: header('The version of what is answered, e.g. `"3"`, for `If-Match`.'),
  IdempotencyReplayed: header("`true`: the answer that was given when this `Idempotency-Key` came first.", {
    ...text,
    enum: ["true"],
  }),
  RetryAfter: header("Seconds to wait.", { type: "integer" }),
  ShouldRetry: header("`false`: the same request would fail again."),
  GaiaProvider: header("Who answered."),
  GaiaModel: header("The model that answered."),
  GaiaAttempts: header("How often providers were asked.", { type: "integer" }),
  GaiaCost: header("What it cost in USD; not of a stream."),
  GaiaUpstreamId: header("The provider's own id of the request."),
  GaiaWarnings: header("What could not be kept, as `code@path`, separated by commas."),
  GaiaTokenCount: header("`estimated` or `cached`, where a token count is not the provider's own, made now."),
  GaiaLimit: header("The limit that refused the request, and how it stands."),
  GaiaUpstreamStatus: header("The provider's own status, where another is answered.", { type: "integer" }),
};

/** How callers show who they are. */
export const SECURITY_SCHEMES: Record<string, JsonSchema> = {
  adminKey: {
    ...{ type: "http", scheme: "bearer" },
    description: "A key with the permission `admin`, as `Authorization: Bearer sk-gaia-…`.",
  },
  session: {
    ...{ type: "apiKey", in: "cookie", name: SESSION_COOKIE },
    description: "The dashboard's session, which `POST /api/session` opens.",
  },
  csrf: {
    ...{ type: "apiKey", in: "header", name: "x-gaia-csrf" },
    description: "`1`, with every change that a session's cookie is behind: no other site can send it.",
  },
  apiKey: { type: "http", scheme: "bearer", description: "A key, as OpenAI's clients send it." },
  apiKeyHeader: {
    type: "apiKey",
    in: "header",
    name: "x-api-key",
    description: "A key, as Anthropic's clients send it.",
  },
  googleKeyHeader: {
    ...{ type: "apiKey", in: "header", name: "x-goog-api-key" },
    description: "A key, as Google's clients send it.",
  },
};
