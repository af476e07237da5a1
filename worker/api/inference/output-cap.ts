import type { DialectId } from "../../canonical/dialect-id.ts";
import { isObject, type JsonObject, objectAt } from "../../lib/json.ts";
import { type Edit, type Span, scanJson } from "../../lib/json-scan.ts";
import type { RequestBody } from "./read-body.ts";

/** The cap on output tokens: where each dialect's request has it, and how a relay puts another there. */

interface Place {
  /** Names of the member that holds it, in every spelling; null: the request itself. */
  holders: readonly [string, ...string[]] | null;
  /** Its own names; the first one is written where the client wrote none. */
  names: readonly [string, ...string[]];
}

const PLACES: Record<Exclude<DialectId, "openai-embeddings">, Place> = {
  "openai-chat": { holders: null, names: ["max_completion_tokens", "max_tokens"] },
  "openai-responses": { holders: null, names: ["max_output_tokens"] },
  "anthropic-messages": { holders: null, names: ["max_tokens"] },
  "google-generate-content": {
    holders: ["generationConfig", "generation_config"],
    names: ["maxOutputTokens", "max_output_tokens"],
  },
};

/** Chat as hosts take it that know only the older name. */
const OLDER: Place = { holders: null, names: ["max_tokens", "max_completion_tokens"] };

const placeOf = (dialect: DialectId, older: boolean): Place | null => {
  if (dialect === "openai-embeddings") return null;
  return dialect === "openai-chat" && older ? OLDER : PLACES[dialect];
};

const isThere = (object: JsonObject, name: string): boolean => object[name] !== undefined && object[name] !== null;

/** The member that holds the cap, as the gateway reads it: the first that is an object. */
const holderOf = (body: JsonObject, { holders }: Place): string | null =>
  holders === null ? null : (holders.find((name) => objectAt(body, name) !== undefined) ?? holders[0]);

/** Where the cap of a request stands, or would: the place, the member that holds it, and what is there. */
function placed(body: JsonObject, dialect: DialectId, older = false) {
  const place = placeOf(dialect, older);
  if (place === null) return null;
  const holder = holderOf(body, place);
  return { place, holder, object: holder === null ? body : (objectAt(body, holder) ?? {}) };
}

/**
 * The path of the cap in a request of the dialect, where it has one or would have. `older`: the host knows Chat's older name
 * alone.
 */
export function capPath(body: JsonObject, dialect: DialectId, older: boolean): string {
  const found = placed(body, dialect, older);
  if (found === null) return "";
  const { place, holder, object } = found;
  // Where it may stand in the client's own request, whatever the host knows.
  const names = dialect === "openai-chat" ? PLACES[dialect].names : place.names;
  const name = names.find((one) => isThere(object, one)) ?? place.names[0];
  return holder === null ? name : `${holder}.${name}`;
}

/** Whether the client wrote anything at all where the cap stands. */
export function writesCap(body: JsonObject, dialect: DialectId): boolean {
  const found = placed(body, dialect);
  return found?.place.names.some((name) => isThere(found.object, name)) ?? false;
}

/** The cap of a request that was written here; null without one. */
export function capOf(body: JsonObject, dialect: DialectId): number | null {
  const found = placed(body, dialect);
  const cap = found?.place.names.map((name) => found.object[name]).find((value) => typeof value === "number");
  return typeof cap === "number" ? cap : null;
}

/** What is written in place of the client's value: proto JSON also takes a number in quotes, which may be a lower one. */
function written(value: unknown, tokens: number): string {
  const quoted = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return String(Number.isSafeInteger(quoted) && quoted > 0 ? Math.min(quoted, tokens) : tokens);
}

/** Puts the cap at its place in the text: over the client's own by whichever name, or as a member more. */
export function capEdits(
  { body, scan, text }: RequestBody,
  dialect: DialectId,
  tokens: number,
  older: boolean,
): Edit[] {
  const place = placeOf(dialect, older);
  if (place === null) return [];
  const holder = holderOf(body, place);
  if (holder === null) return within(body, scan.members, scan.closingBrace, place, tokens);
  const span = scan.members.get(holder);
  const fresh = `{"${place.names[0]}":${tokens}}`;
  if (span === undefined) {
    const at = scan.closingBrace;
    return [{ start: at, end: at, replacement: `,"${holder}":${fresh}` }];
  }
  const object = body[holder];
  const inner = scanJson(text.slice(span.start, span.end));
  if (!isObject(object) || "code" in inner) return [{ ...span, replacement: fresh }];
  return within(object, inner.members, inner.closingBrace, place, tokens).map(({ start, end, replacement }) => ({
    start: span.start + start,
    end: span.start + end,
    replacement,
  }));
}

function within(
  object: JsonObject,
  members: ReadonlyMap<string, Span>,
  closingBrace: number,
  { names, holders }: Place,
  tokens: number,
): Edit[] {
  const spellings = holders !== null;
  const there = names.filter((name) => isThere(object, name));
  // Gemini's names are spellings of one member, Chat's are two members: there null under the other name stays.
  const vacant = (spellings ? names : [names[0]]).filter((name) => members.has(name)).slice(0, 1);
  const edits = (there.length > 0 ? there : vacant).flatMap((name) => {
    const span = members.get(name);
    return span === undefined ? [] : [{ ...span, replacement: written(object[name], tokens) }];
  });
  if (edits.length > 0) return edits;
  const separator = members.size > 0 ? "," : "";
  return [{ start: closingBrace, end: closingBrace, replacement: `${separator}"${names[0]}":${tokens}` }];
}
