import type { DialectId } from "../../canonical/dialect-id.ts";
import { type AccessRule, ruleAgainst } from "../../canonical/model-access.ts";
import { isListed } from "../../canonical/model-list.ts";
import type { RouteRecord } from "../../canonical/tenant.ts";
import { type KnownModel, knownModel, type ModelFacts } from "../../catalog/model-facts.ts";
import { listModels } from "../../catalog/models.ts";
import { retiredSince } from "../../catalog/retired.ts";
import { GatewayError } from "../../errors.ts";
import { decodedPath } from "../../lib/decoded-path.ts";
import { hasConnection, readModelName, resolveTarget } from "../../router/resolve.ts";
import type { Services } from "../../services.ts";
import type { AppContext } from "../context.ts";
import { dialectOfPath } from "../dialect-of-path.ts";
import { askAsReader, modelDisabled, modelRefused } from "./authenticate.ts";
import {
  anthropicShape,
  googleShape,
  isCallable,
  type ListedModel,
  lifecycleOf,
  listed,
  listedRoute,
  listedTarget,
  openaiShape,
} from "./model-shapes.ts";

/**
 * The model lists of the three vendors' APIs, each in its own shape: the key's routes, and the models of the catalogue, that
 * the list's own client can call here, under our names. A route stands in place of a model of its name. A model that the catalogue does not know is in no list, and can be read, as it
 * can be called, by `{provider}/{model}`.
 */

/** Who may list, and what is the key's own. */
interface Reader {
  services: Services;
  routes: RouteRecord[];
  /** The models the key may ask for; null: all. */
  allowed: string[] | null;
  /** What its organizations say of models. */
  access: AccessRule[];
  /** What the tenant knows of models, by `provider/model`. */
  facts: ReadonlyMap<string, ModelFacts>;
}

function callable(reader: Reader, dialect: DialectId): ListedModel[] {
  const { services, routes, allowed, access } = reader;
  const own = routes.filter((route) => isReachable(reader, route, dialect)).map(listedRoute);
  const names = new Set(routes.map(({ name }) => name));
  const others = allModels(reader)
    .map(listed)
    .filter(({ id }) => ruleAgainst(access, id) === null)
    .filter(({ id }) => hasConnection(id, services.providers, null))
    .filter((model) => isCallable(model, dialect) && !names.has(model.id));
  const all = [...own.sort((a, b) => (a.id < b.id ? -1 : 1)), ...others];
  return allowed === null ? all : all.filter(({ id }) => isListed(allowed, id));
}

/** A client of the dialect can call the route: at least one of its targets can answer it, with the target's own credential. */
const isReachable = (reader: Reader, { targets }: RouteRecord, dialect: DialectId): boolean =>
  targets.some(
    ({ model, credential }) =>
      hasConnection(model, reader.services.providers, credential) &&
      ruleAgainst(reader.access, model) === null &&
      isCallable(listedTarget(model, known(reader, model)), dialect),
  );

const known = ({ facts }: Reader, id: string): KnownModel | null => knownModel(id, facts.get(id) ?? null);

/** The catalogue's models and the tenant's own, as the tenant knows them, without those that are gone. */
function allModels(reader: Reader): KnownModel[] {
  const ids = new Set([...listModels().map(({ id }) => id), ...reader.facts.keys()]);
  const models = [...ids].flatMap((id) => known(reader, id) ?? []);
  return models.filter(({ gone }) => gone === undefined);
}

async function authorize(c: AppContext): Promise<Reader> {
  const services = c.get("services");
  const answer = await askAsReader(services, c.req.raw, (ledger, key, from) => ledger.routes(key, from));
  const { routes, models: allowed, access } = answer;
  const facts = new Map(answer.facts.map((record) => [record.model, record.facts as ModelFacts]));
  return { services, routes, allowed, access, facts };
}

const notFound = (name: string, why: string): GatewayError =>
  new GatewayError("model_not_found", `The model '${name}' ${why} GET /v1/models lists what is.`, { param: "model" });

/** The model that a call by this name would reach. */
function find(reader: Reader, name: string, dialect: DialectId): ListedModel {
  const found = findAny(reader, name, dialect);
  const { allowed, access } = reader;
  const rule = found.provider === "gaia" ? null : ruleAgainst(access, found.id);
  if (rule !== null) throw modelDisabled(found.id, "model", rule.name);
  if (allowed === null || isListed(allowed, name) || isListed(allowed, found.id)) return found;
  throw modelRefused({ name, param: "model", allowed });
}

function findAny(reader: Reader, name: string, dialect: DialectId): ListedModel {
  const { services, routes } = reader;
  const route = routes.find((one) => one.name === name);
  if (route !== undefined) {
    if (!isReachable(reader, route, dialect)) throw notFound(name, "is not served in this API.");
    return listedRoute(route);
  }
  const { provider, upstreamModel } = reached(services, name);
  const id = `${provider.id}/${upstreamModel}`;
  const found = listedTarget(id, known(reader, id));
  const retired = found.known === null ? retiredSince(upstreamModel) : null;
  if (retired !== null) throw notFound(name, `was switched off by its provider on ${retired}.`);
  if (!isCallable(found, dialect)) throw notFound(name, "is not served in this API.");
  return found;
}

function reached(services: Services, name: string) {
  try {
    return resolveTarget(name, services.providers);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== "provider_not_configured") throw error;
    throw notFound(name, "is not served here: its provider is not set up.");
  }
}

const MAXIMUM_PAGE = 1000;

/** A page size from the query: the default where none is given, an error where it is none. */
function pageSize(text: string | undefined, param: string, standard: number): number {
  if (text === undefined) return standard;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > MAXIMUM_PAGE) {
    throw new GatewayError("invalid_value", `'${param}' must be a whole number from 1 to ${MAXIMUM_PAGE}.`, { param });
  }
  return size;
}

/** `GET /v1/models`: in the shape of the client's vendor, which its headers tell. */
export async function listV1(c: AppContext): Promise<Response> {
  switch (dialectOfPath(c.req).id) {
    case "google-generate-content":
      return listV1beta(c);
    case "anthropic-messages":
      return listPaged(c);
    default:
      return c.json({ object: "list", data: callable(await authorize(c), "openai-chat").map(openaiShape) });
  }
}

/** The stages of life that a client of Anthropic's asks for; all we have, unless it says. */
function lifecycles(c: AppContext): (model: ListedModel) => boolean {
  const asked = [...(c.req.queries("lifecycle[]") ?? []), ...(c.req.queries("lifecycle") ?? [])];
  const wrong = asked.find((one) => !["active", "deprecated", "retired"].includes(one));
  if (wrong !== undefined) {
    throw new GatewayError("invalid_value", "'lifecycle' must be active, deprecated or retired.", {
      param: "lifecycle",
    });
  }
  return (model) => asked.length === 0 || asked.includes(lifecycleOf(model));
}

/** Anthropic's list, with its paging. */
async function listPaged(c: AppContext): Promise<Response> {
  const reader = await authorize(c);
  const models = callable(reader, "anthropic-messages").filter(lifecycles(c));
  const limit = pageSize(c.req.query("limit"), "limit", 20);
  const after = c.req.query("after_id");
  const before = c.req.query("before_id");
  const at = (id: string, param: string) => {
    const index = models.findIndex((model) => model.id === id);
    if (index < 0) throw new GatewayError("invalid_value", `There is no model '${id}' to page from.`, { param });
    return index;
  };
  const start = after === undefined ? 0 : at(after, "after_id") + 1;
  const end = before === undefined ? Math.min(models.length, start + limit) : at(before, "before_id");
  const page = models.slice(before === undefined ? start : Math.max(0, end - limit), end);
  return c.json({
    data: page.map((model) => anthropicShape(model, reader.services.providers)),
    has_more: before === undefined ? end < models.length : end - limit > 0,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  });
}

/** `GET /v1/models/{id}` and `GET /v1beta/models/{id}`; ids hold a slash. */
export async function getModel(c: AppContext): Promise<Response> {
  const reader = await authorize(c);
  const { id: dialect } = dialectOfPath(c.req);
  const name = readModelName(decodedPath(c.req.path.slice(c.req.path.indexOf("/models/") + "/models/".length)));
  const model = find(reader, name, dialect);
  switch (dialect) {
    case "anthropic-messages":
      return c.json(anthropicShape(model, reader.services.providers));
    case "google-generate-content":
      return c.json(googleShape(model));
    default:
      return c.json(openaiShape(model));
  }
}

/** `GET /v1beta/models`: Google's shape, paged by `pageSize` and `pageToken`. */
export async function listV1beta(c: AppContext): Promise<Response> {
  const models = callable(await authorize(c), "google-generate-content");
  const asked = c.req.query("pageSize");
  // Google takes a larger page for its largest.
  const size = pageSize(Number(asked) > MAXIMUM_PAGE ? String(MAXIMUM_PAGE) : asked, "pageSize", 50);
  const start = Number(c.req.query("pageToken") ?? "0");
  if (!Number.isInteger(start) || start < 0) {
    throw new GatewayError("invalid_value", "'pageToken' must be one that a page before named.", {
      param: "pageToken",
    });
  }
  const end = start + size;
  return c.json({
    models: models.slice(start, end).map(googleShape),
    ...(end < models.length ? { nextPageToken: String(end) } : {}),
  });
}
