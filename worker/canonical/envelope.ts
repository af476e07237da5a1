import { decodeUtf8, fromBase64, toBase64Url, utf8 } from "../lib/encoding.ts";
import { fnv1a } from "../lib/fnv1a.ts";
import type { ReasoningState, StateOwner, StatePlace } from "./reasoning-state.ts";

/**
 * The gateway's own wrapping of one vendor's reasoning state for a client that speaks another's dialect (DIALECTS §4.8):
 *
 *     gaia1.{owner}{place}.{model, base64url}.{id, base64url}.{value, base64url}.{checksum, 8 hex}
 *
 * ASCII without characters that any dialect would change. It is neither secret nor trusted: what does not open is treated
 * as absent. The mark at its front is what a request is searched for before it goes to any vendor.
 */
export const ENVELOPE_MARK = "gaia1.";
/** The mark as it begins in base64: six bytes are eight characters, whatever follows. Gemini's field is base64. */
export const ENVELOPE_MARK_BASE64 = "Z2FpYTEu";

const OWNERS: Record<StateOwner, string> = { anthropic: "a", openai: "o", google: "g", openrouter: "r", none: "n" };
const PLACES: Record<StatePlace, string> = { thinking: "t", redacted: "r", tool_call: "c", text: "x" };

const keyOf = <K extends string>(table: Record<K, string>, letter: string): K | null =>
  (Object.keys(table) as K[]).find((key) => table[key] === letter) ?? null;

const packed = (text: string): string => toBase64Url(utf8(text));

function unpacked(text: string): string | null {
  const bytes = fromBase64(text);
  return bytes === null ? null : decodeUtf8(bytes);
}

/** Wraps a state; the same state gives the same text. */
export function sealState(state: ReasoningState): string {
  const body = `${OWNERS[state.owner]}${PLACES[state.where]}.${packed(state.model)}.${packed(state.id ?? "")}.${packed(state.value)}`;
  return `${ENVELOPE_MARK}${body}.${fnv1a(body)}`;
}

/** The state inside an envelope; null when the text is none, or a damaged one. */
export function openState(text: string): ReasoningState | null {
  if (!text.startsWith(ENVELOPE_MARK)) return null;
  const end = text.lastIndexOf(".");
  const body = text.slice(ENVELOPE_MARK.length, end);
  if (text.slice(end + 1) !== fnv1a(body)) return null;
  const [letters = "", model = "", id = "", value = ""] = body.split(".");
  const owner = keyOf(OWNERS, letters.charAt(0));
  const where = keyOf(PLACES, letters.charAt(1));
  const [modelName, itemId, raw] = [unpacked(model), unpacked(id), unpacked(value)];
  if (owner === null || where === null || modelName === null || itemId === null || raw === null) return null;
  return { owner, where, model: modelName, value: raw, ...(itemId === "" ? {} : { id: itemId }) };
}

/** The state in a vendor's own field: an envelope of ours names its owner, anything else is the vendor's. */
export const openOr = (own: ReasoningState): ReasoningState | null =>
  isEnvelope(own.value) ? openState(own.value) : own;

/** Whether a text is, or was, an envelope of ours, damaged or not. */
export const isEnvelope = (text: string): boolean => text.startsWith(ENVELOPE_MARK);
