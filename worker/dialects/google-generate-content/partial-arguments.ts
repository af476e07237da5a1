import { isObject, type JsonObject, stringAt } from "../../lib/json.ts";

/** Names that would reach into an object's prototype. */
const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/** `$.a.b[0]['c']` in its steps. */
const stepsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/g)].map((match) => match[1] ?? match[3] ?? Number(match[2]));

/** Applies pieces of a call's arguments (Vertex: `partialArgs` with a JSON path each); texts of one path are joined. */
export function applyPartialArguments(target: JsonObject, pieces: readonly unknown[]): void {
  for (const piece of pieces) if (isObject(piece)) applyPiece(target, piece);
}

function applyPiece(target: JsonObject, piece: JsonObject): void {
  const steps = stepsOf(stringAt(piece, "jsonPath") ?? "$");
  if (steps.length === 0 || steps.some((step) => UNSAFE.has(String(step)))) return;
  let holder = target as Record<string | number, unknown>;
  for (const [at, step] of steps.slice(0, -1).entries()) {
    const next = holder[step];
    if (typeof next !== "object" || next === null) holder[step] = typeof steps[at + 1] === "number" ? [] : {};
    holder = holder[step] as Record<string | number, unknown>;
  }
  const last = steps.at(-1) as string | number;
  const before = holder[last];
  if (typeof piece.stringValue === "string")
    holder[last] = (typeof before === "string" ? before : "") + piece.stringValue;
  else if (piece.numberValue !== undefined) holder[last] = piece.numberValue;
  else if (piece.boolValue !== undefined) holder[last] = piece.boolValue;
  else if (piece.nullValue !== undefined) holder[last] = null;
}
