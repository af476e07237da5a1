import type { Losses } from "../canonical/losses.ts";
import type { FunctionTool } from "../canonical/tool.ts";
import type { JsonObject } from "../lib/json.ts";
import { parametersSchema, schemaForOpenAiStrict } from "./json-schema.ts";

const NOTHING: JsonObject = { type: "object", properties: {} };

/** A function's parameters without promise; undefined for none. */
export function plainParameters({ parameters, source }: FunctionTool, losses: Losses): JsonObject | undefined {
  if (parameters === undefined) return undefined;
  const { schema, relaxed } = parametersSchema(parameters);
  if (relaxed) losses.add("schema_relaxed", source?.path ?? "tools");
  return schema;
}

/**
 * A function's parameters as OpenAI takes them, with `strict` said either way: left out, Responses would tighten the schema
 * by itself. A strict one whose schema OpenAI cannot promise is asked for without promise.
 */
export function openaiParameters(tool: FunctionTool, losses: Losses): { parameters: JsonObject; strict: boolean } {
  const { parameters = NOTHING, strict } = tool;
  const closed = strict === true ? schemaForOpenAiStrict(parameters) : null;
  if (strict === true && closed === null) losses.add("schema_relaxed", tool.source?.path ?? "tools");
  if (closed !== null) return { parameters: closed, strict: true };
  return { parameters: plainParameters(tool, losses) ?? NOTHING, strict: false };
}
