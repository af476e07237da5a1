import { masked } from "./mask.ts";

/**
 * Every field that a line of the log may have, and what it holds. A field that is not in the table is a type error, and is
 * left out where a type is got around: nothing of a request can get into the log because an object was spread into it.
 * `text` is somebody else's words (a driver's error): cut and masked. `name` is an id, a code, or a name out of our own
 * configuration.
 */
const FIELDS = {
  requestId: "name",
  keyId: "name",
  rootId: "name",
  limitId: "name",
  event_id: "name",
  key_id: "name",
  root_id: "name",
  root: "name",
  webhook_id: "name",
  delivery_id: "name",
  reconciliation_id: "name",
  lease: "name",
  shard: "name",
  notice: "name",
  model: "name",
  code: "name",
  sqlstate: "name",
  signal: "name",
  what: "text",
  cause: "text",
  message: "text",
  error: "text",
  param: "text",
  limit: "text",
  first: "text",
  status: "number",
  attempts: "number",
  failures: "number",
  settlements: "number",
  differences: "number",
  partitions: "number",
  rows: "number",
  waiting: "number",
  bytes: "number",
  cost_nano: "number",
  dropped: "number",
} as const;

type Fields = {
  [Field in keyof typeof FIELDS]?: ((typeof FIELDS)[Field] extends "number" ? number : string) | null | undefined;
};

/** Structured logs: one JSON line an entry. */
export interface LogEntry extends Fields {
  level: "info" | "warn" | "error";
  /** What happened, in a stable word such as `ledger.settle_given_up`. */
  event: string;
}

/** A line as it is written: `fields` holds what the table allows, in the table's order. */
export interface LogLine {
  level: LogEntry["level"];
  event: string;
  fields: Record<string, string | number>;
}

/** No id is longer, nor any name that we keep. */
const MAXIMUM_NAME = 200;
/** Long messages of others (drivers, providers) are cut: they may quote what they were given. */
const MAXIMUM_TEXT = 500;

/** What a failed statement was given (Drizzle): rows of tenants, which are nobody's to read here. */
const PARAMETERS = /\bparams: [\s\S]*/;

/** A message of somebody else's, short enough and without anything that looks like a credential. */
const safeText = (text: string): string => masked(text.replace(PARAMETERS, "").slice(0, MAXIMUM_TEXT));

/** A name as it may be shown: some are chosen by clients, who may mistake a key for one. */
export const safeName = (text: string): string => masked(text.slice(0, MAXIMUM_NAME));

/** What may be written of an entry. */
export function lineOf(entry: LogEntry): LogLine {
  const fields: LogLine["fields"] = {};
  for (const [field, kind] of Object.entries(FIELDS)) {
    const value = entry[field as keyof Fields];
    if (typeof value === "number" && kind === "number") fields[field] = value;
    else if (typeof value === "string" && kind !== "number")
      fields[field] = kind === "text" ? safeText(value) : safeName(value);
  }
  const left = Object.keys(entry).filter(
    (name) => !Object.hasOwn(FIELDS, name) && name !== "level" && name !== "event",
  );
  // Only how many: a name that got here by being spread may be a stranger's.
  if (left.length > 0) fields.unknown_fields = left.length;
  return { level: entry.level, event: safeName(entry.event), fields };
}

/** Writes a line to the console. */
export function write({ level, event, fields }: LogLine): void {
  const line = JSON.stringify({ level, event, ...fields });
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}

export const log = (entry: LogEntry): void => write(lineOf(entry));
