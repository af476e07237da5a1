import { createHash } from "node:crypto";
import type { ChatDialectId, DialectId } from "../canonical/dialect-id.ts";
import { utf8 } from "../lib/encoding.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import type { ProviderId } from "../providers/provider.ts";

/** A prompt, told apart after each of its turns. */
export interface PromptPrefixes {
  /** Member of the body that holds the turns, as paths name it. */
  list: string;
  turns: readonly unknown[];
  /** A hash of all that stands before the turns and of the turns up to each; 256 bits, so that nobody finds two alike. */
  marks: readonly string[];
  /** Bytes of what the hashes leave out. */
  unmarked: number;
  /** The endpoint whose count is meant. */
  upstream: DialectId;
}

/** Whose count of a prompt is good for another. */
export interface PromptScope {
  tenant: string;
  provider: ProviderId;
  upstreamModel: string;
  /** The endpoint's. */
  upstream: DialectId;
  /** Anthropic's switches, of which some add to a prompt. */
  beta: string;
}

/** Who counts its own models. A reseller's hosts, or whatever stands at an operator's address, may each count otherwise. */
const COUNT_THEIR_OWN: ReadonlySet<ProviderId> = new Set<ProviderId>(["openai", "anthropic", "google"]);

/** The member of a body that holds the turns. */
export const LISTS: Record<ChatDialectId, string> = {
  "openai-chat": "messages",
  "openai-responses": "input",
  "anthropic-messages": "messages",
  "google-generate-content": "contents",
};

/** Of a shorter body nothing is won; a longer one is mostly media, and takes long. */
const LEAST_BYTES = 4_096;
const MOST_BYTES = 4 * 1024 * 1024;

/** Marks of caches move on with each turn, and are no text. */
export const CACHE_MARKS: readonly string[] = ["cache_control", "prompt_cache_breakpoint"];
/** What may differ between two requests of a conversation beside its turns. */
const UNMARKED: ReadonlySet<string> = new Set([
  ...CACHE_MARKS,
  ...["max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "stream", "stream_options"],
]);
/** Claude Code's note to Anthropic's billing, another one each time. */
export const BILLING = "x-anthropic-billing-header:";

const bytesOf = (value: unknown): number => utf8(JSON.stringify(value) ?? "").byteLength;

/** Writes values for a hash, and counts what it leaves out. */
class Marker {
  unmarked = 0;

  text(value: unknown, leftOut: (key: string) => boolean): string {
    const text = JSON.stringify(value, (key, one: unknown) => {
      if (!leftOut(key) && !(typeof one === "string" && one.startsWith(BILLING))) return one;
      this.unmarked += bytesOf(key) + 2 + bytesOf(one);
      return undefined;
    });
    return text ?? "";
  }
}

/** A text is the same in a block of its own, where a cache mark stands on it. */
const spelled = (turn: unknown): unknown =>
  isObject(turn) && typeof turn.content === "string"
    ? { ...turn, content: [{ type: "text", text: turn.content }] }
    : turn;

const chained = (before: string, text: string): string =>
  createHash("sha256").update(before).update("\n").update(text).digest("base64");

/**
 * The prefixes of a request's prompt; null where nothing is won, or a count of one says nothing of another: the provider may
 * leave turns out, or add tools later.
 */
export function prefixesOf(
  body: JsonObject,
  bytes: number,
  dialect: DialectId,
  scope: PromptScope,
): PromptPrefixes | null {
  if (bytes < LEAST_BYTES || bytes > MOST_BYTES) return null;
  if (dialect === "openai-embeddings" || !COUNT_THEIR_OWN.has(scope.provider)) return null;
  const list = LISTS[dialect];
  const { [list]: turns, ...rest } = body;
  if (!Array.isArray(turns) || body.truncation === "auto") return null;
  const marker = new Marker();
  const { tenant, provider, upstreamModel, upstream, beta } = scope;
  const before = marker.text(rest, (key) => UNMARKED.has(key));
  // Such a tool is counted only once a later turn refers to it.
  if (before.includes('"defer_loading":true')) return null;
  let mark = chained(JSON.stringify([tenant, provider, upstreamModel, upstream, beta, dialect]), before);
  const marks = turns.map((turn) => {
    mark = chained(
      mark,
      marker.text(spelled(turn), (key) => CACHE_MARKS.includes(key)),
    );
    return mark;
  });
  return { list, turns, marks, unmarked: marker.unmarked, upstream };
}

/** Whether the last turn is the model's, which it goes on with: what comes next may be told in that turn's place. */
export function endsWithModel({ turns }: PromptPrefixes): boolean {
  const last = turns.at(-1);
  if (!isObject(last)) return true;
  const { role, type } = last;
  if (role !== undefined) return role === "assistant" || role === "model";
  // Gemini's first turn needs no role; of Responses' items those without one are the model's, but for results.
  return typeof type === "string" && !type.endsWith("_output");
}
