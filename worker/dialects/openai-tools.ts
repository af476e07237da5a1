import type { Losses } from "../canonical/losses.ts";
import type { FunctionTool } from "../canonical/tool.ts";
import type { JsonObject } from "../lib/json.ts";
import { schemaForOpenAiStrict } from "./json-schema.ts";

const NOTHING: JsonObject = { type: "object", properties: {} };

/**
 * A function's parameters as OpenAI takes them, with `strict` said either way: left out, Responses would tighten the schema
 * by itself. A strict one whose schema OpenAI cannot promise is asked for without promise.
 */
export function openaiParameters(tool: FunctionTool, losses: Losses): { parameters: JsonObject; strict: boolean } {
  const { parameters = NOTHING, strict } = tool;
  const closed = strict === true ? schemaForOpenAiStrict(parameters) : null;
  if (strict === true && closed === null) losses.add("schema_relaxed", tool.source?.path ?? "tools");
  return closed === null ? { parameters, strict: false } : { parameters: closed, strict: true };
}
