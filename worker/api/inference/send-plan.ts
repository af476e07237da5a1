import { messageOf } from "../../dialects/failure.ts";
import { parseJson } from "../../lib/json.ts";
import { namedEndpoint } from "../../router/endpoint-memory.ts";
import { readWhole } from "../../router/read-whole.ts";
import type { Route } from "../../router/resolve.ts";
import { translatedHeaders, upstreamHeaders, upstreamRequestId } from "../../router/send.ts";
import { brokenOff } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import { type Plan, type Planned, type Planning, planFor } from "./plan.ts";
import { sendAttempt } from "./send-attempt.ts";

/** An answer, and the plan it is the answer to. */
export interface Sent {
  response: Response;
  plan: Plan;
}

export interface Sending {
  planning: Planning;
  routes: readonly Route[];
  /** The plan for the first route. */
  first: Planned;
  exchange: Exchange;
  controller: AbortController;
}

/** An error that says no more than where else to ask is not longer. */
const MAXIMUM_ERROR = 256 * 1024;

/**
 * Sends the request. A provider that says the model is served at another of its endpoints is asked there, once, and what
 * it said is remembered; it bills nothing for having refused, so the one hold is enough.
 */
export async function sendPlan(sending: Sending): Promise<Sent> {
  const { planning, routes, exchange, controller } = sending;
  const { services, target } = planning;
  const first = await whole(sending, sending.first);
  const response = await sendOne(sending, first);
  const [route] = routes;
  if (routes.length < 2 || (response.status !== 404 && response.status !== 400)) return { response, plan: first };
  const { idle } = planning.timeouts;
  const reading =
    response.body === null ? new Uint8Array(0) : readWhole(response.body, MAXIMUM_ERROR, idle, controller.signal);
  const bytes = await Promise.resolve(reading).catch((cause: unknown) => {
    throw brokenOff(target, cause);
  });
  const told = new Response(bytes, { status: response.status, headers: response.headers });
  const dialect = namedEndpoint(messageOf(parseJson(new TextDecoder().decode(bytes ?? undefined))));
  const other = routes.find((one) => one.dialect === dialect);
  if (dialect === null || other === undefined || other === route) return { response: told, plan: first };
  services.endpoints.learn(target.provider.id, target.upstreamModel, dialect, services.now());
  planning.losses.clear();
  const plan = await whole(sending, await planFor(planning, other));
  exchange.attempts++;
  return { response: await sendOne(sending, plan), plan };
}

/** The plan with what had to be fetched for it. Until it is whole, nothing has been sent that could be billed. */
async function whole({ exchange, controller }: Sending, planned: Planned): Promise<Plan> {
  if (!planned.fetches) return withCap(exchange, planned.plan);
  exchange.sent = false;
  const plan = await planned.complete(controller.signal);
  exchange.sent = true;
  return withCap(exchange, plan);
}

/** The plan with the output cap under which it was admitted. */
function withCap(exchange: Exchange, plan: Plan): Plan {
  const capped = exchange.outputCap === null ? plan : plan.capped(exchange.outputCap);
  exchange.sentCap = capped.outputCap;
  return capped;
}

async function sendOne({ planning, exchange, controller }: Sending, plan: Plan): Promise<Response> {
  const { target } = planning;
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
  return response;
}

/** The client's headers as far as a relay hands them on, or those of a translated request. */
export const headersFor = ({ services, target, client }: Planning, { translation, route }: Plan): Headers =>
  translation === null
    ? upstreamHeaders(client, target)
    : translatedHeaders(target, translation.encoded, route.dialect, services.providers.anthropicVersion);
