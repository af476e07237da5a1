/**
 * What a translation could not keep, and what was changed on behalf of a limit. Each loss is named by a stable code and the JSON path in the client's own body, and
 * reaches the client (`x-gaia-warnings`) and the request's record.
 */
export type WarningCode =
  | "param_dropped"
  | "param_clamped"
  | "role_repositioned"
  | "part_converted"
  | "part_dropped"
  | "image_inlined"
  | "tool_renamed"
  | "tool_emulated"
  | "schema_relaxed"
  | "json_mode_emulated"
  | "reasoning_adjusted"
  | "reasoning_state_dropped"
  | "signature_sentinel_used"
  | "cache_mark_dropped"
  | "cache_ttl_changed"
  | "history_repaired"
  | "citation_dropped"
  | "builtin_dropped"
  | "not_stored"
  | "usage_estimated"
  | "embedding_normalized"
  | "stop_reason_approximated"
  | NoteCode;

/** What was done for another reason than translation: a limit or an organization wants it so. */
export type NoteCode = "output_cap_lowered" | "output_cap_set" | "model_substituted" | "limit_exceeded";

export interface Warning {
  code: WarningCode;
  /** JSON path in the client's body; "" for the body, `answer…` for what the answer lost; of a limit its metric and window. */
  path: string;
}

/** More than any honest request loses; the rest is counted only. */
const MAXIMUM = 200;

/** The ledger of one translation's losses: in order, each once. */
export class Losses {
  readonly #seen = new Map<string, Warning>();
  readonly #notes = new Map<string, Warning>();
  /** How many did not fit. */
  omitted = 0;

  add(code: WarningCode, path: string): void {
    const key = `${code}@${path}`;
    if (this.#seen.has(key)) return;
    if (this.#seen.size >= MAXIMUM) this.omitted++;
    else this.#seen.set(key, { code, path });
  }

  /** Names what is no loss: no strict client refuses it, and another attempt does not undo it. */
  note(code: NoteCode, path: string): void {
    this.#notes.set(`${code}@${path}`, { code, path });
  }

  /** For another attempt at the translation, which loses what it loses. */
  clear(): void {
    this.#seen.clear();
    this.omitted = 0;
  }

  get warnings(): Warning[] {
    return [...this.#seen.values()];
  }

  /** All that the client is told and the record keeps: notes before losses. */
  get told(): Warning[] {
    return [...this.#notes.values(), ...this.#seen.values()];
  }

  get any(): boolean {
    return this.#seen.size > 0;
  }
}
