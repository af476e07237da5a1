import type { MediaFeature, RequestFeatures } from "../canonical/request-features.ts";
import type { CatalogModel } from "../catalog/models.ts";
import type { Operation } from "../dialects/dialect.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import type { ProviderId } from "../providers/provider.ts";
import { READS_FOR_A_FEE } from "./bound-input.ts";
import { estimateInput } from "./estimate-tokens.ts";
import type { Target } from "./resolve.ts";

/** What a target must have to serve a request, as far as the request's body tells. */
export interface Needs {
  operation: Operation;
  features: RequestFeatures;
  /** By our own estimate; null where the provider may shorten the prompt. */
  inputTokens: number | null;
}

/** @param bytes of the body */
export function needsOf(operation: Operation, body: JsonObject, features: RequestFeatures, bytes: number): Needs {
  const shortens = body.truncation === "auto" || features.serverTools.some(({ kind }) => kind === "compaction");
  return { operation, features, inputTokens: shortens ? null : estimateInput(features, bytes) };
}

/** What a request may use of a model, and a model may not have. */
export const USES = [
  "image_input",
  "document_input",
  "audio_input",
  "video_input",
  "image_output",
  "audio_output",
  "tools",
  "structured_output",
] as const;
export type Use = (typeof USES)[number];

/** What a target lacks, in a stable word: the reason of a skipped attempt. */
export type Lack = Use | "generation" | "embeddings" | "stored_state" | "context_length";

/**
 * Why a target cannot serve a request; null: nothing is known against it. A model the catalogue does not know, or of which
 * it does not know a capability, is taken to be capable. This is what planning does not notice, for a relay reads little and
 * encoders do not ask what a model can see. Planning itself refuses (`planFor` throws): an operation that the provider has
 * no endpoint for; what another dialect has no form for, as audio in Messages; a vendor's own tools elsewhere; answers and
 * conversations that the provider does not keep (Responses); file ids of another vendor's store in a translation; a tool
 * choice or a schema that an Anthropic model cannot be held to. An output cap above the model's maximum is nothing lacking: it is
 * lowered. The length is an estimate that leans to the high side.
 */
export function lacks({ model, provider }: Pick<Target, "model" | "provider">, needs: Needs): Lack | null {
  const { features } = needs;
  // Who looks up no file keeps nothing else either: no container, no cache by name, no sound of an earlier answer.
  if (features.stored.length > 0 && provider.files === null) return "stored_state";
  if (model === null) return null;
  return (
    lackingKind(model, needs.operation) ??
    usesOf(features).find((use) => lacksUse(model, provider.id, use)) ??
    (isTooLong(model, needs) ? "context_length" : null)
  );
}

/** What a request uses that not every model has, each once. */
export function usesOf(features: RequestFeatures): Use[] {
  const inputs = features.media.map((media) => kindOf(media, features)).filter((kind) => kind !== null);
  const outputs = (["image", "audio"] as const).filter((kind) => features.outputs?.includes(kind));
  const usesTools = features.explained.includes("functions") || features.vendorTools > 0;
  return [
    ...new Set(inputs.map((kind) => INPUTS[kind])),
    ...outputs.map((kind) => `${kind}_output` as const),
    ...(usesTools ? ["tools" as const] : []),
    ...(wantsSchema(features) ? ["structured_output" as const] : []),
  ];
}

/** Whether a model is known not to have what a request uses, at a provider. */
export function lacksUse(
  { inputModalities, outputModalities, capabilities }: CatalogModel,
  provider: ProviderId,
  use: Use,
): boolean {
  switch (use) {
    // Pages are given to models that can see as text and pictures, whether or not a vendor lists `pdf` (OpenAI, "PDF files").
    case "document_input":
      return !READS_FOR_A_FEE.has(provider) && !includesAny(inputModalities, "pdf", "image");
    case "image_input":
    case "audio_input":
    case "video_input":
      return !includesAny(inputModalities, use.replace("_input", ""));
    case "image_output":
    case "audio_output":
      return outputModalities !== undefined && !includesAny(outputModalities, use.replace("_output", ""));
    case "tools":
      return capabilities?.tools === false;
    case "structured_output":
      return capabilities?.structuredOutput === false;
  }
}

function lackingKind({ kind }: CatalogModel, operation: Operation): Lack | null {
  if (operation === "embed") return kind === "embedding" ? null : "embeddings";
  return kind === "embedding" || kind === "moderation" ? "generation" : null;
}

const INPUTS = {
  image: "image_input",
  document: "document_input",
  audio: "audio_input",
  video: "video_input",
} as const;

const includesAny = (modalities: readonly string[], ...wanted: string[]): boolean =>
  wanted.some((one) => modalities.includes(one));

/** What a piece of media is; null for what is given as text, and for what nobody can tell. */
function kindOf({ kind, mediaType, bytes }: MediaFeature, { dialect }: RequestFeatures): MediaFeature["kind"] | null {
  const [family = ""] = (mediaType ?? "").split("/");
  if (family === "image" || family === "audio" || family === "video") return family;
  if (mediaType === "application/pdf") return "document";
  if (family === "text" || /[/+](?:json|xml)$/.test(mediaType ?? "")) return null;
  // Gemini's files are named by an address alone: features take them for film, the dearest of what they may be.
  return dialect === "google-generate-content" && bytes === null ? null : kind;
}

/** Gemini's schema stands alone; elsewhere a form of the answer may be none, or JSON of any kind. */
const wantsSchema = ({ dialect, explained, schemas }: RequestFeatures): boolean =>
  explained.includes("schema") &&
  (dialect === "google-generate-content" || schemas.some((one) => isObject(one) && one.type === "json_schema"));

function isTooLong(
  { contextWindow, maxInputTokens }: CatalogModel,
  { operation, features, inputTokens }: Needs,
): boolean {
  // Each text to be embedded has a window of its own, and a count needs no room for an answer.
  if (inputTokens === null || operation === "embed") return false;
  const leastOutput = operation === "generate" ? (features.thinkingBudget ?? 0) + 1 : 0;
  return (
    (contextWindow !== undefined && inputTokens + leastOutput > contextWindow) ||
    (maxInputTokens !== undefined && inputTokens > maxInputTokens)
  );
}
