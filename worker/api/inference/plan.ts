import type { ChatDialectId } from "../../canonical/dialect-id.ts";
import { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { ChatDialect, Dialect, EncodedRequest, Operation, RequestFacts } from "../../dialects/dialect.ts";
import { reportRest } from "../../dialects/portability.ts";
import { chatDialects } from "../../dialects/registry.ts";
import { refuseCap } from "../../dialects/settings.ts";
import { GatewayError } from "../../errors.ts";
import { arrayAt, objectAt, stringAt } from "../../lib/json.ts";
import { cleanRelay } from "../../router/clean-relay.ts";
import { checkAddresses, inlineMedia, mediaToInline } from "../../router/inline-media.ts";
import type { Route, Target } from "../../router/resolve.ts";
import { targetModelOf } from "../../router/target-model.ts";
import type { AttemptTimeouts } from "../../router/timeouts.ts";
import type { Services } from "../../services.ts";
import { edited, includeUsageEdits, modelEdits, notStoredEdits } from "./edits.ts";
import { nameForProvider } from "./end-user.ts";
import type { InferenceCall } from "./infer.ts";
import { capEdits, capOf, capPath } from "./output-cap.ts";
import type { RequestBody } from "./read-body.ts";
import { refuseLosses, strictError } from "./strict.ts";

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
  /** The output cap it goes with, in tokens, where that is not the client's own. */
  outputCap: number | null;
  /** The same request with an output cap of at most so many tokens. Refuses nothing: it has been admitted. */
  capped(tokens: number): Plan;
}

export interface Planning {
  services: Services;
  call: InferenceCall;
  dialect: Dialect;
  facts: RequestFacts;
  target: Target;
  body: RequestBody;
  /** The client's request headers. */
  client: Headers;
  /** The root organization of the key. */
  tenant: string;
  requestedModel: string;
  /** The client's query string as it may be forwarded. */
  query: string;
  /** Any loss is an error. */
  strict: boolean;
  /** Of this attempt. */
  timeouts: AttemptTimeouts;
  losses: Losses;
}

/** Whether the client must be spared a usage chunk that only the gateway asks for. */
const hidesUsage = ({ dialect, facts, target }: Planning): boolean =>
  dialect.id === "openai-chat" && facts.stream && !facts.wantsUsage && !target.provider.usageAlwaysStreamed;

/** `cap`: an output cap in place of the client's. */
function relayPlan(planning: Planning, route: Route, cap: number | null = null): Plan {
  const { call, body, dialect, target, requestedModel, losses, query } = planning;
  refuseStoredState(planning);
  const hideUsage = hidesUsage(planning);
  const text = edited(body, [
    ...modelEdits(body, requestedModel, target.upstreamModel),
    ...(hideUsage ? includeUsageEdits(body) : []),
    ...(keepsNothing(target) ? notStoredEdits(body, dialect.id, losses) : []),
    ...(cap === null ? [] : capEdits(body, dialect.id, cap, knowsOlderCap(target))),
  ]);
  return {
    route,
    path: route.path({ method: call.method, version: call.version }) + query,
    body: cleanRelay(text, body.body, dialect.id, target, losses),
    translation: null,
    hideUsage,
    outputCap: cap,
    capped: (tokens) => relayPlan(planning, route, tokens),
  };
}

const knowsOlderCap = ({ provider }: Target): boolean => provider.quirks.includes("max_tokens");

/** The path in the client's body of the output cap, where it has one or would have. */
export const capPathOf = ({ body, dialect, target }: Pick<Planning, "body" | "dialect" | "target">): string =>
  capPath(body.body, dialect.id, knowsOlderCap(target));

/** What stands for an input that only OpenAI keeps (Responses: create). */
const STORED_STATE = ["previous_response_id", "conversation", "prompt", "background"];

const keepsNothing = ({ provider }: Target): boolean => provider.quirks.includes("no_stored_state");

/** A host that keeps nothing cannot be asked to go on from what it kept. */
export function refuseStoredState({ call, body, target }: Planning): void {
  if (call.dialect !== "openai-responses" || !keepsNothing(target)) return;
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

/** Where a Gemini token count holds the whole request, by both names that proto JSON has for it. */
const INNER = ["generateContentRequest", "generate_content_request"];

/** The member of the client's body that holds the request; null when the body is the request. */
const holderOf = ({ call, body }: Planning): string | null =>
  call.operation === "count_tokens" && call.dialect === "google-generate-content"
    ? (INNER.find((name) => objectAt(body.body, name) !== undefined) ?? null)
    : null;

/** The client's request in canonical form. Paths in it are those of the request, not of what holds it. */
function decode(planning: Planning): CanonicalRequest {
  const { body, dialect, facts, requestedModel } = planning;
  const holder = holderOf(planning);
  const inner = holder === null ? undefined : objectAt(body.body, holder);
  const client = chatDialects[dialect.id as ChatDialectId];
  const request = client.decodeRequest(inner ?? body.body, { model: requestedModel, stream: facts.stream });
  refuseCap(request);
  return request;
}

/** Runs what names paths of the request, and names them as they stand in the client's body. */
function namingPaths<T>(planning: Planning, run: (losses: Losses) => T): T {
  const holder = holderOf(planning);
  if (holder === null) return run(planning.losses);
  const own = new Losses();
  const spelled = (path: string) => (path === "" ? holder : `${holder}.${path}`);
  try {
    return run(own);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.param === null) throw error;
    const message = error.message.replace(`'${error.param}'`, `'${spelled(error.param)}'`);
    throw new GatewayError(error.code, message, { param: spelled(error.param), cause: error });
  } finally {
    for (const { code, path } of own.warnings) planning.losses.add(code, spelled(path));
    planning.losses.omitted += own.omitted;
  }
}

/** The same, for who needs nothing else; errors name paths of the client's body. */
export const requestOf = (planning: Planning): CanonicalRequest => namingPaths(planning, () => decode(planning));

/** What Messages refuses in any value since its wire version 2026-10-21 (Anthropic's versions). */
const RETIRED = ["temperature", "top_p", "top_k"];

/** Other vendors' models take what the client's wire version does not; a strict client is told as Anthropic would tell it. */
function refuseRetired({ strict, dialect, client, body }: Planning): void {
  if (!strict || dialect.id !== "anthropic-messages" || (client.get("anthropic-version") ?? "") < "2026-10-21") return;
  const param = RETIRED.find((name) => body.body[name] !== undefined && body.body[name] !== null);
  if (param === undefined) return;
  const message = `'${param}' is not taken from anthropic-version 2026-10-21 on. Leave it out, or send without x-gaia-strict.`;
  throw new GatewayError("unsupported_parameter", message, { param });
}

/** What a provider is told of the end user. */
async function hideNames({ settings }: CanonicalRequest, services: Services): Promise<void> {
  for (const name of ["user", "safetyId"] as const) {
    const value = settings[name];
    if (value !== undefined) settings[name] = await nameForProvider(value, services.hash);
  }
}

/** The request as it goes out, once all of it is here; it has been admitted where it is encoded again with another cap. */
function encode(planning: Planning, route: Route, request: CanonicalRequest, admitted = false): Plan {
  const { services, call, facts, target } = planning;
  const upstream = chatDialects[route.dialect as ChatDialectId];
  const encoded = namingPaths(planning, (losses) =>
    upstream.encodeRequest(request, targetModelOf(target, services.providers), losses),
  );
  const { method, query } = methodOf(call.operation, facts.stream);
  const google = upstream.id === "google-generate-content";
  const body =
    call.operation === "count_tokens" ? upstream.countRequest(encoded.body, target.upstreamModel) : encoded.body;
  if (!admitted) refuseLosses(planning);
  const cap = capOf(body, upstream.id);
  const plan: Plan = {
    route,
    path: route.path({ method }) + (google ? query : ""),
    body: JSON.stringify(body),
    translation: { upstream, encoded },
    hideUsage: false,
    outputCap: cap === facts.outputCap ? null : cap,
    capped(tokens) {
      // What an encoder writes where it must write a cap may be lower already.
      if (cap !== null && cap <= tokens) return plan;
      return encode(planning, route, { ...request, settings: { ...request.settings, maxOutputTokens: tokens } }, true);
    },
  };
  return plan;
}

async function translation(planning: Planning, route: Route): Promise<Planned> {
  const { services, dialect, strict, target } = planning;
  refuseRetired(planning);
  const request = requestOf(planning);
  await hideNames(request, services);
  namingPaths(planning, (losses) => reportRest(request, chatDialects[dialect.id as ChatDialectId].portability, losses));
  const found = mediaToInline(request, route.dialect as ChatDialectId, target.provider.owner);
  const [first] = found;
  if (first === undefined) return { fetches: false, plan: encode(planning, route, request) };
  namingPaths(planning, (losses) => {
    for (const { path } of found) losses.add("image_inlined", path);
    if (strict) throw strictError(losses, first.path, "image_inlined");
    checkAddresses(found);
  });
  return {
    fetches: true,
    async complete(signal) {
      await inlineMedia(found, { fetch: services.fetchMedia, signal });
      return encode(planning, route, request);
    },
  };
}

/** A plan, or what has to be fetched before there is one. */
export type Planned =
  | { fetches: false; plan: Plan }
  | {
      fetches: true;
      /** Fetches, and plans what is here then; `signal` ends it. */
      complete(signal: AbortSignal): Promise<Plan>;
    };

/** Plans the request for a route; throws the GatewayError that says what this route cannot be asked. */
export async function planFor(planning: Planning, route: Route): Promise<Planned> {
  if (route.dialect !== planning.dialect.id) return translation(planning, route);
  const plan = relayPlan(planning, route);
  refuseLosses(planning);
  return { fetches: false, plan };
}
