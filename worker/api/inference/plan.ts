import type { DialectId } from "../../canonical/dialect-id.ts";
import { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { ChatDialect, Dialect, EncodedRequest, Operation, RequestFacts } from "../../dialects/dialect.ts";
import { reportRest } from "../../dialects/portability.ts";
import { chatDialects } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import { arrayAt, objectAt, stringAt } from "../../lib/json.ts";
import { cleanRelay } from "../../router/clean-relay.ts";
import { type Fetch, inlineMedia, mediaToInline } from "../../router/inline-media.ts";
import type { Route, Target } from "../../router/resolve.ts";
import { targetModelOf } from "../../router/target-model.ts";
import type { Services } from "../../services.ts";
import { edited, includeUsageEdits, modelEdits } from "./edits.ts";
import type { InferenceCall } from "./infer.ts";
import type { RequestBody } from "./read-body.ts";

/** How a request goes to its provider by one route: as it came, or translated. */
export interface Plan {
  route: Route;
  /** Path and query below the provider's base URL. */
  path: string;
  body: string;
  /** Null for a relay. */
  translation: { upstream: ChatDialect; encoded: EncodedRequest } | null;
  /** The client must be spared a usage chunk that only the gateway asks for. */
  hideUsage: boolean;
}

export interface Planning {
  services: Services;
  call: InferenceCall;
  dialect: Dialect;
  facts: RequestFacts;
  target: Target;
  body: RequestBody;
  requestedModel: string;
  /** The client's query string as it may be forwarded. */
  query: string;
  /** Any loss is an error. */
  strict: boolean;
  losses: Losses;
}

const isChat = (dialect: DialectId): dialect is keyof typeof chatDialects => Object.hasOwn(chatDialects, dialect);

/** Whether the client must be spared a usage chunk that only the gateway asks for. */
const hidesUsage = ({ dialect, facts, target }: Planning): boolean =>
  dialect.id === "openai-chat" && facts.stream && !facts.wantsUsage && !target.provider.usageAlwaysStreamed;

function relayPlan(planning: Planning, route: Route): Plan {
  const { call, body, dialect, target, requestedModel, losses, query } = planning;
  refuseStoredState(planning);
  const hideUsage = hidesUsage(planning);
  const edits = modelEdits(body, requestedModel, target.upstreamModel);
  const text = edited(body, hideUsage ? [...edits, ...includeUsageEdits(body)] : edits);
  return {
    route,
    path: route.path({ method: call.method, version: call.version }) + query,
    body: cleanRelay(text, body.body, dialect.id, target, losses),
    translation: null,
    hideUsage,
  };
}

/** What stands for an input that only OpenAI keeps (Responses: create). */
const STORED_STATE = ["previous_response_id", "conversation", "prompt", "background"];

/** A host that keeps nothing cannot be asked to go on from what it kept. */
function refuseStoredState({ call, body, target }: Planning): void {
  if (call.dialect !== "openai-responses" || !target.provider.quirks.includes("no_stored_state")) return;
  const reference = arrayAt(body.body, "input").findIndex((item) => stringAt(item, "type") === "item_reference");
  const param =
    STORED_STATE.find(
      (name) => body.body[name] !== undefined && body.body[name] !== null && body.body[name] !== false,
    ) ?? (reference < 0 ? undefined : `input[${reference}]`);
  if (param === undefined) return;
  const message = `'${param}': ${target.provider.id} keeps no answers. Send the whole input with each request.`;
  throw new GatewayError("state_unsupported", message, { param });
}

/** Gemini's method and the query it needs. */
function methodOf(operation: Operation, stream: boolean): { method: string; query: string } {
  if (operation === "count_tokens") return { method: "countTokens", query: "" };
  return stream ? { method: "streamGenerateContent", query: "?alt=sse" } : { method: "generateContent", query: "" };
}

/** The client's request in canonical form; of a Gemini token count, the request inside it. */
function decode({ call, body, facts, requestedModel }: Planning, client: ChatDialect): CanonicalRequest {
  const inner =
    call.operation === "count_tokens"
      ? (objectAt(body.body, "generateContentRequest") ?? objectAt(body.body, "generate_content_request"))
      : undefined;
  return client.decodeRequest(inner ?? body.body, { model: requestedModel, stream: facts.stream });
}

/** A name that looks like an e-mail address is told to nobody: only its keyed hash is. */
async function hideAddresses({ settings }: CanonicalRequest, services: Services): Promise<void> {
  for (const name of ["user", "safetyId"] as const) {
    const value = settings[name];
    if (value !== undefined && /\S@\S/.test(value))
      settings[name] = `hmac:${(await services.hash(value)).slice(0, 32)}`;
  }
}

async function translationPlan(planning: Planning, route: Route, fetchMedia: Fetch): Promise<Plan> {
  const { services, call, dialect, facts, target, losses } = planning;
  const client = chatDialects[dialect.id as keyof typeof chatDialects];
  const upstream = chatDialects[route.dialect as keyof typeof chatDialects];
  const request = decode(planning, client);
  await hideAddresses(request, services);
  reportRest(request, client.portability, losses);
  const found = mediaToInline(request, upstream.id);
  if (found.length > 0 && planning.strict) {
    throw strictError(new Losses(), found[0]?.part.source?.path ?? "messages", "image_inlined");
  }
  if (found.length > 0) await inlineMedia(found, losses, fetchMedia);
  const encoded = upstream.encodeRequest(request, targetModelOf(target, services.providers), losses);
  const { method, query } = methodOf(call.operation, facts.stream);
  const google = upstream.id === "google-generate-content";
  const body =
    call.operation === "count_tokens" ? upstream.countRequest(encoded.body, target.upstreamModel) : encoded.body;
  return {
    route,
    path: route.path({ method }) + (google ? query : ""),
    body: JSON.stringify(body),
    translation: { upstream, encoded },
    hideUsage: false,
  };
}

/** Plans the request for a route; throws the GatewayError that says what this route cannot be asked. */
export async function planFor(planning: Planning, route: Route): Promise<Plan> {
  const { dialect, losses, strict, services } = planning;
  const relayed = route.dialect === dialect.id;
  if (!relayed && !(isChat(route.dialect) && isChat(dialect.id))) {
    throw new GatewayError("dialect_not_served", `${planning.target.name} is not served by this endpoint.`, {
      param: "model",
    });
  }
  const plan = relayed ? relayPlan(planning, route) : await translationPlan(planning, route, services.fetchMedia);
  if (strict && losses.any) {
    const [first] = losses.warnings;
    throw strictError(losses, first?.path ?? "", first?.code ?? "param_dropped");
  }
  return plan;
}

/** With `x-gaia-strict: true` nothing may be lost; the first loss is the error's field, the rest are counted. */
function strictError(losses: Losses, path: string, code: string): GatewayError {
  const others = losses.warnings.length - 1 + losses.omitted;
  const more = others > 0 ? ` (and ${others} more)` : "";
  return new GatewayError(
    "translation_loss",
    `'${path}' would not reach this model as it is: ${code}${more}. Leave it out, or send without x-gaia-strict.`,
    { param: path },
  );
}
