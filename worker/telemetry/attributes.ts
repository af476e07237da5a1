import type { Attributes, AttributeValue } from "@opentelemetry/api";
import type { DialectId } from "../canonical/dialect-id.ts";
import { safeName } from "../lib/log.ts";

/**
 * What a span may say, and under which name: OpenTelemetry's conventions for HTTP and generative AI where they have one
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/), ours below `gaia.`. This is the only way to a span's attributes,
 * and nothing in it can hold a prompt, an answer, a key, a header, or an address with its query.
 */
export interface SpanFacts {
  method: string;
  /** The path as the router knows it, with placeholders. */
  route: string;
  /** HTTP status: the client's on a request, the provider's on an attempt. */
  status: number;
  /** Why it failed, in a stable word. */
  errorType: string;
  operation: string;
  provider: string;
  /** As it is sent upstream. */
  model: string;
  servedModel: string;
  streamed: boolean;
  stopReasons: string[];
  /** Inclusive of what was read from and written to a cache. */
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** Inclusive of reasoning. */
  outputTokens: number;
  reasoningTokens: number;
  /** Seconds from the attempt's beginning. */
  timeToFirstChunk: number;
  serverAddress: string;
  serverPort: number;
  requestId: string;
  keyId: string;
  rootId: string;
  organizationId: string;
  routeId: string;
  dialect: string;
  simulated: boolean;
  outcome: string;
  attempt: number;
  attempts: number;
  /** Nano-USD, of the whole request. */
  costNano: number;
  /** Milliseconds from the request's arrival. */
  ttftMs: number;
}

export const ATTRIBUTE_NAMES: Readonly<Record<keyof SpanFacts, string>> = {
  method: "http.request.method",
  route: "http.route",
  status: "http.response.status_code",
  errorType: "error.type",
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  model: "gen_ai.request.model",
  servedModel: "gen_ai.response.model",
  streamed: "gen_ai.request.stream",
  stopReasons: "gen_ai.response.finish_reasons",
  inputTokens: "gen_ai.usage.input_tokens",
  cacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  cacheWriteTokens: "gen_ai.usage.cache_creation.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  reasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  serverAddress: "server.address",
  serverPort: "server.port",
  requestId: "gaia.request.id",
  keyId: "gaia.key.id",
  rootId: "gaia.root.id",
  organizationId: "gaia.organization.id",
  routeId: "gaia.route.id",
  dialect: "gaia.dialect",
  simulated: "gaia.simulated",
  outcome: "gaia.outcome",
  attempt: "gaia.attempt.number",
  attempts: "gaia.attempts",
  costNano: "gaia.cost_nano_usd",
  ttftMs: "gaia.time_to_first_token_ms",
};

/** Facts as a span has them; what is null is not known, and not said. */
export type KnownFacts = { [Fact in keyof SpanFacts]?: SpanFacts[Fact] | null };

/** Reads the facts by the table, whatever else the object may have. */
export function attributesOf(facts: KnownFacts): Attributes {
  const attributes: Attributes = {};
  for (const [fact, name] of Object.entries(ATTRIBUTE_NAMES)) {
    const value = facts[fact as keyof SpanFacts];
    if (value !== undefined && value !== null) attributes[name] = shown(value);
  }
  return attributes;
}

function shown(value: string | number | boolean | string[]): AttributeValue {
  if (typeof value === "string") return word(value);
  return Array.isArray(value) ? value.map(word) : value;
}

/** What the conventions say in place of what is no word of anybody's vocabulary. */
const OTHER = "_OTHER";

/** Models and errors have names that clients and providers choose; a name has no spaces, and is masked like the log's. */
const word = (name: string): string => (/^[^\s"'<>]+$/.test(name) ? safeName(name) : OTHER);

/** Providers whose name in the conventions is not ours. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { google: "gcp.gemini" };

export const providerName = (id: string): string =>
  Object.hasOwn(PROVIDER_NAMES, id) ? (PROVIDER_NAMES[id] ?? id) : id;

/** An operation in the conventions' word, where they have one; `count_tokens` is ours. */
export function operationName(operation: string, dialect: DialectId | string): string {
  if (operation === "embed") return "embeddings";
  if (operation !== "generate") return operation;
  return dialect === "google-generate-content" ? "generate_content" : "chat";
}
