import type { DialectId } from "../../canonical/dialect-id.ts";
import { Losses } from "../../canonical/losses.ts";
import type { EventDraft } from "../../canonical/usage-event.ts";
import { findModel } from "../../catalog/models.ts";
import type { Operation } from "../../dialects/dialect.ts";
import { dialects } from "../../dialects/registry.ts";
import type { AdmitRequest } from "../../ledger/contract.ts";
import { type Origin, regionOf } from "../../ledger/regions.ts";
import { estimateInput } from "../../router/estimate-tokens.ts";
import { type Route, readModelName, resolveTarget, routesOf } from "../../router/resolve.ts";
import type { AppContext } from "../context.ts";
import { admitBeside, admitFirst } from "./admission.ts";
import { authenticateKey, requirePermission } from "./authenticate.ts";
import { boundOf, priceFor } from "./bound.ts";
import { readCaller } from "./caller.ts";
import { converse } from "./converse.ts";
import { countTokens } from "./count.ts";
import { embed } from "./embed.ts";
import { Exchange } from "./exchange.ts";
import type { Planning } from "./plan.ts";
import { readBody } from "./read-body.ts";
import type { Walk } from "./walk.ts";

/** What an endpoint knows from its path: the dialect, the operation, and for Gemini the model and method. */
export interface InferenceCall {
  dialect: DialectId;
  operation: Operation;
  model?: string;
  stream?: boolean;
  method?: string;
  version?: string;
}

/** How each operation is planned. */
const WALKS: Record<Operation, (planning: Planning, routes: readonly Route[]) => Promise<Walk>> = {
  generate: converse,
  count_tokens: countTokens,
  embed,
};

/** The client's query string, without the key that Gemini's clients may put there. */
function forwardedQuery(url: URL): string {
  url.searchParams.delete("key");
  return url.searchParams.size === 0 ? "" : `?${url.searchParams.toString()}`;
}

/** Where Cloudflare says the request came in; nothing on one's own machine. */
const originOf = (request: Request): Origin => (request as { cf?: Origin }).cf ?? {};

/**
 * A request's whole walk (ARCHITECTURE.md): authenticate, read, resolve, admit, send, relay, settle. Throws GatewayError
 * for every refusal; after admission each ending settles exactly once.
 */
export async function infer(c: AppContext, call: InferenceCall): Promise<Response> {
  const services = c.get("services");
  const request = c.req.raw;
  const url = new URL(request.url);
  const startedAt = services.now();
  const key = await authenticateKey(services, request.headers, url);

  const dialect = dialects[call.dialect];
  const body = await readBody(request);
  const requestedModel = readModelName(call.model ?? body.body.model);
  const facts = dialect.readRequest(body.body, call);
  const target = resolveTarget(requestedModel, services.providers);
  const caller = await readCaller(request.headers, facts, services.hash);

  const price = priceFor(target.model, startedAt);
  const features = dialect.requestFeatures(body.body, call.operation);
  const bounds = boundOf({
    ...{ operation: call.operation, facts, features, price, bytes: body.bytes },
    ...{ provider: target.provider, upstreamModel: target.upstreamModel, model: target.model },
  });
  const draft: EventDraft = {
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
    startedAt,
  };
  const ledger = services.ledger(key.rootId, key.jurisdiction);
  const waitUntil = (promise: Promise<unknown>) => c.executionCtx.waitUntil(promise);
  // For a prompt that the provider does not count; never more than is held for it.
  const inputTokens = Math.min(estimateInput(features, body.bytes), bounds.bound.inputTokens);
  const priceOf = (servedModel: string) => priceFor(findModel(target.provider.id, servedModel), startedAt);
  const service = features.service?.word ?? null;
  const losses = new Losses();
  const strict = request.headers.get("x-gaia-strict")?.trim().toLowerCase() === "true";
  const routes = routesOf(target, call.dialect, call.operation, {
    toolsWithReasoning: facts.toolsWithReasoning,
    learned: services.endpoints.get(target.provider.id, target.upstreamModel, startedAt),
  });
  const planning: Planning = {
    services,
    call,
    dialect,
    facts,
    target,
    body,
    client: request.headers,
    tenant: key.rootId,
    requestedModel,
    query: forwardedQuery(url),
    strict,
    losses,
  };
  const walk = await WALKS[call.operation](planning, routes);

  const known = { eventId: draft.eventId, dialect: call.dialect, startedAt, inputTokens, service, price, priceOf };
  const exchange = new Exchange(services, known, waitUntil);
  exchange.losses = losses;

  const controller = new AbortController();
  const remembered = services.principals.get(key.mac, startedAt);
  if (remembered !== null) requirePermission(remembered, "write");
  const { rootId, jurisdiction, keyId } = key;
  const region = regionOf(originOf(request));
  const shard = services.shard({ rootId, jurisdiction, region, keyId });
  const away = services.shard({ rootId, jurisdiction, region: null, keyId });
  const asked: AdmitRequest = {
    ...{ keyId: key.keyId, rootId: key.rootId, mac: key.mac, draft, ...bounds },
    priced: price !== null,
    patience: 0,
    substituted: false,
  };
  const limited = remembered?.limited ?? null;
  const admitting = services.admitter.admit({ ledger, shard, away, request: asked, limited, waitUntil });
  const upstream = () => walk.send({ c, exchange, controller });
  const steps = { services, key, exchange, admitting, upstream, controller, clientGone: request.signal };
  // A key without limits does not wait to send; no byte reaches its client before the Ledger has said yes.
  const beside = remembered !== null && !remembered.limited && !walk.admitFirst;
  const finish = await (beside ? admitBeside(steps) : admitFirst(steps));
  return finish();
}
