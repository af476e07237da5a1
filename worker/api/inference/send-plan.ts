import { messageOf } from "../../dialects/failure.ts";
import { parseJson } from "../../lib/json.ts";
import { namedEndpoint } from "../../router/endpoint-memory.ts";
import { readWhole } from "../../router/read-whole.ts";
import type { Route } from "../../router/resolve.ts";
import { send, translatedHeaders, upstreamHeaders } from "../../router/send.ts";
import type { Exchange } from "./exchange.ts";
import { type Plan, type Planning, planFor } from "./plan.ts";

/** An answer, and the plan it is the answer to. */
export interface Sent {
  response: Response;
  plan: Plan;
}

export interface Sending {
  planning: Planning;
  routes: readonly Route[];
  /** The plan for the first route. */
  first: Plan;
  client: Headers;
  exchange: Exchange;
  controller: AbortController;
}

/** An error that says no more than where else to ask is not longer. */
const MAXIMUM_ERROR = 256 * 1024;

/**
 * Sends the request. A provider that says the model is served at another of its endpoints is asked there, once, and what
 * it said is remembered.
 */
export async function sendPlan(sending: Sending): Promise<Sent> {
  const { planning, routes, exchange } = sending;
  const { services, target } = planning;
  const response = await sendOne(sending, sending.first);
  const [route] = routes;
  if (routes.length < 2 || (response.status !== 404 && response.status !== 400))
    return { response, plan: sending.first };
  const bytes = response.body === null ? new Uint8Array(0) : await readWhole(response.body, MAXIMUM_ERROR);
  const told = new Response(bytes, { status: response.status, headers: response.headers });
  const dialect = namedEndpoint(messageOf(parseJson(new TextDecoder().decode(bytes ?? undefined))));
  const other = routes.find((one) => one.dialect === dialect);
  if (dialect === null || other === undefined || other === route) return { response: told, plan: sending.first };
  services.endpoints.learn(target.provider.id, target.upstreamModel, dialect, services.now());
  const plan = await planFor(planning, other);
  exchange.attempts++;
  return { response: await sendOne(sending, plan), plan };
}

function sendOne({ planning, client, exchange, controller }: Sending, plan: Plan): Promise<Response> {
  const { services, target, facts } = planning;
  exchange.upstreamDialect = plan.route.dialect;
  return send({
    target,
    path: plan.path,
    headers:
      plan.translation === null
        ? upstreamHeaders(client, target)
        : translatedHeaders(target, plan.translation.encoded, plan.route.dialect, services.providers.anthropicVersion),
    body: plan.body,
    controller,
    headersTimeout: services.timeouts.headers(target.model, facts.stream),
  });
}
