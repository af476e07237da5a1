import { masked } from "./mask.ts";

/**
 * Structured logs: one JSON line an entry. Callers name the fields; nothing else of a request is ever written, so prompts
 * and keys cannot be.
 */
export interface LogEntry {
  level: "info" | "warn" | "error";
  /** What happened, in a stable word such as `ledger.settle_given_up`. */
  event: string;
  [field: string]: string | number | boolean | null | undefined;
}

/** Long messages of others (drivers, providers) are cut: they may quote what they were given. */
const MAXIMUM_TEXT = 500;

/** A message of somebody else's, short enough and without anything that looks like a credential. */
export const safeText = (text: string): string => masked(text.slice(0, MAXIMUM_TEXT));

export function log(entry: LogEntry): void {
  const line = JSON.stringify(entry, (_, value) => (typeof value === "string" ? safeText(value) : value));
  if (entry.level === "error") console.error(line);
  else if (entry.level === "warn") console.warn(line);
  else console.log(line);
}
