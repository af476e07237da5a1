import type { Losses } from "../../canonical/losses.ts";
import type { Message } from "../../canonical/message.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import { memberPath } from "../../canonical/source.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import { arrangedFor } from "../arrange-history.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact } from "../fields.ts";
import { schemaForAnthropic } from "../json-schema.ts";
import { SettingReader } from "../setting-reader.ts";
import { describedSchema, type EmulatedFormat, emulateFormat, JSON_TOOL } from "../structured-output.ts";
import { PLAIN_NAMES, ToolNames } from "../tool-names.ts";
import { CacheBudget } from "./cache-budget.ts";
import { encodeHistory } from "./encode-messages.ts";
import { encodeOwn } from "./encode-own.ts";
import { encodeReasoning } from "./reasoning.ts";
import { encodeCap, encodeSettings } from "./settings.ts";
import { encodeToolChoice, encodeTools } from "./tools.ts";

/** Any client's request as a Messages request. */
export function encodeRequest(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  return request.dialect === "anthropic-messages" ? encodeOwn(request, target) : encodeForeign(request, target, losses);
}

function encodeForeign(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  const names = new ToolNames(request.tools, PLAIN_NAMES, losses);
  const settings = new SettingReader(request, losses);
  const marks = new CacheBudget(losses);
  const format = encodeFormat(request, settings, target);
  // In the order in which the prompt is cached: marks are placed as they are met.
  const offered = encodeTools(request, target, names, marks, losses);
  const chosen = encodeToolChoice(settings, target, names, losses);
  const history = arrangedFor(request, target, losses);
  // A promised schema and the beginning of an answer exclude each other.
  const prefills = target.prefill === true && format.native === undefined;
  const turnsPath = memberPath(request.source, "messages");
  const { system, messages } = encodeHistory(history, { target, names, marks, losses, turnsPath, prefills });
  const cap = encodeCap(settings, target);
  const tools = toolsAndChoice(offered, chosen, names, history, format.emulated);
  const lacksThoughts = continuesWithoutThoughts(history) || messages.at(-1)?.role === "assistant";
  const forced = tools.tool_choice?.type === "any" || tools.tool_choice?.type === "tool";
  const { thinking, effort } = encodeReasoning(settings, target, cap, forced || lacksThoughts, losses);
  // It stands for a mark on the last block.
  const automatic: JsonObject = {};
  marks.place(automatic, settings.take("cacheAuto"), { path: settings.path("cacheAuto") });
  marks.settle();
  const config = compact({ effort, format: format.native });
  const instructions = [...system, ...format.emulated.instructions];
  const body = compact({
    model: target.name,
    max_tokens: cap,
    system: instructions.length === 0 ? undefined : instructions,
    messages,
    ...encodeSettings(settings, target, thinking !== undefined && thinking.type !== "disabled"),
    thinking,
    output_config: Object.keys(config).length === 0 ? undefined : config,
    ...tools,
    ...automatic,
    stream: request.stream ? true : undefined,
  });
  settings.finish();
  const { jsonTool } = format.emulated;
  return { body, tools: names.restored, ...(jsonTool === undefined ? {} : { jsonTool: JSON_TOOL }) };
}

/** A schema that Claude can promise is promised; any other is asked for in words, or by a call that is forced. */
function encodeFormat(
  request: CanonicalRequest,
  settings: SettingReader,
  target: TargetModel,
): { native?: JsonObject; emulated: EmulatedFormat } {
  const format = settings.take("responseFormat");
  const none: EmulatedFormat = { instructions: [] };
  if (format === undefined || format.type === "text") return { emulated: none };
  if (format.type === "json_schema" && target.structuredOutput !== false) {
    const { schema, relaxed, unrepresentable } = schemaForAnthropic(describedSchema(format, settings));
    if (unrepresentable === null) {
      if (relaxed && format.strict === true) settings.lose("responseFormat", "schema_relaxed");
      return { native: { type: "json_schema", schema }, emulated: none };
    }
  }
  const reason =
    format.type === "json_schema" && target.structuredOutput !== false
      ? schemaForAnthropic(format.schema).unrepresentable
      : null;
  return { emulated: emulateFormat(format, request, settings, target, reason) };
}

/** Tools, and the choice among them, as far as there are any; Messages wants declarations for calls in the history. */
function toolsAndChoice(
  offered: JsonObject[],
  chosen: { choice?: JsonObject; only?: readonly string[] },
  names: ToolNames,
  history: readonly Message[],
  { jsonTool }: EmulatedFormat,
): { tools?: JsonObject[]; tool_choice?: JsonObject } {
  if (jsonTool !== undefined) return { tools: [jsonTool], tool_choice: { type: "tool", name: JSON_TOOL } };
  const only = chosen.only?.map((name) => names.chosen(name));
  const tools = only === undefined ? offered : offered.filter((tool) => only.includes(String(tool.name)));
  if (tools.length > 0) return { tools, ...(chosen.choice === undefined ? {} : { tool_choice: chosen.choice }) };
  const called = new Set(
    history.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === "tool_call" ? [names.wire(part.name, part.namespace)] : [])),
    ),
  );
  if (called.size === 0) return {};
  const declared = [...called].map((name) => ({ name, input_schema: { type: "object" } }));
  return { tools: declared, tool_choice: { type: "none" } };
}

/** The last assistant turn calls tools and its thoughts are not ours to give: manual thinking would refuse it. */
function continuesWithoutThoughts(history: readonly Message[]): boolean {
  const parts = history.findLast((message) => message.role === "assistant")?.parts ?? [];
  return parts.some((part) => part.type === "tool_call") && !parts.some((part) => part.type === "thinking");
}
