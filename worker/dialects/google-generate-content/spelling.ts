import type { JsonObject } from "../../lib/json.ts";
import { type Fields, snakeCase } from "../fields.ts";

/** Proto JSON has two spellings of each name; a client's own is kept for it. */
export const spelling = (fields: Fields): { snakes: readonly string[] } => ({ snakes: fields.snakes });

/** `object` with the names that the client spelled in snake_case spelled so again. */
export function respelled(object: JsonObject, form: Readonly<Record<string, unknown>> | undefined): JsonObject {
  const snakes = (form?.snakes ?? []) as readonly string[];
  if (snakes.length === 0) return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [snakes.includes(key) ? snakeCase(key) : key, value]),
  );
}
