import { isObject, type JsonObject, listOf, numberOf, objectOf, objectsOf, stringOf } from "./values.ts";

/** Deeper than this a schema only gets what it requires, so that a recursive one ends. */
const MAXIMUM_DEPTH = 6;

const FORMATS: Record<string, string> = {
  "date-time": "2026-01-02T03:04:05Z",
  date: "2026-01-02",
  time: "03:04:05Z",
  duration: "P1D",
  email: "user@example.com",
  hostname: "example.com",
  uri: "https://example.com/",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
};

function resolve(reference: string, root: JsonObject): JsonObject {
  let place: unknown = root;
  for (const step of reference.replace(/^#\/?/, "").split("/").filter(Boolean))
    place = objectOf(place)[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")];
  return objectOf(place);
}

function exampleString(schema: JsonObject, name: string): string {
  const format = FORMATS[stringOf(schema.format)];
  if (format !== undefined) return format;
  const minimum = numberOf(schema.minLength) ?? 0;
  const maximum = numberOf(schema.maxLength) ?? Number.POSITIVE_INFINITY;
  const text = `example ${name}`;
  return text.padEnd(minimum, ".").slice(0, Math.min(maximum, Math.max(text.length, minimum)));
}

function exampleNumber(schema: JsonObject, whole: boolean): number {
  const step = numberOf(schema.multipleOf) ?? (whole ? 1 : 0.5);
  const above = numberOf(schema.exclusiveMinimum);
  const minimum = numberOf(schema.minimum) ?? (above === null ? null : above + step);
  const below = numberOf(schema.exclusiveMaximum);
  const maximum = numberOf(schema.maximum) ?? (below === null ? null : below - step);
  let value = step * Math.ceil((minimum ?? (whole ? 1 : 0.5)) / step);
  if (maximum !== null && value > maximum) value = step * Math.floor(maximum / step);
  return value;
}

function exampleObject(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const required = listOf(schema.required);
  const value: JsonObject = {};
  for (const [name, property] of Object.entries(objectOf(schema.properties)))
    if (depth < MAXIMUM_DEPTH || required.includes(name)) value[name] = example(property, name, root, depth + 1);
  return value;
}

/**
 * A value that fits a JSON Schema, or Gemini's OpenAPI subset of one (upper-case type names, `nullable`). Covers what
 * the vendors accept for tools and structured output; `pattern` is not looked at.
 */
export function example(schema: unknown, name = "value", root: JsonObject = objectOf(schema), depth = 0): unknown {
  if (!isObject(schema)) return `example ${name}`;
  if (depth > 2 * MAXIMUM_DEPTH) return null;
  if (typeof schema.$ref === "string") return example(resolve(schema.$ref, root), name, root, depth + 1);
  if ("const" in schema) return schema.const;
  if (listOf(schema.enum).length > 0) return listOf(schema.enum)[0];
  const choices = [...objectsOf(schema.anyOf), ...objectsOf(schema.oneOf)];
  const choice = choices.find((candidate) => candidate.type !== "null") ?? choices[0];
  if (choice !== undefined)
    return example({ ...schema, anyOf: undefined, oneOf: undefined, ...choice }, name, root, depth + 1);
  const all = objectsOf(schema.allOf);
  if (all.length > 0) {
    const merged = all.map((one) => (typeof one.$ref === "string" ? resolve(one.$ref, root) : one));
    const properties = Object.assign({}, schema.properties, ...merged.map((one) => objectOf(one.properties)));
    const required = [schema, ...merged].flatMap((one) => listOf(one.required));
    return example(Object.assign({}, schema, ...merged, { allOf: undefined, properties, required }), name, root, depth);
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const type = stringOf(types.find((one) => one !== "null") ?? types[0]).toLowerCase();
  switch (type) {
    case "string":
      return exampleString(schema, name);
    case "integer":
      return exampleNumber(schema, true);
    case "number":
      return exampleNumber(schema, false);
    case "boolean":
      return true;
    case "null":
      return null;
    case "array": {
      const prefix = listOf(schema.prefixItems).map((item) => example(item, name, root, depth + 1));
      if (prefix.length > 0) return prefix;
      const least = numberOf(schema.minItems) ?? (depth < MAXIMUM_DEPTH ? 1 : 0);
      const length = Math.min(least, numberOf(schema.maxItems) ?? least);
      return Array.from({ length }, () => example(schema.items, name, root, depth + 1));
    }
    default:
      return type === "object" || isObject(schema.properties) ? exampleObject(schema, root, depth) : `example ${name}`;
  }
}
