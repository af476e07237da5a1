import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { BuiltinTool, Tool, ToolChoice, WebSearch } from "../../canonical/tool.ts";
import { GatewayError } from "../../errors.ts";
import { isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import { cacheBreakpoint, cacheControl, readCacheMark } from "../cache-marks.ts";
import { compact, Fields, withRest } from "../fields.ts";
import { emulateFreeText, readGrammar } from "../free-text-tool.ts";
import { openaiParameters, plainParameters } from "../openai-tools.ts";
import type { ToolNames } from "../tool-names.ts";

function decodeTool({ object, path }: { object: JsonObject; path: string }): Tool {
  const fields = new Fields(object, path);
  const type = fields.string("type");
  // Of an unknown kind everything is refused, or kept, as a whole.
  const inner = type === "custom" ? fields.nested("custom") : fields.nested("function");
  if (inner === undefined) {
    if (type === "function" || type === "custom") {
      const param = fields.at(type);
      throw new GatewayError("missing_required_parameter", `'${param}' is required: it describes the tool.`, { param });
    }
    return { type: "builtin", kind: "other", raw: object, source: { path } };
  }
  const { cache, cacheKey } = readCacheMark(fields);
  const name = requireName(inner);
  const description = inner.string("description");
  const marks = cache === undefined ? {} : { cache };
  const told = description === undefined ? {} : { description };
  if (type === "custom") {
    const format = inner.object("format");
    const grammar = readGrammar(objectAt(format, "grammar"));
    return {
      type: "custom",
      name,
      ...told,
      ...(grammar === undefined ? {} : { grammar }),
      ...marks,
      source: fields.source({ cacheKey, format }),
    };
  }
  const parameters = inner.object("parameters");
  const strict = inner.boolean("strict");
  return {
    type: "function",
    name,
    ...told,
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
    ...marks,
    source: fields.source({ cacheKey, type }),
  };
}

function requireName(fields: Fields): string {
  const name = fields.string("name");
  if (name !== undefined && name !== "") return name;
  const param = fields.at("name");
  throw new GatewayError("missing_required_parameter", `'${param}' is required: a tool needs a name.`, { param });
}

/** The deprecated `functions`: tools in an older spelling. */
function decodeFunction({ object, path }: { object: JsonObject; path: string }): Tool {
  const fields = new Fields(object, path);
  const description = fields.string("description");
  const parameters = fields.object("parameters");
  return {
    type: "function",
    name: requireName(fields),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    source: fields.source({ legacy: true }),
  };
}

/** `web_search_options` (OpenAI's search models): a web search the model does by itself. */
function decodeWebSearchOptions(fields: Fields): BuiltinTool | null {
  const raw = fields.object("web_search_options");
  if (raw === undefined) return null;
  const options = new Fields(raw, "web_search_options");
  const place = options.nested("user_location");
  place?.take("type");
  const approximate = place?.nested("approximate");
  const location: NonNullable<WebSearch["location"]> = {};
  for (const key of ["city", "region", "country", "timezone"] as const) {
    const value = approximate?.string(key);
    if (value !== undefined) location[key] = value;
  }
  return {
    type: "builtin",
    kind: "web_search",
    raw,
    webSearch: approximate === undefined ? {} : { location },
    source: options.source({ options: true }),
  };
}

export function decodeTools(fields: Fields): Tool[] {
  const search = decodeWebSearchOptions(fields);
  return [
    ...fields.objects("tools").map(decodeTool),
    ...fields.objects("functions").map(decodeFunction),
    ...(search === null ? [] : [search]),
  ];
}

/** `tool_choice`, or the deprecated `function_call`; a form we do not know is left unread. */
export function decodeToolChoice(fields: Fields): { choice: ToolChoice; path: string } | null {
  const key = fields.has("tool_choice") ? "tool_choice" : "function_call";
  const value = fields.take(key);
  if (value === undefined) return null;
  const choice = choiceOf(value);
  if (choice === null) return fields.leave(key) ?? null;
  return { choice, path: fields.at(key) };
}

function choiceOf(value: unknown): ToolChoice | null {
  if (value === "auto" || value === "none" || value === "required") return { mode: value };
  if (!isObject(value)) return null;
  const allowed = objectAt(value, "allowed_tools");
  if (value.type === "allowed_tools" && allowed !== undefined) {
    const names = (Array.isArray(allowed.tools) ? allowed.tools : []).flatMap((tool) => {
      const name = stringAt(objectAt(tool, "function") ?? objectAt(tool, "custom"), "name");
      return name === undefined ? [] : [name];
    });
    return { mode: "allowed", names, required: allowed.mode === "required" };
  }
  const name = stringAt(objectAt(value, "function") ?? objectAt(value, "custom") ?? value, "name");
  return name === undefined ? null : { mode: "tool", name };
}

const isCustom = (request: CanonicalRequest, name: string, names: ToolNames): boolean =>
  request.tools.some((tool) => tool.type === "custom" && tool.name === name) && !names.isEmulated(name);

/** Chat's tool list; null when there are none it could hold. */
export function encodeTools(
  request: CanonicalRequest,
  target: TargetModel,
  names: ToolNames,
  losses: Losses,
): { tools?: JsonObject[]; functions?: JsonObject[]; web_search_options?: unknown } {
  const own = request.dialect === "openai-chat";
  // Chat's choice is among functions; its search is switched off by leaving it out.
  const silenced = request.settings.toolChoice?.mode === "none";
  const tools: JsonObject[] = [];
  const functions: JsonObject[] = [];
  let search: unknown;
  for (const tool of request.tools) {
    if (tool.type === "builtin") {
      if (own && tool.source?.form?.options === true) search = tool.raw;
      else if (own) tools.push(tool.raw as JsonObject);
      else if (tool.kind === "web_search") search = silenced ? undefined : encodeWebSearch(tool, losses);
      else refuseBuiltin(tool, losses);
      continue;
    }
    const name = names.wire(tool.name, tool.namespace);
    if (tool.type === "custom" && !own && target.quirks.has("no_custom_tools")) {
      const parameters = emulateFreeText(tool, request.settings.toolChoice, names, losses);
      const definition = compact({ name, description: tool.description, parameters });
      tools.push({ type: "function", function: definition });
      continue;
    }
    if (tool.type === "custom") {
      const format = tool.grammar === undefined ? undefined : { type: "grammar", grammar: tool.grammar };
      const written = own ? tool.source?.form?.format : format;
      const custom = compact({ name, description: tool.description, format: written });
      tools.push(withRest({ type: "custom", custom, ...mark(tool, target, own) }, own ? tool.source : undefined));
      continue;
    }
    const { parameters, strict } =
      own || tool.strict !== true
        ? {
            parameters: target.owner === "openai" && !own ? plainParameters(tool, losses) : tool.parameters,
            strict: own ? tool.strict : undefined,
          }
        : openaiParameters(tool, losses);
    const definition = compact({ name, description: tool.description, parameters, strict });
    if (own && tool.source?.form?.legacy === true) functions.push(withRest(definition, tool.source));
    else {
      const type = own ? tool.source?.form?.type : "function";
      const encoded = compact({ type, function: definition, ...mark(tool, target, own) });
      tools.push(withRest(encoded, own ? tool.source : undefined));
    }
  }
  const { form } = request.source;
  return {
    ...(tools.length > 0 || (own && form?.tools === true) ? { tools } : {}),
    ...(functions.length > 0 || (own && form?.functions === true) ? { functions } : {}),
    ...(search === undefined ? {} : { web_search_options: search }),
  };
}

/** Chat has no marks on tools but OpenRouter's; OpenAI caches their whole list by itself. */
function mark({ cache, source }: Tool, target: TargetModel, own: boolean): JsonObject {
  if (cache === undefined) return {};
  if (own) return source?.form?.cacheKey === "prompt_cache_breakpoint" ? cacheBreakpoint(cache) : cacheControl(cache);
  return target.quirks.has("cache_control") ? cacheControl(cache) : {};
}

function encodeWebSearch(tool: BuiltinTool, losses: Losses): JsonObject {
  const { location, allowedDomains, blockedDomains, maxUses } = tool.webSearch ?? {};
  if (allowedDomains !== undefined || blockedDomains !== undefined || maxUses !== undefined) {
    losses.add("param_dropped", tool.source?.path ?? "tools");
  }
  return location === undefined ? {} : { user_location: { type: "approximate", approximate: location } };
}

function refuseBuiltin(tool: BuiltinTool, losses: Losses): void {
  const param = tool.source?.path ?? "tools";
  if (tool.kind === "tool_search") {
    // Every tool is loaded anyway.
    losses.add("tool_emulated", param);
    return;
  }
  throw new GatewayError("builtin_unsupported", `'${param}' is a tool that only its own vendor runs. Leave it out.`, {
    param,
  });
}

/** A choice is sent only beside tools: OpenAI refuses it alone. */
export function encodeToolChoice(request: CanonicalRequest, choice: ToolChoice, names: ToolNames): unknown {
  const named = (name: string): JsonObject =>
    isCustom(request, name, names)
      ? { type: "custom", custom: { name: names.chosen(name) } }
      : { type: "function", function: { name: names.chosen(name) } };
  switch (choice.mode) {
    case "auto":
    case "none":
    case "required":
      return choice.mode;
    case "tool":
      return named(choice.name);
    case "allowed":
      return {
        type: "allowed_tools",
        allowed_tools: { mode: choice.required ? "required" : "auto", tools: choice.names.map(named) },
      };
  }
}
