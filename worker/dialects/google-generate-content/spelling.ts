import type { JsonObject } from "../../lib/json.ts";
import { type Fields, snakeCase } from "../fields.ts";

/** Proto JSON has several spellings of the same; a client's own is kept for it. */
export const spelling = ({ snakes, singles }: Fields): { snakes: readonly string[]; singles: readonly string[] } => ({
  snakes,
  singles,
});

/** `object` with the names that the client spelled in snake_case spelled so again, and its lists of one without a list. */
export function respelled(object: JsonObject, form: Readonly<Record<string, unknown>> | undefined): JsonObject {
  const { snakes = [], singles = [] } = (form ?? {}) as { snakes?: readonly string[]; singles?: readonly string[] };
  if (snakes.length === 0 && singles.length === 0) return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      snakes.includes(key) ? snakeCase(key) : key,
      singles.includes(key) && Array.isArray(value) ? value[0] : value,
    ]),
  );
}
