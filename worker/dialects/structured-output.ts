import type { Message } from "../canonical/message.ts";
import type { CanonicalRequest, ResponseFormat } from "../canonical/request.ts";
import type { TargetModel } from "../canonical/target-model.ts";
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { splitSystem } from "./arrange-history.ts";
import { objectSchema } from "./json-schema.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Structured output where the model cannot be held to it (DIALECTS §2.8): asked for in words, or as a call. */
export interface EmulatedFormat {
  /** Blocks of text to stand at the end of the instructions. */
  instructions: JsonObject[];
  /** The tool whose arguments are the answer, and which has to be forced. */
  jsonTool?: JsonObject;
}

/** A schema with what is said about it, which other dialects have beside it and some have nowhere else. */
export function describedSchema(format: SchemaFormat, settings: SettingReader): JsonObject {
  const { schema, description } = format;
  if (description === undefined) return schema;
  if (schema.description === undefined) return { description, ...schema };
  settings.lose("responseFormat");
  return schema;
}

type SchemaFormat = Extract<ResponseFormat, { type: "json_schema" }>;

/** The name of that tool; its call never reaches the client. */
export const JSON_TOOL = "json";

const ASK = "Answer with a single JSON object and nothing else: no prose, no code fence.";

/**
 * JSON mode in words, as the last of the instructions: where there is no such mode, and at OpenAI, which wants the word in
 * the conversation and gives objects only.
 */
export function withJsonAsked(history: readonly Message[], settings: SettingReader): Message[] {
  settings.lose("responseFormat", "json_mode_emulated");
  const { system, rest } = splitSystem(history);
  return [...system, { role: "system", parts: [{ type: "text", text: ASK }] }, ...rest];
}

const asked = (schema: JsonObject | null): JsonObject => ({
  type: "text",
  text: schema === null ? ASK : `${ASK} It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`,
});

/**
 * JSON mode, and a schema without promise, are asked for in words. A promised schema becomes the parameters of one forced
 * tool, where the client has no tools of its own and the model can be forced; else it is refused: the caller relies on it.
 */
export function emulateFormat(
  format: Exclude<ResponseFormat, { type: "text" }>,
  request: CanonicalRequest,
  settings: SettingReader,
  target: TargetModel,
  reason: string | null,
): EmulatedFormat {
  if (format.type === "json" || format.strict !== true) {
    settings.lose("responseFormat", format.type === "json" ? "json_mode_emulated" : "schema_relaxed");
    return { instructions: [asked(format.type === "json" ? null : format.schema)] };
  }
  const object = objectSchema(format.schema);
  if (request.tools.length > 0 || target.forcedToolChoice === false || object === null) {
    const param = settings.path("responseFormat");
    const why = reason ?? (object === null ? "it is of no object" : "the model keeps to none");
    throw new GatewayError(
      "schema_unsupported",
      `'${param}': this schema cannot be promised by this model: ${why}. Simplify it, or leave 'strict' out.`,
      { param },
    );
  }
  settings.lose("responseFormat", "tool_emulated");
  const description = format.description ?? "Give the answer.";
  return {
    instructions: [],
    jsonTool: { name: JSON_TOOL, description, input_schema: object },
  };
}
