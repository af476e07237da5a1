import type { DialectId } from "../../canonical/dialect-id.ts";
import { type CatalogModel, findBareModel, findModel, listModels } from "../../catalog/models.ts";
import { GatewayError } from "../../errors.ts";
import { decodedPath } from "../../lib/decoded-path.ts";
import { connectionTo } from "../../providers/connection.ts";
import { providers } from "../../providers/registry.ts";
import { readModelName } from "../../router/resolve.ts";
import type { Services } from "../../services.ts";
import type { AppContext } from "../context.ts";
import { dialectOfPath } from "../dialect-of-path.ts";
import { authenticateReader, requirePermission } from "./authenticate.ts";

/** The model lists of the three vendors' APIs, each in its own shape: all models that can be reached, under our names. */

const seconds = (model: CatalogModel): number =>
  model.releaseDate === undefined ? 0 : Date.parse(`${model.releaseDate}T00:00:00Z`) / 1000;

const openaiShape = (model: CatalogModel) => ({
  id: model.id,
  object: "model",
  created: seconds(model),
  owned_by: model.provider,
  ...(model.deprecationDate === undefined ? {} : { shutdown_date: model.deprecationDate }),
});

const anthropicShape = (model: CatalogModel) => ({
  type: "model",
  id: model.id,
  display_name: model.displayName,
  created_at: new Date(seconds(model) * 1000).toISOString().replace(".000Z", "Z"),
  max_input_tokens: model.maxInputTokens ?? model.contextWindow ?? null,
  max_tokens: model.maxOutputTokens ?? null,
  deprecated_at: null,
  retires_at: model.deprecationDate === undefined ? null : `${model.deprecationDate}T00:00:00Z`,
  capabilities: null,
});

const googleShape = (model: CatalogModel) => ({
  name: `models/${model.id}`,
  version: model.upstreamId,
  displayName: model.displayName,
  description: `${model.displayName}, served by ${model.provider}`,
  ...(model.contextWindow === undefined ? {} : { inputTokenLimit: model.maxInputTokens ?? model.contextWindow }),
  ...(model.maxOutputTokens === undefined ? {} : { outputTokenLimit: model.maxOutputTokens }),
  supportedGenerationMethods:
    model.kind === "embedding" ? ["embedContent", "batchEmbedContents"] : ["generateContent", "countTokens"],
  ...(model.capabilities?.reasoning === undefined ? {} : { thinking: model.capabilities.reasoning !== "none" }),
});

const reachable = (services: Services): CatalogModel[] =>
  listModels().filter((model) => connectionTo(providers[model.provider], services.providers) !== null);

async function authorize(c: AppContext): Promise<Services> {
  const services = c.get("services");
  const principal = await authenticateReader(services, c.req.raw.headers, new URL(c.req.url));
  requirePermission(principal, "read");
  return services;
}

function find(services: Services, name: string): CatalogModel {
  const slash = name.indexOf("/");
  const model = slash < 0 ? findBareModel(name) : findModel(name.slice(0, slash), name.slice(slash + 1));
  if (model === null || connectionTo(providers[model.provider], services.providers) === null) {
    throw new GatewayError("model_not_found", `The model '${name}' is not known here. GET /v1/models lists what is.`, {
      param: "model",
    });
  }
  return model;
}

/** A page size from the query: the default where none is given, an error where it is none. */
function pageSize(text: string | undefined, param: string, standard: number): number {
  if (text === undefined) return standard;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw new GatewayError("invalid_value", `'${param}' must be a whole number from 1 to 1000.`, { param });
  }
  return size;
}

/** `GET /v1/models`: in the shape of the client's vendor, which its headers tell. */
export async function listV1(c: AppContext): Promise<Response> {
  switch (dialectOfPath(c.req.path, c.req.raw.headers).id) {
    case "google-generate-content":
      return listV1beta(c);
    case "anthropic-messages":
      return listPaged(c);
    default:
      return c.json({ object: "list", data: reachable(await authorize(c)).map(openaiShape) });
  }
}

/** Anthropic's list, with its paging. */
async function listPaged(c: AppContext): Promise<Response> {
  const models = reachable(await authorize(c));
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
    data: page.map(anthropicShape),
    has_more: before === undefined ? end < models.length : end - limit > 0,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  });
}

const SHAPES: Partial<Record<DialectId, (model: CatalogModel) => object>> = {
  "anthropic-messages": anthropicShape,
  "google-generate-content": googleShape,
};

/** `GET /v1/models/{id}` and `GET /v1beta/models/{id}`; ids hold a slash. */
export async function getModel(c: AppContext): Promise<Response> {
  const services = await authorize(c);
  const { id: dialect } = dialectOfPath(c.req.path, c.req.raw.headers);
  const name = decodedPath(c.req.path.slice(c.req.path.indexOf("/models/") + "/models/".length));
  const model = find(services, readModelName(name));
  return c.json((SHAPES[dialect] ?? openaiShape)(model));
}

/** `GET /v1beta/models`: Google's shape, paged by `pageSize` and `pageToken`. */
export async function listV1beta(c: AppContext): Promise<Response> {
  const models = reachable(await authorize(c));
  const size = pageSize(c.req.query("pageSize"), "pageSize", 50);
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
