/** Reading JSON whose shape nobody has promised. */

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;

/** A JSON object, and not an array or null. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object, or an empty one. */
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** The array, or an empty one. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The array's objects; whatever else stood in it is left out. */
export const objectsOf = (value: unknown): JsonObject[] => listOf(value).filter(isObject);

/** The string, or "". */
export const stringOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The finite number, or null. */
export const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** `null` counts as absent, as all four vendors treat it. */
export const given = (value: unknown): boolean => value !== undefined && value !== null;
