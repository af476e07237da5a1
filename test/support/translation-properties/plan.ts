import { type Plan, type Planning, planFor } from "../../../worker/api/inference/plan.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { Operation } from "../../../worker/dialects/dialect.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { type JsonScan, scanJson } from "../../../worker/lib/json-scan.ts";
import { type Route, resolveTarget, routesOf, type Target } from "../../../worker/router/resolve.ts";

/** The gateway's own planning of a request, without a gateway around it: what would be sent, and what is told of losses. */

export const DIALECTS = Object.keys(chatDialects) as ChatDialectId[];

const providers = {
  credentials: {},
  namedCredentials: {},
  baseUrls: {},
  simulatorUrl: "http://simulator",
  anthropicVersion: "2023-06-01",
};

/** A picture of one dot, wherever an address leads. */
export const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const services = {
  providers,
  hash: async (text: string) => `hash${text.length}`.padEnd(40, "0"),
  fetchMedia: async () =>
    new Response(
      Uint8Array.from(atob(PNG), (character) => character.charCodeAt(0)),
      {
        headers: { "content-type": "image/png" },
      },
    ),
} as unknown as Planning["services"];

export interface PlanOptions {
  client: ChatDialectId;
  /** Public name, `{provider}/{model}`. */
  model: string;
  /** The endpoint; by default the one the gateway would choose. */
  upstream?: ChatDialectId;
  operation?: Operation;
  stream?: boolean;
  strict?: boolean;
  /** The client's query, as it goes on in a relay. */
  query?: string;
}

export interface Planned {
  plan: Plan;
  /** What is sent. */
  text: string;
  body: JsonObject;
  losses: Losses;
  target: Target;
}

const targetOf = (model: string): Target => resolveTarget(model, providers);

/** Plans a request; throws the GatewayError that the client would get. */
export async function planRequest(body: JsonObject, options: PlanOptions): Promise<Planned> {
  const { client, model, operation = "generate", stream = false, strict = false, query = "" } = options;
  const gemini = client === "google-generate-content";
  const named: JsonObject = gemini ? body : { ...body, model, ...(stream ? { stream: true } : {}) };
  const call = gemini
    ? { dialect: client, operation, model, stream, method: stream ? "streamGenerateContent" : "generateContent" }
    : { dialect: client, operation };
  const dialect = chatDialects[client];
  const facts = dialect.readRequest(named, call);
  const target = targetOf(model);
  const losses = new Losses();
  const text = JSON.stringify(named);
  const scan = scanJson(text) as JsonScan;
  const routes = routesOf(target, client, operation, { toolsWithReasoning: facts.toolsWithReasoning, learned: null });
  const route = options.upstream === undefined ? routes[0] : routes.find((one) => one.dialect === options.upstream);
  const planned = await planFor(
    {
      services,
      call,
      dialect,
      facts,
      target,
      timeouts: { headers: 1_000, firstToken: 1_000, idle: 1_000, total: 1_000 },
      client: new Headers(),
      tenant: "acme",
      body: { text, body: named, scan, bytes: text.length },
      requestedModel: model,
      query,
      strict,
      losses,
    },
    route as Route,
  );
  const plan = planned.fetches ? await planned.complete(new AbortController().signal) : planned.plan;
  return { plan, text: plan.body, body: JSON.parse(plan.body) as JsonObject, losses, target };
}

/** The same, with a refusal as a value. */
export const planOrRefusal = (body: JsonObject, options: PlanOptions): Promise<Planned | GatewayError> =>
  planRequest(body, options).catch((error: unknown) => {
    if (error instanceof GatewayError) return error;
    throw error;
  });
