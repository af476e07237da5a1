import { isObject, type JsonObject } from "../values.ts";

/** JSON as protobuf reads and writes it. */

/** Fields whose contents are the user's own and not the API's: their keys stay as they are. */
const OPAQUE = new Set([
  "args",
  "response",
  "parametersJsonSchema",
  "responseJsonSchema",
  "labels",
  "properties",
  "defs",
]);

const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The same value with camelCase keys (proto JSON takes snake_case as well) and without nulls (which mean unset). */
export function readProto(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readProto);
  if (!isObject(value)) return value;
  const read: JsonObject = {};
  for (const [key, one] of Object.entries(value)) {
    const name = camel(key);
    if (one !== null) read[name] = OPAQUE.has(name) ? one : readProto(one);
  }
  return read;
}

/** One line, with a space after each colon and none after commas, as Google's event streams have it. */
export function writeProtoLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeProtoLine).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${members.map(([key, one]) => `${JSON.stringify(key)}: ${writeProtoLine(one)}`).join(",")}}`;
}
