import { messageOf } from "../../dialects/failure.ts";
import { openaiFailure } from "../../dialects/openai-failure.ts";
import { parseJson } from "../../lib/json.ts";
import { namedEndpoint } from "../../router/endpoint-memory.ts";
import { readWhole } from "../../router/read-whole.ts";
import type { Route, Target } from "../../router/resolve.ts";
import { type SealedThought, thoughtsIn, thoughtsOf, withoutThoughts } from "../../router/sealed-thoughts.ts";
import { translatedHeaders, upstreamHeaders, upstreamRequestId } from "../../router/send.ts";
import { targetKey } from "../../router/targets.ts";
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
  /** Another target could have been asked: a conversation may come from there. */
  gated: boolean;
}

/** An error that says no more than where else to ask is not longer. */
const MAXIMUM_ERROR = 256 * 1024;

/**
 * Sends the request. Twice, where the provider says what to change: at which other of its endpoints the model is served, or
 * that its history has thoughts of another account. What it said is remembered; it bills nothing for having refused, so the
 * one hold is enough.
 */
export async function sendPlan(sending: Sending): Promise<Sent> {
  const { planning, routes, exchange, controller } = sending;
  const first = withoutRefused(sending, await whole(sending, sending.first));
  const response = await sendOne(sending, first);
  if (response.status !== 404 && response.status !== 400) return { response, plan: first };
  const thoughts = response.status === 400 && mayLackThoughts(sending, first) ? thoughtsIn(first.body) : [];
  if (routes.length < 2 && thoughts.length === 0) return { response, plan: first };
  const { idle } = planning.timeouts;
  const reading =
    response.body === null ? new Uint8Array(0) : readWhole(response.body, MAXIMUM_ERROR, idle, controller.signal);
  const bytes = await Promise.resolve(reading).catch((cause: unknown) => {
    throw brokenOff(planning.target, cause);
  });
  const told = new Response(bytes, { status: response.status, headers: response.headers });
  const error = parseJson(new TextDecoder().decode(bytes ?? undefined));
  const plan = (await atNamedEndpoint(sending, error)) ?? withoutSealed(sending, first, thoughts, told, error);
  if (plan === null) return { response: told, plan: first };
  exchange.attempts++;
  return { response: await sendOne(sending, plan), plan };
}

/** The request for the endpoint that the provider names in its error; null where it names no other. */
async function atNamedEndpoint(sending: Sending, error: unknown): Promise<Plan | null> {
  const { planning, routes } = sending;
  const { services, target, losses } = planning;
  const dialect = namedEndpoint(messageOf(error));
  const other = routes.find((one) => one.dialect === dialect);
  if (dialect === null || other === undefined || other === routes[0]) return null;
  services.endpoints.learn(target.provider.id, target.upstreamModel, dialect, services.now());
  losses.clear();
  return withoutRefused(sending, await whole(sending, await planFor(planning, other)));
}

/** A client that names its target itself knows whose thoughts it sends; a strict one wants to hear of it. */
const mayLackThoughts = ({ planning, gated }: Sending, { route }: Plan): boolean =>
  gated && !planning.strict && route.dialect === "openai-responses";

/** The request without the thoughts in it, where the provider refuses it for one of them; null where it does not. */
function withoutSealed(
  sending: Sending,
  plan: Plan,
  thoughts: readonly SealedThought[],
  { status, headers }: Response,
  error: unknown,
): Plan | null {
  if (thoughts.length === 0 || openaiFailure(status, headers, error).kind !== "reasoning_state") return null;
  const { services, target } = sending.planning;
  services.refusedThoughts.learn(keyOf(target), thoughts);
  return lacking(sending, plan, thoughts);
}

/** The request without those of which it is known that it would be refused for them. */
function withoutRefused(sending: Sending, plan: Plan): Plan {
  if (!mayLackThoughts(sending, plan)) return plan;
  const { services, target } = sending.planning;
  const refused = services.refusedThoughts.in(plan.body, keyOf(target));
  return refused.length === 0 ? plan : lacking(sending, plan, refused);
}

function lacking({ planning, exchange }: Sending, plan: Plan, thoughts: readonly SealedThought[]): Plan {
  const { losses, body } = planning;
  const marks = new Set(thoughts.map(({ mark }) => mark));
  // In the client's own body, where that is a Responses request, too.
  const own = plan.translation === null ? thoughtsOf(body.body).filter(({ mark }) => marks.has(mark)) : [];
  for (const { index } of own) losses.add("reasoning_state_dropped", `input[${index}]`);
  if (own.length === 0) losses.add("reasoning_state_dropped", "");
  exchange.abridged = true;
  return { ...plan, body: withoutThoughts(plan.body, thoughts) };
}

const keyOf = ({ provider, upstreamModel, credential }: Target): string =>
  targetKey(provider.id, upstreamModel, credential);

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
