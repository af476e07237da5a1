import { GatewayError } from "../../errors.ts";
import { applyEdits, type Edit, type Span } from "../../lib/json-scan.ts";
import { readModelName } from "../../router/resolve.ts";
import type { InferenceCall } from "./infer.ts";
import { bodyOf, type RequestBody } from "./read-body.ts";

/** A model to be asked if another fails, and where the client names it. */
export interface Fallback {
  name: string;
  param: string;
}

/** What a client wants to be asked: a model, and others in its place, in this order, if it fails. */
export interface Wanted {
  model: string;
  fallbacks: Fallback[];
  /** The request without what was said of fallbacks. */
  body: RequestBody;
}

const HEADER = "x-gaia-fallbacks";
const MEMBER = "models";
const MOST = 8;

/** OpenRouter reads the list itself, and knows the names in it. */
const readByProvider = (model: unknown): boolean => typeof model === "string" && model.startsWith("openrouter/");

/** Reads `x-gaia-fallbacks: model, model`. */
export const fallbacksIn = (headers: Headers): Fallback[] =>
  (headers.get(HEADER) ?? "")
    .split(",")
    .map((name) => ({ name: name.trim(), param: HEADER }))
    .filter(({ name }) => name !== "");

/**
 * Reads the model and its fallbacks: those given beside the body, then OpenRouter's `models` of a Chat client, whose first name
 * stands for a model that is not named otherwise. Throws the GatewayError that says what is wrong with them.
 */
export function readWanted(beside: Fallback[], { dialect, model: inPath }: InferenceCall, body: RequestBody): Wanted {
  const isOurs = dialect === "openai-chat" && MEMBER in body.body && !readByProvider(body.body.model);
  const listed = isOurs ? listOf(body.body[MEMBER]) : [];
  const model = readModelName(inPath ?? body.body.model ?? listed[0]?.name);
  // Of each name the first counts; lists may be as long as a body.
  const named = new Map<string, Fallback>();
  for (const fallback of [...beside, ...listed]) {
    if (fallback.name === model || named.has(fallback.name)) continue;
    if (named.size === MOST) throw refused(beside.includes(fallback) ? fallback.param : MEMBER);
    named.set(readModelName(fallback.name, fallback.param), fallback);
  }
  return { model, fallbacks: [...named.values()], body: isOurs ? withoutList(body, model) : body };
}

const refused = (param: string): GatewayError =>
  new GatewayError("invalid_value", `'${param}' must be a list of at most ${MOST} model names.`, { param });

function listOf(value: unknown): Fallback[] {
  if (value === null) return [];
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) throw refused(MEMBER);
  return value.map((name: string, at) => ({ name, param: `${MEMBER}[${at}]` }));
}

/** The list is ours to read: other providers refuse what they do not know. It makes place for the model's name where there is none. */
function withoutList(body: RequestBody, model: string): RequestBody {
  const { scan, text } = body;
  const list = scan.members.get(MEMBER);
  if (list === undefined) return body;
  const member = { start: nameBefore(text, list.start), end: list.end };
  const named = scan.members.get("model");
  const name = JSON.stringify(model);
  if (named === undefined) return bodyOf(applyEdits(text, [{ ...member, replacement: `"model":${name}` }]));
  const edits = [removal(text, member)];
  if (body.body.model === null) edits.push({ ...named, replacement: name });
  return bodyOf(applyEdits(text, edits));
}

/** Where the name begins of a member whose value begins at `value`. It has no quote in it, however it is spelled. */
function nameBefore(text: string, value: number): number {
  const colon = lastBefore(text, value);
  return text.lastIndexOf('"', lastBefore(text, colon) - 1);
}

/** Takes a member away, with the comma that parts it from the one before it, else from the one after it. */
function removal(text: string, { start, end }: Span): Edit {
  const before = lastBefore(text, start);
  if (text[before] === ",") return { start: before, end, replacement: "" };
  let after = end;
  while (isSpace(text, after)) after++;
  return { start, end: text[after] === "," ? after + 1 : end, replacement: "" };
}

const isSpace = (text: string, at: number): boolean => text.charCodeAt(at) <= 32;

/** Index of the last character before `at` that is no white space. */
function lastBefore(text: string, at: number): number {
  let index = at - 1;
  while (isSpace(text, index)) index--;
  return index;
}
