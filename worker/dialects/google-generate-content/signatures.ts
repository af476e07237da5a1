import { ENVELOPE_MARK_BASE64, openState, sealState } from "../../canonical/envelope.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { decodeUtf8, fromBase64, toBase64, utf8 } from "../../lib/encoding.ts";

/**
 * `thoughtSignature`: bytes in base64. Google's own are taken as they are; another vendor's state travels as the bytes of
 * our envelope.
 */

/** What stands for a signature that nobody can give: Gemini then does not ask for one (thought signatures guide). */
export const SENTINEL = "skip_thought_signature_validator";

/** The state in a signature; undefined for a damaged envelope and for the sentinel. */
export function readSignature(value: string, where: ReasoningState["where"], model = ""): ReasoningState | undefined {
  if (value === SENTINEL) return undefined;
  if (!value.startsWith(ENVELOPE_MARK_BASE64)) return { owner: "google", value, model, where };
  const bytes = fromBase64(value.replace(/=+$/, ""));
  const text = bytes === null ? null : decodeUtf8(bytes);
  return text === null ? undefined : (openState(text) ?? undefined);
}

/** A state as a signature for a Gemini client: standard base64, padded. */
export function writeSignature(state: ReasoningState): string {
  const text = toBase64(utf8(sealState(state)));
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** Marks a call of a model that signs nothing, so that Google is not asked to check it later. */
export const UNSIGNED: ReasoningState = { owner: "none", value: "", model: "", where: "tool_call" };

/**
 * Whether a model, by Google's name for it, asks for the signatures of its calls and takes media inside results: Gemini 3
 * and later do (thought signatures guide), and so, one has to suppose, does a Gemini without a version
 * (`gemini-flash-latest`). Google's other families, and tuned models, know no signatures.
 */
export function signsCalls(model: string): boolean {
  const name = /^gemini-(\d*)/.exec(model);
  return name !== null && (name[1] === "" || Number(name[1]) >= 3);
}
