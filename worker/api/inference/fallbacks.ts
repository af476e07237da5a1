import { GatewayError } from "../../errors.ts";
import { applyEdits } from "../../lib/json-scan.ts";
import { readModelName } from "../../router/resolve.ts";
import type { InferenceCall } from "./infer.ts";
import { bodyOf, type RequestBody } from "./read-body.ts";

/** What a client wants to be asked: a model, and others in its place, in this order, if it fails. */
export interface Wanted {
  model: string;
  fallbacks: { name: string; param: string }[];
  /** The request without what was said of fallbacks. */
  body: RequestBody;
}

const HEADER = "x-gaia-fallbacks";
const MEMBER = "models";
const MOST = 8;

/** OpenRouter reads the list itself, and knows the names in it. */
const readByProvider = (model: unknown): boolean => typeof model === "string" && model.startsWith("openrouter/");

/**
 * Reads the model and its fallbacks: `x-gaia-fallbacks: model, model`, and OpenRouter's `models` of a Chat client, whose
 * first name stands for a model that is not named otherwise. Throws the GatewayError that says what is wrong with them.
 */
export function readWanted(headers: Headers, { dialect, model: inPath }: InferenceCall, body: RequestBody): Wanted {
  const inHeader = (headers.get(HEADER) ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
  const listed = dialect === "openai-chat" && !readByProvider(body.body.model) ? listOf(body.body[MEMBER]) : null;
  const named = inPath ?? body.body.model ?? listed?.[0];
  const model = readModelName(named);
  const fallbacks = [
    ...inHeader.map((name) => ({ name, param: HEADER })),
    ...(listed ?? []).map((name, at) => ({ name, param: `${MEMBER}[${at}]` })),
  ];
  const known = new Set([model]);
  const others = fallbacks.filter(({ name }) => {
    const isNew = !known.has(name);
    known.add(name);
    return isNew;
  });
  if (others.length > MOST) throw refused(inHeader.length > MOST ? HEADER : MEMBER);
  for (const { name, param } of others) readModelName(name, param);
  return { model, fallbacks: others, body: listed === null ? body : withoutList(body, model) };
}

const refused = (param: string): GatewayError =>
  new GatewayError("invalid_value", `'${param}' must be a list of at most ${MOST} model names.`, { param });

function listOf(value: unknown): string[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string" && name.trim() !== "")) {
    throw refused(MEMBER);
  }
  return value as string[];
}

/** The list is ours to read: other providers refuse what they do not know. It makes place for the model's name where there is none. */
function withoutList(body: RequestBody, model: string): RequestBody {
  const { scan, text } = body;
  const span = scan.members.get(MEMBER);
  if (span === undefined) return body;
  const before = text.slice(0, span.start);
  const member = /,?\s*"models"\s*:\s*$/.exec(before);
  // Spelled with an escape no client writes: it stays, and its provider says what it makes of it.
  if (member === null) return body;
  const leads = member[0].startsWith(",");
  const named = body.body.model === undefined ? `${leads ? "," : ""}"model":${JSON.stringify(model)}` : "";
  const comma = leads || named !== "" ? "" : (/^\s*,/.exec(text.slice(span.end))?.[0] ?? "");
  return bodyOf(applyEdits(text, [{ start: member.index, end: span.end + comma.length, replacement: named }]));
}
