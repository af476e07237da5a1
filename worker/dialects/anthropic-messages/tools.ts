import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { BuiltinKind, BuiltinTool, FunctionTool, Tool, ToolChoice, WebSearch } from "../../canonical/tool.ts";
import { GatewayError } from "../../errors.ts";
import { type JsonObject, textOf } from "../../lib/json.ts";
import { readCacheMark } from "../cache-marks.ts";
import { compact, Fields, withRest } from "../fields.ts";
import { emulateFreeText } from "../free-text-tool.ts";
import { inCurrentDraft, parametersSchema, schemaForAnthropic } from "../json-schema.ts";
import type { SettingReader } from "../setting-reader.ts";
import type { ToolNames } from "../tool-names.ts";
import type { CacheBudget } from "./cache-budget.ts";

/** Server tools by the beginning of their dated type. */
const BUILTIN: [prefix: string, kind: BuiltinKind][] = [
  ["web_search", "web_search"],
  ["web_fetch", "url_context"],
  ["tool_search_tool", "tool_search"],
];

export const decodeTools = (fields: Fields): Tool[] => fields.objects("tools").map(decodeTool);

function decodeTool({ object, path }: { object: JsonObject; path: string }): Tool {
  const fields = new Fields(object, path);
  const type = fields.peek("type");
  if (type !== undefined && type !== "custom") return decodeBuiltin(fields, object, textOf(type));
  const { cache } = readCacheMark(fields);
  const name = fields.string("name");
  if (name === undefined || name === "") {
    const param = fields.at("name");
    throw new GatewayError("missing_required_parameter", `'${param}' is required: a tool needs a name.`, { param });
  }
  const description = fields.string("description");
  const parameters = fields.object("input_schema");
  const strict = fields.boolean("strict");
  return {
    type: "function",
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
    ...(cache === undefined ? {} : { cache }),
    source: fields.source(),
  };
}

function decodeBuiltin(fields: Fields, raw: JsonObject, type: string): BuiltinTool {
  const kind = BUILTIN.find(([prefix]) => type.startsWith(prefix))?.[1] ?? "other";
  if (kind === "other") return { type: "builtin", kind, raw, source: { path: fields.path } };
  fields.take("type");
  const name = fields.string("name");
  // Marks on vendors' tools are their own.
  const { cache } = readCacheMark(fields);
  const tool: BuiltinTool = { type: "builtin", kind, raw, ...compact({ name, cache }) };
  if (kind !== "web_search") return { ...tool, source: fields.source() };
  const search: WebSearch = {};
  const allowed = fields.strings("allowed_domains");
  const blocked = fields.strings("blocked_domains");
  const uses = fields.number("max_uses");
  if (allowed !== undefined) search.allowedDomains = allowed;
  if (blocked !== undefined) search.blockedDomains = blocked;
  if (uses !== undefined) search.maxUses = uses;
  const location: NonNullable<WebSearch["location"]> = {};
  const place = fields.nested("user_location");
  place?.take("type");
  for (const key of ["city", "region", "country", "timezone"] as const) {
    const value = place?.string(key);
    if (value !== undefined) location[key] = value;
  }
  if (Object.keys(location).length > 0) search.location = location;
  return { ...tool, webSearch: search, source: fields.source() };
}

/** `tool_choice` with the switch for parallel calls inside it. */
export function decodeToolChoice(fields: Fields): { choice?: ToolChoice; parallel?: boolean } {
  const choice = fields.nested("tool_choice");
  if (choice === undefined) return {};
  const type = choice.string("type");
  const disabled = choice.boolean("disable_parallel_tool_use");
  const parallel = disabled === undefined ? {} : { parallel: !disabled };
  switch (type) {
    case "auto":
    case "none":
      return { choice: { mode: type }, ...parallel };
    case "any":
      return { choice: { mode: "required" }, ...parallel };
    case "tool": {
      const name = choice.string("name");
      if (name === undefined || name === "") {
        const param = choice.at("name");
        throw new GatewayError("missing_required_parameter", `'${param}' is required: which tool?`, { param });
      }
      return { choice: { mode: "tool", name }, ...parallel };
    }
    default:
      choice.leave("type");
      return parallel;
  }
}

/** The tools as Messages has them; built-in ones of others are mapped or refused. */
export function encodeTools(
  request: CanonicalRequest,
  target: TargetModel,
  names: ToolNames,
  marks: CacheBudget,
  losses: Losses,
): JsonObject[] {
  return request.tools.flatMap((tool) => {
    if (tool.type === "builtin") return encodeBuiltin(tool, losses);
    const name = names.wire(tool.name, tool.namespace);
    const described = tool.description === undefined ? {} : { description: tool.description };
    if (tool.type === "custom") {
      const parameters = emulateFreeText(tool, request.settings.toolChoice, names, losses);
      const encoded = { name, ...described, input_schema: parameters };
      marks.place(encoded, tool.cache, tool.source);
      return [encoded];
    }
    const encoded = { name, ...described, ...schemaOf(tool, target, losses) };
    marks.place(encoded, tool.cache, tool.source);
    return [encoded];
  });
}

/** `input_schema` must be an object's. A strict one is rewritten; what cannot be promised is asked for without promise. */
function schemaOf(tool: FunctionTool, target: TargetModel, losses: Losses): JsonObject {
  const plain = parametersSchema(inCurrentDraft(tool.parameters ?? { properties: {} }));
  const relax = () => losses.add("schema_relaxed", tool.source?.path ?? "tools");
  if (plain.relaxed) relax();
  if (tool.strict !== true || target.structuredOutput === false) return { input_schema: plain.schema };
  const { schema, relaxed, unrepresentable } = schemaForAnthropic(plain.schema);
  if (relaxed || unrepresentable !== null) relax();
  return unrepresentable === null ? { input_schema: schema, strict: true } : { input_schema: plain.schema };
}

function encodeBuiltin(tool: BuiltinTool, losses: Losses): JsonObject[] {
  const param = tool.source?.path ?? "tools";
  switch (tool.kind) {
    case "web_search": {
      const { allowedDomains, blockedDomains, maxUses, location } = tool.webSearch ?? {};
      return [
        compact({
          type: "web_search_20250305",
          name: "web_search",
          allowed_domains: allowedDomains,
          blocked_domains: allowedDomains === undefined ? blockedDomains : undefined,
          max_uses: maxUses,
          user_location: location === undefined ? undefined : { type: "approximate", ...location },
        }),
      ];
    }
    case "url_context":
      losses.add("tool_emulated", param);
      return [{ type: "web_fetch_20250910", name: "web_fetch" }];
    case "tool_search":
      losses.add("tool_emulated", param);
      return [];
    case "other":
      throw new GatewayError(
        "builtin_unsupported",
        `'${param}' is a tool that only its own vendor runs. Leave it out.`,
        {
          param,
        },
      );
  }
}

/** The client's own spelling. */
export const encodeOwnTools = (request: CanonicalRequest): JsonObject[] =>
  request.tools.map((tool) => {
    if (tool.type !== "function") return tool.type === "builtin" ? (tool.raw as JsonObject) : {};
    const { name, description, parameters, strict, cache, source } = tool;
    const mark = cache === undefined ? undefined : compact({ type: "ephemeral", ttl: cache.ttl });
    const encoded = compact({ name, description, input_schema: parameters, strict, cache_control: mark });
    return withRest(encoded, source);
  });

/** What is written for a choice, and which tools stay on the list. */
export interface EncodedChoice {
  choice?: JsonObject;
  /** Only these may be called, by the client's names. */
  only?: readonly string[];
}

/**
 * `tool_choice`, only beside tools. A forced call that the model does not take is refused: the caller relies on it. The
 * switch for parallel calls needs a choice to stand in.
 */
export function encodeToolChoice(
  settings: SettingReader,
  target: TargetModel,
  names: ToolNames,
  losses: Losses,
): EncodedChoice {
  const choice = settings.take("toolChoice");
  const parallel = settings.take("parallelToolCalls");
  const path = settings.path("toolChoice");
  const single = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === undefined) return parallel === false ? { choice: { type: "auto", ...single } } : {};
  const forces = choice.mode === "required" || choice.mode === "tool" || (choice.mode === "allowed" && choice.required);
  if (forces && target.forcedToolChoice === false) {
    throw new GatewayError(
      "forced_tool_choice_unsupported",
      `'${path}': this model cannot be made to call a tool. Let it choose ("auto").`,
      { param: path },
    );
  }
  switch (choice.mode) {
    case "none":
      return { choice: { type: "none" } };
    case "auto":
      return { choice: { type: "auto", ...single } };
    case "required":
      return { choice: { type: "any", ...single } };
    case "tool":
      return { choice: { type: "tool", name: names.chosen(choice.name), ...single } };
    case "allowed":
      // Messages has no such list: the others are not offered, which breaks the prompt's cache.
      losses.add("tool_emulated", path);
      return { choice: { type: choice.required ? "any" : "auto", ...single }, only: choice.names };
  }
}
