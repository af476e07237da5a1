import { Losses } from "../../canonical/losses.ts";
import type { RequestFeatures } from "../../canonical/request-features.ts";
import { findModel } from "../../catalog/models.ts";
import { type PriceRow, tenantPriceRow } from "../../catalog/prices.ts";
import type { Operation } from "../../dialects/dialect.ts";
import type { AdmitRequest } from "../../ledger/contract.ts";
import type { PricedModel } from "../../ledger/tenant-price-cache.ts";
import type { CountedPrefix } from "../../router/counted-prompts.ts";
import { estimateInput } from "../../router/estimate-tokens.ts";
import { type PromptPrefixes, prefixesOf } from "../../router/prompt-prefixes.ts";
import { type Route, routesOf, type Target } from "../../router/resolve.ts";
import type { RequestSpan } from "../../telemetry/request-span.ts";
import type { AppContext } from "../context.ts";
import type { AuthenticatedKey } from "./authenticate.ts";
import { priceFor } from "./bound.ts";
import type { Caller } from "./caller.ts";
import { whenClientLeaves } from "./client-gone.ts";
import { converse } from "./converse.ts";
import { countTokens } from "./count.ts";
import { embed } from "./embed.ts";
import { Exchange } from "./exchange.ts";
import type { Planning } from "./plan.ts";
import { type Terms, termsOf } from "./terms.ts";
import type { Stage, Walk } from "./walk.ts";

/** Everything that is known of a request but the model that answers it. */
export interface Inquiry extends Omit<Planning, "target" | "losses"> {
  c: AppContext;
  span: RequestSpan;
  key: AuthenticatedKey;
  caller: Caller;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** A request planned for one model: what the Ledger is asked, and how it is sent. */
export interface Attempt {
  planning: Planning;
  walk: Walk;
  /** What a bound depends on. */
  features: RequestFeatures;
  /** What it is rated by, as far as is known until the Ledger has said yes. */
  price: PriceRow | null;
  prompt: Prompt | null;
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

/** How each operation is planned. */
const WALKS: Record<Operation, (planning: Planning, routes: readonly Route[]) => Promise<Walk>> = {
  generate: converse,
  count_tokens: countTokens,
  embed,
};

/** Plans the request for a model; throws the GatewayError that says what this model cannot be asked. */
export async function planAttempt(inquiry: Inquiry, target: Target): Promise<Attempt> {
  const { services, call, facts, startedAt } = inquiry;
  const routes = routesOf(target, call.dialect, call.operation, {
    toolsWithReasoning: facts.toolsWithReasoning,
    learned: services.endpoints.get(target.provider.id, target.upstreamModel, startedAt),
  });
  const planning: Planning = { ...inquiry, target, losses: new Losses() };
  const features = inquiry.dialect.requestFeatures(inquiry.body.body, call.operation);
  const walk = await WALKS[call.operation](planning, routes);
  return {
    planning,
    walk,
    features,
    price: priceOf(inquiry, target),
    prompt: promptOf(inquiry, target, routes),
    terms: null,
  };
}

/** Null where it is not worth the hashing: nothing counted is of use, or no limit binds the key. */
function promptOf(inquiry: Inquiry, target: Target, [route]: readonly Route[]): Prompt | null {
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
export const pricedModel = ({ key }: Inquiry, { provider, upstreamModel }: Target): PricedModel => ({
  rootId: key.rootId,
  keyId: key.keyId,
  model: `${provider.id}/${upstreamModel}`,
});

/** The tenant's own price as far as this isolate knows one, else the price book's. */
export function priceOf(inquiry: Inquiry, target: Target): PriceRow | null {
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

function termsAt({ call, facts, body, strict }: Inquiry, attempt: Attempt): Terms {
  const { planning, features, price, prompt } = attempt;
  const { provider, upstreamModel, model } = planning.target;
  return termsOf({
    ...{ operation: call.operation, facts, features, price, bytes: body.bytes, counted: prompt?.counted ?? null },
    ...{ provider, upstreamModel, model, strict },
  });
}

/** What the Ledger is asked. `substituted`: a limit has had its say about the model. */
export function admitRequestOf(inquiry: Inquiry, attempt: Attempt, substituted: boolean): AdmitRequest {
  const { c, key, caller, call, facts, requestedModel, startedAt } = inquiry;
  const { planning, price } = attempt;
  const { target } = planning;
  return {
    keyId: key.keyId,
    rootId: key.rootId,
    mac: key.mac,
    draft: {
      ...caller,
      eventId: c.get("requestId"),
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
      streamed: facts.stream,
      priceVersion: price?.version ?? null,
      routeId: null,
      startedAt,
    },
    ...termsFor(inquiry, attempt),
    patience: call.operation === "count_tokens" ? 0 : PATIENCE,
    substituted,
    ...{ route: null, target: `${target.provider.id}/${target.upstreamModel}@`, alternatives: false, replaces: null },
  };
}

/** What the attempt is sent with: an exchange of its own, and what ends it when the client leaves. */
export function stageFor(inquiry: Inquiry, attempt: Attempt): Stage {
  const { c, span, services, call, body, startedAt } = inquiry;
  const { planning, features, price } = attempt;
  const { provider } = planning.target;
  const waitUntil = (promise: Promise<unknown>) => c.executionCtx.waitUntil(promise);
  const { bound, output } = termsFor(inquiry, attempt);
  const facts = {
    eventId: c.get("requestId"),
    dialect: call.dialect,
    startedAt,
    // For a prompt that the provider does not count; never more than is held for it.
    inputTokens: Math.min(estimateInput(features, body.bytes), bound.inputTokens),
    mostOutputTokens: (cap: number | null) =>
      cap === null || output === null
        ? bound.outputTokens
        : Math.min(bound.outputTokens, (cap + features.predicted) * output.candidates),
    service: features.service?.word ?? null,
    price,
    priceOf: (servedModel: string) => priceFor(findModel(provider.id, servedModel), startedAt),
  };
  const exchange = new Exchange(services, facts, span, waitUntil);
  exchange.losses = planning.losses;
  const controller = new AbortController();
  const generates = call.operation === "generate";
  const onClientGone = whenClientLeaves({ services, provider, exchange, controller, generates, waitUntil });
  return { c, exchange, controller, onClientGone };
}
