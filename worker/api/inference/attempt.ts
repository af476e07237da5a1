import type { DialectId } from "../../canonical/dialect-id.ts";
import { Losses } from "../../canonical/losses.ts";
import type { RequestFeatures } from "../../canonical/request-features.ts";
import { findModel } from "../../catalog/models.ts";
import { type PriceRow, tenantPriceRow } from "../../catalog/prices.ts";
import type { Operation } from "../../dialects/dialect.ts";
import { GatewayError } from "../../errors.ts";
import type { AdmitRequest, NamedModel, Whence } from "../../ledger/contract.ts";
import type { PricedModel } from "../../ledger/tenant-price-cache.ts";
import { lacks, needsOf, usesOf } from "../../router/can-serve.ts";
import type { CountedPrefix } from "../../router/counted-prompts.ts";
import { estimateInput } from "../../router/estimate-tokens.ts";
import { type PromptPrefixes, prefixesOf } from "../../router/prompt-prefixes.ts";
import { type Route, routesOf, type Target } from "../../router/resolve.ts";
import type { Candidate } from "../../router/targets.ts";
import type { RequestSpan } from "../../telemetry/request-span.ts";
import type { AppContext } from "../context.ts";
import type { AuthenticatedKey } from "./authenticate.ts";
import { priceFor } from "./bound.ts";
import type { Caller } from "./caller.ts";
import { type Candidates, type Taken, targetOf } from "./candidates.ts";
import { whenClientLeaves } from "./client-gone.ts";
import { converse } from "./converse.ts";
import { countTokens } from "./count.ts";
import { embed } from "./embed.ts";
import { Exchange } from "./exchange.ts";
import type { Wanted } from "./fallbacks.ts";
import { factsOf, informed } from "./informed.ts";
import type { Planning } from "./plan.ts";
import { type Terms, termsOf } from "./terms.ts";
import type { Stage, Walk } from "./walk.ts";

/** Everything that planning a request takes but the target that answers it. */
export interface Asked extends Omit<Planning, "target" | "timeouts" | "losses"> {
  requestId: string;
  key: Pick<AuthenticatedKey, "rootId" | "keyId" | "mac" | "jurisdiction">;
  caller: Caller;
  from: Whence;
  /** What bounds depend on, and which targets can serve it. */
  features: RequestFeatures;
  /** What the client wants tried if its model fails. */
  fallbacks: Wanted["fallbacks"];
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** The same of a request that is to be answered. */
export interface Inquiry extends Asked {
  c: AppContext;
  span: RequestSpan;
  /** Every model the client names. */
  named: NamedModel[];
}

/** A request planned for one target: what the Ledger is asked, and how it is sent. */
export interface Attempt extends Taken {
  /** The targets that may take its place. */
  candidates: Candidates;
  planning: Planning;
  /** The wire format in which it is sent; null where no provider is asked. */
  upstream: DialectId | null;
  walk: Walk;
  /** What it is rated by, as far as is known until the Ledger has said yes. */
  price: PriceRow | null;
  prompt: Prompt | null;
  /** No other attempt begins later; milliseconds since the epoch. */
  deadline: number;
  /** What it can use at most, by the price it was worked out with. */
  terms: { of: PriceRow | null; terms: Terms } | null;
}

/** The prompt where it may be bounded by what a provider has counted. */
interface Prompt {
  prefixes: PromptPrefixes;
  counted: CountedPrefix | null;
}

/** Milliseconds a request waits for others to release what they hold; a count holds nothing. */
const PATIENCE = 2000;

/** Milliseconds after a request's arrival in which another attempt may begin: as long as an official SDK waits for an answer. */
const DEADLINE = 600_000;

/** How each operation is planned. */
const WALKS: Record<Operation, (planning: Planning, routes: readonly Route[]) => Promise<Walk>> = {
  generate: converse,
  count_tokens: countTokens,
  embed,
};

/**
 * Plans the request for the next target that can serve it; what cannot is passed over, and noted. Throws a GatewayError when
 * none can: where there is but one, that says what this one cannot be asked.
 */
export async function planNext(inquiry: Asked, candidates: Candidates): Promise<Attempt> {
  const { services, startedAt } = inquiry;
  const refusals: Refusal[] = [];
  for (;;) {
    const now = services.now();
    const taken = candidates.take(services.health, now, startedAt);
    if (taken === null) return planInSpite(inquiry, candidates, refusals);
    const refusal = await planOrRefusal(inquiry, candidates, taken);
    if (!("reason" in refusal)) return refusal;
    if (!candidates.mayMoveOn) throw refusal.error;
    candidates.skip(targetOf(taken.candidate.target), refusal.reason, now - startedAt);
    refusals.push(refusal);
  }
}

/** A target that cannot be asked this. */
export interface Refusal {
  candidate: Candidate;
  /** In a stable word. */
  reason: string;
  error: GatewayError;
}

/** The request planned for a target that was taken, or why it cannot be asked; then its breaker waits for no report. */
export async function planOrRefusal(inquiry: Asked, candidates: Candidates, found: Taken): Promise<Attempt | Refusal> {
  const { services, call, body, features } = inquiry;
  const { passage } = found;
  const candidate = informed(inquiry, found.candidate);
  const taken = { candidate, passage };
  try {
    const needs = needsOf(call.operation, body.body, features, body.bytes);
    const lack = candidates.mayMoveOn ? lacks(candidate.target, needs) : null;
    if (lack === null) return await planAttempt(inquiry, candidates, taken);
    const message = `'${candidate.target.upstreamModel}' lacks ${lack.replace("_", " ")}.`;
    const error = new GatewayError("no_target", message, { param: "model" });
    services.health.abandoned(candidate.key, passage);
    return { candidate, reason: lack, error };
  } catch (error) {
    services.health.abandoned(candidate.key, passage);
    if (error instanceof GatewayError) return { candidate, reason: error.code, error };
    throw error;
  }
}

/**
 * None can be asked. Lengths are estimated: one that is said to be too short for the prompt is worth a try then. Where there
 * is but one reason that is the error, else it tells all.
 */
function planInSpite(inquiry: Asked, candidates: Candidates, refusals: readonly Refusal[]): Promise<Attempt> {
  const short = refusals.find(({ reason }) => reason === "context_length");
  if (short !== undefined) return planAttempt(inquiry, candidates, { candidate: short.candidate, passage: null });
  const [first, second] = refusals;
  if (first !== undefined && second === undefined) throw first.error;
  const why = refusals.map(({ candidate, error }) => `${nameOf(candidate)}: ${error.message}`).join(" ");
  throw new GatewayError(
    "no_target",
    `No target of '${inquiry.requestedModel}' can serve this request. ${why || "None is set up here."}`,
    { param: "model" },
  );
}

/** The target without its credential, which is the operator's business. */
const nameOf = ({ target }: Candidate): string => `${target.provider.id}/${target.upstreamModel}`;

/** Plans the request for a target; throws the GatewayError that says what this one cannot be asked. */
async function planAttempt(inquiry: Asked, candidates: Candidates, taken: Taken): Promise<Attempt> {
  const { services, call, facts, startedAt } = inquiry;
  const { target } = taken.candidate;
  const routes = routesOf(target, call.dialect, call.operation, {
    toolsWithReasoning: facts.toolsWithReasoning,
    learned: services.endpoints.get(target.provider.id, target.upstreamModel, startedAt),
  });
  const timeouts = services.timeoutsFor(target.model, facts.stream, candidates.route?.timeouts ?? null);
  const planning: Planning = { ...inquiry, target, timeouts, losses: new Losses() };
  const walk = await WALKS[call.operation](planning, routes);
  return {
    ...{ ...taken, candidates, planning, walk },
    upstream: routes[0]?.dialect ?? null,
    price: priceOf(inquiry, target),
    prompt: promptOf(inquiry, target, routes),
    deadline: startedAt + DEADLINE,
    terms: null,
  };
}

/** Null where it is not worth the hashing: nothing counted is of use, or no limit binds the key. */
function promptOf(inquiry: Asked, target: Target, [route]: readonly Route[]): Prompt | null {
  const { provider, upstreamModel, connection } = target;
  const { services, key, call, body, client, tenant, startedAt } = inquiry;
  const unlimited = services.principals.get(key.mac, startedAt)?.limited === false;
  if (call.operation !== "generate" || unlimited || route === undefined || !connection.vendorsOwn) return null;
  const beta = client.get("anthropic-beta") ?? "";
  const scope = { tenant, provider: provider.id, upstreamModel, upstream: route.dialect, beta };
  const prefixes = prefixesOf(body.body, body.bytes, call.dialect, scope);
  return prefixes === null ? null : { prefixes, counted: services.countedPrompts.find(prefixes, startedAt) };
}

/** The name under which the tenant's own prices are kept. */
export const pricedModel = ({ key }: Asked, { provider, upstreamModel }: Target): PricedModel => ({
  rootId: key.rootId,
  keyId: key.keyId,
  model: `${provider.id}/${upstreamModel}`,
});

/** The tenant's own price as far as this isolate knows one, else the price book's. */
export function priceOf(inquiry: Asked, target: Target): PriceRow | null {
  const { services, startedAt } = inquiry;
  const own = services.tenantPrices.get(pricedModel(inquiry, target), startedAt);
  return own === null ? priceFor(target.model, startedAt) : tenantPriceRow(own);
}

/** What the request can use at most, worked out once for each price. */
export function termsFor(inquiry: Inquiry, attempt: Attempt): Terms {
  const { price } = attempt;
  if (attempt.terms === null || attempt.terms.of !== price)
    attempt.terms = { of: price, terms: termsAt(inquiry, attempt) };
  return attempt.terms.terms;
}

function termsAt({ call, facts, features, body, strict }: Inquiry, attempt: Attempt): Terms {
  const { planning, price, prompt } = attempt;
  const { provider, upstreamModel, model } = planning.target;
  return termsOf({
    ...{ operation: call.operation, facts, features, price, bytes: body.bytes, counted: prompt?.counted ?? null },
    ...{ provider, upstreamModel, model, strict },
  });
}

export interface Question {
  /** A limit has had its say about the model. */
  substituted: boolean;
  /** The target is the best there is, even if it is cooling. */
  insists: boolean;
  /** The handle under which an attempt is held whose place this one takes; null: it is the first. */
  replaces: number | null;
}

/** What the Ledger is asked. */
export function admitRequestOf(inquiry: Inquiry, attempt: Attempt, question: Question): AdmitRequest {
  const { requestId, key, caller, from, named, call, requestedModel, startedAt } = inquiry;
  const { planning, price, candidates, candidate } = attempt;
  const { target } = planning;
  const { route, before } = candidates;
  const { bound, ...terms } = termsFor(inquiry, attempt);
  const facts = factsOf(inquiry, target);
  const uses = route === null ? [] : usesOf(inquiry.features);
  return {
    keyId: key.keyId,
    rootId: key.rootId,
    mac: key.mac,
    from,
    named,
    draft: {
      ...caller,
      eventId: requestId,
      rootId: key.rootId,
      // The Ledger knows to which organization the key belongs, and writes it in.
      organizationId: key.rootId,
      keyId: key.keyId,
      dialect: call.dialect,
      operation: call.operation,
      provider: target.provider.id,
      simulated: target.connection.simulated,
      requestedModel,
      upstreamModel: target.upstreamModel,
      streamed: inquiry.facts.stream,
      priceVersion: price?.version ?? null,
      routeId: route?.id ?? null,
      ...(uses.length > 0 ? { uses } : {}),
      startedAt,
    },
    ...terms,
    bound: { ...bound, costNano: bound.costNano + before.costNano },
    // A further attempt that waits would keep a client waiting that has waited before.
    patience: call.operation === "count_tokens" || question.replaces !== null ? 0 : PATIENCE,
    substituted: question.substituted,
    route: route && { id: route.id, version: route.version },
    facts: facts && { id: facts.id, version: facts.version },
    target: candidate.key,
    alternatives: candidates.alternatives && !question.insists,
    replaces: question.replaces,
  };
}

/** What the attempt is sent with: an exchange of its own, and what ends it when the client leaves. */
export function stageFor(inquiry: Inquiry, attempt: Attempt): Stage {
  const { c, span, services, call, body, features, startedAt } = inquiry;
  const { planning, price } = attempt;
  const { provider } = planning.target;
  const waitUntil = (promise: Promise<unknown>) => c.executionCtx.waitUntil(promise);
  const { bound, output } = termsFor(inquiry, attempt);
  const facts = {
    eventId: inquiry.requestId,
    dialect: call.dialect,
    startedAt,
    // For a prompt that the provider does not count; never more than is held for it.
    inputTokens: Math.min(estimateInput(features, body.bytes), bound.inputTokens),
    mostOutputTokens: (cap: number | null) =>
      cap === null || output === null
        ? bound.outputTokens
        : Math.min(bound.outputTokens, (cap + features.predicted) * output.candidates),
    service: features.service?.word ?? null,
    target: targetOf(attempt.planning.target),
    before: attempt.candidates.before,
    price,
    priceOf: (servedModel: string) => priceFor(findModel(provider.id, servedModel), startedAt),
  };
  const exchange = new Exchange(services, facts, span, waitUntil);
  exchange.losses = planning.losses;
  const controller = new AbortController();
  const generates = call.operation === "generate";
  const onClientGone = whenClientLeaves({ services, provider, exchange, controller, generates, waitUntil });
  return { c, exchange, controller, onClientGone, gated: attempt.candidates.mayMoveOn };
}
