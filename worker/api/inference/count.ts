import type { ChatDialectId } from "../../canonical/dialect-id.ts";
import type { FailureKind, UpstreamFailure } from "../../canonical/stream-event.ts";
import { inputUsage } from "../../canonical/usage.ts";
import { type AnswerFacts, noAnswer } from "../../dialects/dialect.ts";
import { chatDialects } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import { parseJson } from "../../lib/json.ts";
import { usdFromNano } from "../../lib/money.ts";
import { sha256 } from "../../lib/sha256.ts";
import { codeOf } from "../../router/canonical-meter.ts";
import { namedEndpoint } from "../../router/endpoint-memory.ts";
import { estimateTokens } from "../../router/estimate-tokens.ts";
import { readWhole } from "../../router/read-whole.ts";
import type { Route } from "../../router/resolve.ts";
import { returnedHeaders, upstreamRequestId } from "../../router/send.ts";
import type { CountedAnswer } from "../../router/token-count-cache.ts";
import { finishConversation } from "./converse.ts";
import { type Plan, type Planning, planFor, refuseStoredState, requestOf } from "./plan.ts";
import { sendAttempt } from "./send-attempt.ts";
import { headersFor } from "./send-plan.ts";
import { storyHeaders, tellStory } from "./story.ts";
import type { Finish, Stage, Walk } from "./walk.ts";

/**
 * Token counts. Agents ask for them before each turn, so a count is never billed, never waits long and never fails a
 * session: the provider's own counter is asked where it has one, its answers are remembered for a minute, and where it
 * has none, or fails, the answer is our estimate and says so.
 */
export async function countTokens(planning: Planning, routes: readonly Route[]): Promise<Walk> {
  refuseStoredState(planning);
  const [route] = routes;
  if (route === undefined) return estimating(planning);
  const { services } = planning;
  const key = await cacheKey(planning);
  const known = services.tokenCounts.get(key, services.now());
  if (known !== null) return remembering(planning, known);
  const planned = await planFor(planning, route);
  // Nothing is fetched for a count.
  if (planned.fetches) return estimating(planning);
  return { admitFirst: false, send: (stage) => ask(planning, planned.plan, stage, key) };
}

/** What makes two counts the same: the client's bytes, what it reads them by, and where they go. */
async function cacheKey({
  tenant,
  call,
  target,
  requestedModel,
  strict,
  query,
  client,
  body,
}: Planning): Promise<string> {
  const read = [call.dialect, call.version, call.method, client.get("anthropic-version"), client.get("anthropic-beta")];
  const goes = [target.provider.id, target.upstreamModel, requestedModel];
  return JSON.stringify([tenant, ...read, ...goes, strict, query, await sha256(body.text)]);
}

const free = (raw: unknown, estimated: boolean): AnswerFacts => ({
  ...noAnswer(),
  usage: { ...inputUsage(0), ...(raw === undefined ? {} : { raw }), ...(estimated ? { estimated } : {}) },
  terminal: true,
});

const clientOf = ({ dialect }: Planning) => chatDialects[dialect.id as ChatDialectId];

/** An answer without a provider: nobody was asked, or nobody could tell. */
interface Estimated {
  /** Why the provider's own count is not there, when it should have been. */
  failure?: { code: string; status: number | null };
}

/** Our own count. A request that cannot be read is refused before anything else is done. */
function estimating(planning: Planning): Walk {
  const tokens = estimateTokens(requestOf(planning));
  return {
    admitFirst: false,
    async send(stage) {
      nobodyAsked(stage);
      return () => answerEstimate(planning, stage, tokens, {});
    },
  };
}

function nobodyAsked({ exchange }: Stage): void {
  exchange.attempts--;
  exchange.upstreamDialect = null;
}

function answerEstimate(planning: Planning, stage: Stage, tokens: number, { failure }: Estimated): Response {
  const { exchange } = stage;
  exchange.answer = () => free(undefined, true);
  const cost = exchange.settle("ok", 200, failure?.code ?? null);
  const headers = storyHeaders({ ...planning, ...stage }, "application/json");
  headers.set("x-gaia-token-count", "estimated");
  if (failure?.status) headers.set("x-gaia-upstream-status", String(failure.status));
  if (cost !== null) headers.set("x-gaia-cost", usdFromNano(cost));
  return new Response(JSON.stringify(clientOf(planning).encodeTokenCount(tokens)), { status: 200, headers });
}

function remembering(planning: Planning, { text, contentType, warnings }: CountedAnswer): Walk {
  for (const { code, path } of warnings) planning.losses.add(code, path);
  return {
    admitFirst: false,
    async send(stage) {
      nobodyAsked(stage);
      return () => {
        stage.exchange.answer = () => free(parseJson(text), false);
        const cost = stage.exchange.settle("ok", 200);
        const headers = storyHeaders({ ...planning, ...stage }, contentType);
        headers.set("x-gaia-token-count", "cached");
        if (cost !== null) headers.set("x-gaia-cost", usdFromNano(cost));
        return new Response(text, { status: 200, headers });
      };
    },
  };
}

/** No count is longer. */
const MAXIMUM_COUNT = 256 * 1024;

interface Asked {
  response: Response;
  bytes: Uint8Array;
}

/** Asks the provider's counter, within a time that an agent can wait. */
async function ask(planning: Planning, plan: Plan, stage: Stage, key: string): Promise<Finish> {
  const { services } = planning;
  const { controller } = stage;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, services.countTimeout);
  try {
    const asked = await asking(planning, plan, stage);
    return finishAsked(planning, plan, stage, asked, key);
  } catch (error) {
    const code = late ? "upstream_timeout" : error instanceof GatewayError ? error.code : "upstream_error";
    return instead(planning, stage, { code, status: null }, () => {
      throw error;
    });
  } finally {
    clearTimeout(timer);
  }
}

async function asking(planning: Planning, plan: Plan, { exchange, controller }: Stage): Promise<Asked> {
  const { services, target } = planning;
  exchange.upstreamDialect = plan.route.dialect;
  const response = await sendAttempt(exchange, planning, {
    dialect: plan.route.dialect,
    target,
    path: plan.path,
    headers: headersFor(planning, plan),
    body: plan.body,
    controller,
    headersTimeout: planning.timeouts.headers,
  });
  exchange.upstreamRequestId = upstreamRequestId(response.headers);
  exchange.firstByteAt = services.now();
  const bytes =
    response.body === null ? new Uint8Array(0) : await readWhole(response.body, MAXIMUM_COUNT, services.countTimeout);
  if (bytes === null) throw new GatewayError("upstream_error", `${target.provider.id} sent no token count.`);
  return { response, bytes };
}

function finishAsked(planning: Planning, plan: Plan, stage: Stage, { response, bytes }: Asked, key: string): Finish {
  const upstream = chatDialects[plan.route.dialect as ChatDialectId];
  const text = new TextDecoder().decode(bytes);
  const parsed = parseJson(text);
  if (!response.ok) {
    const failure = upstream.decodeFailure(response.status, response.headers, parsed);
    const told = new Response(bytes, { status: response.status, headers: response.headers });
    const asItIs = finishConversation(planning, stage, { response: told, plan });
    if (concernsTheRequest(failure)) return asItIs;
    return instead(planning, stage, { code: codeOf(failure), status: response.status }, asItIs);
  }
  const tokens = upstream.decodeTokenCount(parsed);
  if (tokens === null) {
    const unreadable = new GatewayError("upstream_error", "The provider's count could not be read. Try again.");
    return instead(planning, stage, { code: "malformed", status: response.status }, () => {
      throw unreadable;
    });
  }
  return () => answerCount(planning, plan, stage, { response, text, parsed, tokens }, key);
}

function answerCount(
  planning: Planning,
  plan: Plan,
  stage: Stage,
  { response, text, parsed, tokens }: { response: Response; text: string; parsed: unknown; tokens: number },
  key: string,
): Response {
  const { services, losses } = planning;
  const { exchange } = stage;
  const relayed = plan.translation === null;
  const headers = relayed ? returnedHeaders(response.headers) : new Headers({ "content-type": "application/json" });
  const body = relayed ? text : JSON.stringify(clientOf(planning).encodeTokenCount(tokens));
  const contentType = headers.get("content-type") ?? "application/json";
  services.tokenCounts.remember(key, { text: body, contentType, warnings: losses.warnings }, services.now());
  exchange.answer = () => free(parsed, false);
  const cost = exchange.settle("ok", response.status);
  tellStory(headers, { ...planning, ...stage });
  if (exchange.upstreamRequestId !== null) headers.set("x-gaia-upstream-id", exchange.upstreamRequestId);
  if (cost !== null) headers.set("x-gaia-cost", usdFromNano(cost));
  return new Response(body, { status: response.status, headers });
}

/** Failures that say what is wrong with the request: an estimate would only put off the bad news. */
const OF_THE_REQUEST: ReadonlySet<FailureKind> = new Set([
  "invalid_request",
  "context_length",
  "reasoning_state",
  "content_policy",
  "too_large",
]);

function concernsTheRequest({ kind, status, code, message }: UpstreamFailure): boolean {
  // The model is served at an endpoint that has no counter.
  if (namedEndpoint(message) !== null) return false;
  // Said in the provider's own words, the model is not there; a bare 404 is a host without such a counter.
  if (kind === "not_found") return status === 404 && code !== null;
  return OF_THE_REQUEST.has(kind) && status !== 405;
}

/** Our count in place of a provider's that did not come. A request we cannot read ourselves gets the failure after all. */
function instead(planning: Planning, stage: Stage, failure: Estimated["failure"], otherwise: Finish): Finish {
  let tokens: number;
  try {
    tokens = estimateTokens(requestOf(planning));
  } catch {
    return otherwise;
  }
  return () => answerEstimate(planning, stage, tokens, failure === undefined ? {} : { failure });
}
