import type { DialectId } from "../../canonical/dialect-id.ts";
import type { RouteRecord } from "../../canonical/tenant.ts";
import { partsOf } from "../../catalog/model-facts.ts";
import type { CatalogModel, ModelKind } from "../../catalog/models.ts";
import type { ProviderSettings } from "../../providers/connection.ts";
import type { ProviderId } from "../../providers/provider.ts";
import { capabilitiesOf } from "./model-capabilities.ts";

/** A model as the lists of the three vendors' APIs show it. What nobody has told us is left out, or null. */

/** A model that can be called; `known` is null for one the catalogue does not have. */
export interface ListedModel {
  /** Our name of it. */
  id: string;
  /** `gaia`: it is a route, and whatever serves it may change. */
  provider: ProviderId | "gaia";
  upstreamId: string;
  known: CatalogModel | null;
}

export const listed = (known: CatalogModel): ListedModel => ({
  id: known.id,
  provider: known.provider,
  upstreamId: known.upstreamId,
  known,
});

/** A route as a model: nothing is claimed of it that only some of its targets may have. */
export const listedRoute = ({ name }: RouteRecord): ListedModel => ({
  id: name,
  provider: "gaia",
  upstreamId: name,
  known: null,
});

/** A model by its name, `provider/model`, and what is known of it. */
export const listedTarget = (id: string, known: CatalogModel | null): ListedModel => ({ ...partsOf(id), id, known });

/** The kinds of models each list's own client can call here. */
const CALLABLE: Record<ModelKind, readonly DialectId[]> = {
  chat: ["openai-chat", "anthropic-messages", "google-generate-content"],
  embedding: ["openai-chat", "google-generate-content"],
  // Pictures and sound come out of generateContent; Messages has no form for either.
  image: ["openai-chat", "google-generate-content"],
  audio: ["openai-chat", "google-generate-content"],
  moderation: [],
};

/** Whether a client of the dialect can call the model: OpenAI's pictures and sound have endpoints that are not served. */
export function isCallable({ provider, known }: ListedModel, dialect: DialectId): boolean {
  if (known === null || known.kind === "chat") return true;
  if (known.kind !== "embedding" && provider !== "google") return false;
  return CALLABLE[known.kind].includes(dialect);
}

/** Seconds since the epoch; 0 where the day is not known. */
const released = ({ known }: ListedModel): number =>
  known?.releaseDate === undefined ? 0 : Date.parse(`${known.releaseDate}T00:00:00Z`) / 1000;

export const openaiShape = (model: ListedModel) => ({
  id: model.id,
  object: "model",
  created: released(model),
  owned_by: model.provider,
  ...(model.known?.deprecationDate === undefined ? {} : { shutdown_date: model.known.deprecationDate }),
});

/** Claude's lines, which Anthropic says not to read out of other names. */
const lineOf = ({ provider, upstreamId }: ListedModel): string | null =>
  provider === "gaia"
    ? null
    : (/^(?:anthropic\/)?claude-(haiku|sonnet|opus|fable|mythos)-/.exec(upstreamId)?.[1] ?? null);

export type Lifecycle = "active" | "deprecated";

/** A day on which it ends makes a model a deprecated one (Anthropic API reference, "Models"). */
export const lifecycleOf = ({ known }: ListedModel): Lifecycle =>
  known?.deprecationDate === undefined ? "active" : "deprecated";

export const anthropicShape = (model: ListedModel, settings: ProviderSettings) => ({
  type: "model",
  id: model.id,
  display_name: model.known?.displayName ?? model.id,
  created_at: new Date(released(model) * 1000).toISOString().replace(".000Z", "Z"),
  lifecycle: lifecycleOf(model),
  line: lineOf(model),
  max_input_tokens: model.known?.maxInputTokens ?? model.known?.contextWindow ?? null,
  max_tokens: model.known?.maxOutputTokens ?? null,
  deprecated_at: null,
  retires_at: model.known?.deprecationDate === undefined ? null : `${model.known.deprecationDate}T00:00:00Z`,
  capabilities: model.known === null ? null : capabilitiesOf(model.known, settings),
});

/** Google's methods that are served for a model. */
const METHODS: Partial<Record<ModelKind, readonly string[]>> = {
  chat: ["generateContent", "streamGenerateContent", "countTokens"],
  embedding: ["embedContent", "batchEmbedContents"],
  image: ["generateContent", "streamGenerateContent", "countTokens"],
  audio: ["generateContent", "streamGenerateContent", "countTokens"],
};

export function googleShape(model: ListedModel) {
  const { id, upstreamId, provider, known } = model;
  const input = known?.maxInputTokens ?? known?.contextWindow;
  const reasoning = known?.capabilities?.reasoning;
  return {
    name: `models/${id}`,
    version: upstreamId,
    displayName: known?.displayName ?? id,
    description: `${known?.displayName ?? upstreamId}, served by ${provider}${known?.deprecationDate === undefined ? "" : ` until ${known.deprecationDate}`}`,
    ...(input === undefined ? {} : { inputTokenLimit: input }),
    ...(known?.maxOutputTokens === undefined ? {} : { outputTokenLimit: known.maxOutputTokens }),
    // Of a model we do not know, not even its kind is known.
    ...(known === null ? {} : { supportedGenerationMethods: METHODS[known.kind] ?? [] }),
    ...(reasoning === undefined ? {} : { thinking: reasoning !== "none" }),
  };
}
