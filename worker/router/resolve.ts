import type { ChatDialectId, DialectId } from "../canonical/dialect-id.ts";
import { type CatalogModel, findBareModel, findModel } from "../catalog/models.ts";
import { nearMatches } from "../catalog/near-matches.ts";
import { retiredSince } from "../catalog/retired.ts";
import type { Operation } from "../dialects/dialect.ts";
import { GatewayError } from "../errors.ts";
import { type Connection, connectionTo, type ProviderSettings } from "../providers/connection.ts";
import type { PathParts, Provider } from "../providers/provider.ts";
import { isProviderId, providers, providersServing } from "../providers/registry.ts";

/** Where a request goes: provider, upstream model, credential. */
export interface Target {
  /** As the client named it. */
  name: string;
  provider: Provider;
  upstreamModel: string;
  /** What the catalogue knows of it; null for a model newer than the catalogue, which then counts as unpriced. */
  model: CatalogModel | null;
  /** Which of the provider's credentials, by the operator's name for it; null: the default one. */
  credential: string | null;
  connection: Connection;
}

/** No provider has a longer model name; anything longer is a mistake or an attack. */
const MAXIMUM_NAME = 256;

/** Checks a model name as the client wrote it, at the path `param`, and returns it. */
export function readModelName(value: unknown, param = "model"): string {
  if (value === undefined || value === null) {
    throw new GatewayError("missing_required_parameter", `'${param}' is required, e.g. "openai/gpt-6.1-sol".`, {
      param,
    });
  }
  if (typeof value !== "string" || value.trim() === "" || value.length > MAXIMUM_NAME || /\p{Cc}/u.test(value)) {
    throw new GatewayError("invalid_model", `'${param}' must be a model's name, e.g. "openai/gpt-6.1-sol".`, {
      param,
    });
  }
  return value;
}

function unknownModel(name: string): GatewayError {
  const bare = name.slice(name.indexOf("/") + 1);
  const retired = retiredSince(bare);
  if (retired !== null) {
    return new GatewayError("model_not_found", `The model '${name}' was switched off by its provider on ${retired}.`, {
      param: "model",
    });
  }
  const near = nearMatches(name, 3);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((match) => `'${match}'`).join(", ")}?`
      : "Write {provider}/{model}, e.g. 'openai/gpt-6.1-sol'; GET /v1/models lists what is known.";
  return new GatewayError("model_not_found", `The model '${name}' does not exist here. ${hint}`, { param: "model" });
}

/** Splits a public model name into provider and upstream name (`{provider}/{model}`, or a bare known name). */
function split(name: string): { provider: Provider; upstreamModel: string } {
  const slash = name.indexOf("/");
  const prefix = slash < 0 ? "" : name.slice(0, slash);
  if (isProviderId(prefix) && slash < name.length - 1) {
    return { provider: providers[prefix], upstreamModel: name.slice(slash + 1) };
  }
  const known = findBareModel(name);
  if (known === null) throw unknownModel(name);
  return { provider: providers[known.provider], upstreamModel: known.upstreamId };
}

/** What a provider does not offer in any form, e.g. embeddings; says whose models do. */
export function notServed({ name, provider }: Target, operation: Operation): GatewayError {
  const others = providersServing(operation).join(", ");
  return new GatewayError(
    "operation_not_served",
    `'${name}' is served by ${provider.id}, which ${LACKS[operation]}. Take a model of one of: ${others}.`,
    { param: "model" },
  );
}

/** What a provider without an operation does not do. */
const LACKS: Record<Operation, string> = {
  generate: "gives no answers",
  count_tokens: "counts no tokens",
  embed: "makes no embeddings",
};

/**
 * Resolves a model name, with one of the provider's credentials; throws the GatewayError that says what is wrong with it.
 */
export function resolveTarget(name: string, settings: ProviderSettings, credential: string | null = null): Target {
  const { provider, upstreamModel } = split(name);
  const connection = connectionTo(provider, settings, credential);
  if (connection === null) {
    const which = credential === null ? "credential" : `credential '${credential}'`;
    throw new GatewayError(
      "provider_not_configured",
      `This gateway has no ${which} for ${provider.id}. Ask its operator to set one.`,
    );
  }
  return { name, provider, upstreamModel, model: findModel(provider.id, upstreamModel), credential, connection };
}

/** What decides between a provider's endpoints, beside the client's dialect. */
export interface RouteNeeds {
  /** The request has functions and does not switch reasoning off. */
  toolsWithReasoning: boolean;
  /** What the provider has said about this model. */
  learned: ChatDialectId | null;
}

/** One endpoint of a target's provider. */
export interface Route {
  dialect: DialectId;
  /** Path below the base URL. */
  path(parts: Omit<PathParts, "model">): string;
}

/**
 * The endpoints that can answer, the best first: the client's own dialect wherever the model is served in it. None where
 * the provider has none for the operation.
 */
export function routesOf(target: Target, client: DialectId, operation: Operation, needs: RouteNeeds): Route[] {
  const { provider, model, upstreamModel } = target;
  const served = Object.keys(provider.endpoints)
    .filter((endpoint) => endpoint.endsWith(`/${operation}`))
    .map((endpoint) => endpoint.slice(0, endpoint.lastIndexOf("/")) as DialectId);
  const rank = (dialect: DialectId): number => {
    if (needs.learned !== null && served.includes(needs.learned)) return dialect === needs.learned ? 0 : 3;
    if (!isAllowed(dialect, model, needs)) return 3;
    return dialect === client ? 1 : 2;
  };
  const ranked = [...served].sort((left, right) => rank(left) - rank(right));
  return ranked.map((dialect) => {
    const makePath = provider.endpoints[`${dialect}/${operation}`] as (parts: PathParts) => string;
    return { dialect, path: (parts) => makePath({ ...parts, model: upstreamModel }) };
  });
}

/** What the catalogue says about the model's endpoints at OpenAI. */
function isAllowed(dialect: DialectId, model: CatalogModel | null, { toolsWithReasoning }: RouteNeeds): boolean {
  const names = { "openai-chat": "chat", "openai-responses": "responses" } as const;
  if (dialect !== "openai-chat" && dialect !== "openai-responses") return true;
  if (model?.endpoints !== undefined && !model.endpoints.includes(names[dialect])) return false;
  return !(toolsWithReasoning && dialect === "openai-chat" && model?.capabilities?.toolsWithReasoning === "responses");
}
