import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import {
  type BuiltinKind,
  type BuiltinTool,
  chosenBuiltin,
  type FunctionTool,
  type Tool,
  type ToolChoice,
} from "../../canonical/tool.ts";
import { GatewayError } from "../../errors.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { ownValue } from "../../lib/own-value.ts";
import { compact, Fields, withRest } from "../fields.ts";
import { emulateFreeText } from "../free-text-tool.ts";
import { schemaForGemini, schemaFromOpenApi } from "../json-schema.ts";
import type { SettingReader } from "../setting-reader.ts";
import type { NameRule, ToolNames } from "../tool-names.ts";
import { respelled, spelling } from "./spelling.ts";

/** Google's rule: begins with a letter or underscore (function calling guide; 64 is what the live API takes). */
export const GOOGLE_NAMES: NameRule = { valid: /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/, illegal: /[^A-Za-z0-9_.:-]/g };

const BUILTIN: Record<string, BuiltinKind> = {
  googleSearch: "web_search",
  googleSearchRetrieval: "web_search",
  urlContext: "url_context",
};

/** An entry of `tools` holds declarations and vendor tools side by side; `form.entry` remembers which. */
export function decodeTools(fields: Fields): Tool[] {
  return fields.objects("tools").flatMap(({ object, path }, entry): Tool[] => {
    const inner = new Fields(object, path, true);
    const declared = inner
      .objects("functionDeclarations")
      .map(({ object: one, path: at }) => decodeFunction(new Fields(one, at, true), entry));
    const native = Object.keys(object)
      .filter((key) => key !== "functionDeclarations" && key !== "function_declarations")
      .map((key): BuiltinTool => {
        const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
        return decodeBuiltin(ownValue(BUILTIN, camel) ?? "other", object[key], `${path}.${key}`);
      });
    return [...declared, ...native];
  });
}

function decodeBuiltin(kind: BuiltinKind, raw: unknown, path: string): BuiltinTool {
  if (kind === "other" || !isObject(raw)) return { type: "builtin", kind, raw, source: { path } };
  const fields = new Fields(raw, path, true);
  if (kind !== "web_search") return { type: "builtin", kind, raw, source: fields.source() };
  const blocked = fields.strings("excludeDomains");
  const webSearch = blocked === undefined ? {} : { blockedDomains: blocked };
  return { type: "builtin", kind, raw, webSearch, source: fields.source() };
}

function decodeFunction(fields: Fields, entry: number): FunctionTool {
  const name = fields.string("name");
  if (name === undefined || name === "") {
    const param = fields.at("name");
    throw new GatewayError("missing_required_parameter", `'${param}' is required: a function needs a name.`, { param });
  }
  const description = fields.string("description");
  const schema = fields.object("parametersJsonSchema");
  const older = fields.object("parameters");
  const parameters = schema ?? (older === undefined ? undefined : schemaFromOpenApi(older));
  return {
    type: "function",
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    source: fields.source({ entry, older, schema, ...spelling(fields) }),
  };
}

/** `toolConfig.functionCallingConfig`. */
export function decodeToolChoice(fields: Fields, request: CanonicalRequest): Record<string, unknown> {
  const config = fields.nested("toolConfig");
  const calling = config?.nested("functionCallingConfig");
  if (config === undefined || calling === undefined) return {};
  const mode = calling.string("mode");
  const names = calling.strings("allowedFunctionNames");
  const choice = choiceOf(mode, names);
  if (choice !== null) {
    request.settings.toolChoice = choice;
    request.paths.toolChoice = calling.path;
    // That arguments fit their schema is promised nowhere else by a choice.
    if (mode?.toUpperCase() === "VALIDATED") calling.leave("mode");
  } else if (mode?.toUpperCase() !== "MODE_UNSPECIFIED") {
    calling.leave("mode");
    calling.leave("allowedFunctionNames");
  }
  return { mode, names, config: spelling(config), calling: spelling(calling) };
}

function choiceOf(mode: string | undefined, names: string[] | undefined): ToolChoice | null {
  const [only] = names ?? [];
  switch (mode?.toUpperCase()) {
    case "AUTO":
    case "VALIDATED":
      return names === undefined || names.length === 0 ? { mode: "auto" } : { mode: "allowed", names, required: false };
    case "NONE":
      return { mode: "none" };
    case "ANY":
      if (names === undefined || only === undefined) return { mode: "required" };
      return names.length === 1 ? { mode: "tool", name: only } : { mode: "allowed", names, required: true };
    default:
      return null;
  }
}

/** The client's own spelling: its entries, with the declarations that were read. */
export function encodeOwnTools(request: CanonicalRequest, entries: readonly JsonObject[]): JsonObject[] {
  return entries.map((entry, at) => {
    const declared = request.tools.flatMap((tool) =>
      tool.type === "function" && tool.source?.form?.entry === at ? [ownDeclaration(tool)] : [],
    );
    const key = Object.hasOwn(entry, "functionDeclarations") ? "functionDeclarations" : "function_declarations";
    const [only] = declared;
    return only === undefined ? entry : { ...entry, [key]: isObject(entry[key]) ? only : declared };
  });
}

function ownDeclaration({ name, description, source }: FunctionTool): JsonObject {
  const form = source?.form ?? {};
  const declared = compact({ name, description, parameters: form.older, parametersJsonSchema: form.schema });
  return withRest(respelled(declared, form), source);
}

/** Declarations, and vendor tools that have their like at Google; these cannot be switched off but by leaving them out. */
export function encodeTools(
  request: CanonicalRequest,
  target: TargetModel,
  names: ToolNames,
  losses: Losses,
): { tools?: JsonObject[]; mixed: boolean; declared: boolean } {
  const { toolChoice: choice } = request.settings;
  const declarations: JsonObject[] = [];
  const builtin: JsonObject[] = [];
  for (const tool of request.tools) {
    if (tool.type === "builtin") builtin.push(...encodeBuiltin(tool, losses));
    else declarations.push(declarationOf(tool, choice, names, losses));
  }
  const native = choice?.mode === "none" ? [] : builtin;
  const mixed = declarations.length > 0 && native.length > 0;
  if (mixed && target.reasoning.levels === undefined && target.reasoning.budget !== undefined) {
    const param = request.tools.find((tool) => tool.type === "builtin")?.source?.path ?? "tools";
    const message = `'${param}': this model takes Google's tools or functions, not both. Send one kind.`;
    throw new GatewayError("builtin_unsupported", message, { param });
  }
  const tools = [...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []), ...native];
  return { ...(tools.length > 0 ? { tools } : {}), mixed, declared: declarations.length > 0 };
}

function declarationOf(
  tool: Exclude<Tool, BuiltinTool>,
  choice: ToolChoice | undefined,
  names: ToolNames,
  losses: Losses,
): JsonObject {
  const name = names.wire(tool.name, tool.namespace);
  const path = tool.source?.path ?? "tools";
  // The proto marks it as required.
  const description = tool.description ?? "";
  if (tool.type === "custom") {
    return { name, description, parametersJsonSchema: emulateFreeText(tool, choice, names, losses) };
  }
  const { parameters } = tool;
  if (parameters === undefined || isEmptyObject(parameters)) return { name, description };
  const { schema, relaxed } = schemaForGemini(parameters);
  if (relaxed) losses.add("schema_relaxed", path);
  return { name, description, parametersJsonSchema: schema };
}

/** An object without properties is told by leaving the schema out: Google refuses an empty one. */
const isEmptyObject = ({ properties, $ref, anyOf, oneOf, allOf, additionalProperties }: JsonObject): boolean =>
  (!isObject(properties) || Object.keys(properties).length === 0) &&
  [$ref, anyOf, oneOf, allOf].every((one) => one === undefined) &&
  (additionalProperties === undefined || additionalProperties === false);

function encodeBuiltin(tool: BuiltinTool, losses: Losses): JsonObject[] {
  const param = tool.source?.path ?? "tools";
  switch (tool.kind) {
    case "web_search":
      if (Object.keys(tool.webSearch ?? {}).length > 0) losses.add("param_dropped", param);
      return [{ googleSearch: {} }];
    case "url_context":
      losses.add("tool_emulated", param);
      return [{ urlContext: {} }];
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

/**
 * Google can be made to call a function, and nothing else. Where it has only tools of its own, nobody waits for a call: it
 * uses them where what is asked says so, as Claude Code's searches do.
 */
export function checkForced(
  { tools }: CanonicalRequest,
  settings: SettingReader,
  choice: ToolChoice | undefined,
  declared: boolean,
): void {
  if (choice?.mode !== "required" && choice?.mode !== "tool") return;
  if (!declared) {
    settings.lose("toolChoice", "tool_emulated");
    return;
  }
  if (chosenBuiltin(tools, choice) === undefined) return;
  const param = settings.path("toolChoice");
  const message = `'${param}': this model cannot be made to use its vendor's tools. Let it choose ("auto").`;
  throw new GatewayError("forced_tool_choice_unsupported", message, { param });
}

/** `functionCallingConfig`; a strict tool asks for arguments that fit its schema. */
export function encodeToolChoice(
  request: CanonicalRequest,
  choice: ToolChoice | undefined,
  names: ToolNames,
): JsonObject | undefined {
  const strict = request.tools.some((tool) => tool.type === "function" && tool.strict === true);
  const free = strict ? "VALIDATED" : "AUTO";
  switch (choice?.mode) {
    case undefined:
      return strict ? { mode: free } : undefined;
    case "auto":
      return { mode: free };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [names.chosen(choice.name)] };
    case "allowed":
      return {
        mode: choice.required ? "ANY" : "VALIDATED",
        allowedFunctionNames: choice.names.map((name) => names.chosen(name)),
      };
  }
}
