import type { RequestFeatures, ServerTool } from "../canonical/request-features.ts";
import type { Operation } from "../dialects/dialect.ts";
import { isObject } from "../lib/json.ts";
import type { Provider, ProviderId } from "../providers/provider.ts";
import { mediaTokens } from "./bound-media.ts";
import type { CountedPrefix } from "./counted-prompts.ts";

/** What a token of input can be, as far as prices differ. */
export type InputKind = "text" | "image" | "audio" | "video";

/** The most input of a request. */
export interface InputBound {
  /** Tokens of each kind in the first call of the model; infinite: as many as the window holds. */
  tokens: Record<InputKind, number>;
  /** How often the model is called again, by the server tools together. */
  moreCalls: number;
  /** Why there is no bound: a path of the client's body, null when there is one. */
  unboundedBy: string | null;
}

/**
 * Text: a token is never less than a byte in the byte-level vocabularies of all vendors, and JSON never shorter than what
 * it says, so that a body's bytes (without its media) bound all its texts, roles and schemas. What is added to them:
 */
const ADDED: Record<ProviderId, { request: number; explained: number }> = {
  // Marks of messages; observed: 10.
  openai: { request: 64, explained: 64 },
  // "Tool use system prompt" (tool use guide): 313 to 530 tokens by model and choice; of citations 570 observed.
  anthropic: { request: 64, explained: 1_000 },
  google: { request: 64, explained: 64 },
  // Templates of open models begin with a date, a role, and rules for calls.
  openrouter: { request: 1_024, explained: 1_024 },
  compatible: { request: 1_024, explained: 1_024 },
};

/** Who reads documents that a model cannot, for a fee by the page, of which nobody knows the number. */
export const READS_FOR_A_FEE: ReadonlySet<ProviderId> = new Set<ProviderId>(["openrouter"]);

/** A vendor's own description of a tool it has defined: 1,528 observed for a computer. */
const VENDOR_TOOL = 3_000;

/** Anthropic's loop pauses after ten, OpenAI's ends with the window; a larger cap is none. */
const MOST_CALLS = 1_000;

/** What encoders write in words where another dialect has a field, and what references may add to a schema. */
const TRANSLATED = 512;
const REFERENCES = 100_000;

/** Whose caps on calls are kept, in which dialect; elsewhere nobody promises that they are. */
const CAPS_KEPT: Partial<Record<ProviderId, RequestFeatures["dialect"]>> = {
  openai: "openai-responses",
  anthropic: "anthropic-messages",
};

export interface InputRequest {
  operation: Operation;
  features: RequestFeatures;
  provider: Provider;
  upstreamModel: string;
  /** Of the request's body. */
  bytes: number;
  /** The model's window, null where it is not known. */
  window: number | null;
  /** What the provider has counted of it before. */
  counted: CountedPrefix | null;
}

/** Schemas nest a dozen levels; what is deeper is nobody's schema. */
const MOST_LEVELS = 64;

function refers(schema: unknown, level = 0): boolean {
  if (level > MOST_LEVELS) return true;
  if (Array.isArray(schema)) return schema.some((one) => refers(one, level + 1));
  if (!isObject(schema)) return false;
  return typeof schema.$ref === "string" || Object.values(schema).some((one) => refers(one, level + 1));
}

const isTranslated = ({ operation, features, provider }: InputRequest): boolean =>
  provider.endpoints[`${features.dialect}/${operation}`] === undefined;

function textTokens(request: InputRequest): number {
  const { features, provider, bytes } = request;
  const added = ADDED[provider.id];
  const translated = isTranslated(request);
  return (
    Math.max(0, bytes - features.mediaCharacters) +
    added.request +
    features.explained.length * added.explained +
    (features.vendorTools + features.serverTools.length) * VENDOR_TOOL +
    (translated ? TRANSLATED + (features.schemas.some((one) => refers(one)) ? REFERENCES : 0) : 0)
  );
}

/**
 * The same where the provider has counted how the prompt begins: that, and a token a byte for the turns that are new. A
 * prefix never has more tokens for what follows it. What the request's other members add was counted with it; what the
 * prefix holds beside text is held once more by its own rule, for it may be dearer. Server tools read what nobody has
 * counted, and what is kept elsewhere may change.
 */
function textTokensSince(counted: CountedPrefix, request: InputRequest): number {
  const { features, provider } = request;
  if (features.serverTools.length + features.stored.length + features.otherModels.length > 0) {
    return Number.POSITIVE_INFINITY;
  }
  const added = ADDED[provider.id];
  const media = features.media.filter(({ path }) => counted.isNew(path));
  // In base64, four characters for three bytes.
  const characters = media.reduce((sum, { bytes }) => sum + Math.floor(((bytes ?? 0) * 4) / 3), 0);
  return (
    counted.tokens +
    Math.max(0, counted.newBytes - characters) +
    added.request +
    (features.explained.includes("citations") ? added.explained : 0) +
    (isTranslated(request) ? TRANSLATED : 0)
  );
}

/** The calls of all server tools; null, with the path that is to blame, where nothing bounds them. */
function callsOf({ features, provider }: InputRequest): { calls: number } | { unboundedBy: string } {
  const { serverTools, toolCalls, dialect } = features;
  const kept = CAPS_KEPT[provider.id] === dialect;
  const own = serverTools.filter(({ kind }) => kind === "compaction").length;
  let calls = 0;
  for (const tool of serverTools) {
    if (tool.kind === "compaction") continue;
    const most = kept && tool.kind !== "other" ? (tool.calls ?? toolCalls) : null;
    if (most === null) return { unboundedBy: tool.path };
    calls += most;
  }
  const together = toolCalls !== null && kept ? toolCalls : MOST_CALLS;
  return { calls: own + Math.min(calls, together, MOST_CALLS) };
}

/** How much a request can read at most. */
export function inputBound(request: InputRequest): InputBound {
  const { features, provider, upstreamModel, window, counted } = request;
  const since = counted === null ? Number.POSITIVE_INFINITY : textTokensSince(counted, request);
  const text = Math.min(textTokens(request), since);
  const tokens: Record<InputKind, number> = { text, image: 0, audio: 0, video: 0 };
  let unboundedBy: string | null = null;
  const rest = (path: string, ...kinds: InputKind[]) => {
    for (const kind of kinds) tokens[kind] += window ?? 0;
    if (window === null) unboundedBy ??= path;
  };
  for (const media of features.media) {
    const most = mediaTokens(media, provider.id, upstreamModel);
    // A page is text and a picture, a film pictures and sound.
    const kinds: InputKind[] =
      media.kind === "document"
        ? ["text", "image"]
        : media.kind === "video"
          ? ["text", "image", "audio", "video"]
          : [media.kind];
    if (most === null) rest(media.path, ...kinds);
    else tokens[media.kind === "document" ? "text" : media.kind] += most;
    if (most === null && media.kind === "document" && READS_FOR_A_FEE.has(provider.id)) unboundedBy ??= media.path;
  }
  for (const path of features.stored) rest(path, "text", "image", "audio");
  const calls = callsOf(request);
  const [other] = features.otherModels;
  if ("unboundedBy" in calls) unboundedBy ??= calls.unboundedBy;
  else if (calls.calls > 0 && window === null) unboundedBy ??= features.serverTools[0]?.path ?? null;
  return { tokens, moreCalls: "calls" in calls ? calls.calls : 0, unboundedBy: unboundedBy ?? other ?? null };
}

/** A server tool's most calls, for its fee. */
export const mostCalls = ({ toolCalls }: RequestFeatures, { calls }: ServerTool): number =>
  Math.min(calls ?? toolCalls ?? 0, toolCalls ?? MOST_CALLS, MOST_CALLS);
