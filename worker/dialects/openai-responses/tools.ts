import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import { type BuiltinTool, chosenBuiltin, type Tool, type ToolChoice, type WebSearch } from "../../canonical/tool.ts";
import { GatewayError } from "../../errors.ts";
import { isObject, type JsonObject, stringAt, textOf } from "../../lib/json.ts";
import { compact, Fields, withRest } from "../fields.ts";
import { readGrammar } from "../free-text-tool.ts";
import { openaiParameters } from "../openai-tools.ts";
import type { ToolNames } from "../tool-names.ts";

/** Tools are flat in Responses; a `namespace` holds tools of its own. */
export const decodeTools = (fields: Fields): Tool[] =>
  fields.objects("tools").flatMap(({ object, path }, entry) => decodeTool(object, path, { entry }));

function decodeTool(raw: JsonObject, path: string, form: Record<string, unknown>, namespace?: string): Tool[] {
  const fields = new Fields(raw, path);
  const type = fields.peek("type");
  if (type === "namespace") {
    const name = fields.string("name");
    const inner = fields.objects("tools");
    const holder = { ...form, holder: raw };
    fields.take("type");
    // What is said of the space as a whole has no tool to stand at.
    const tools = inner.flatMap(({ object, path: at }) => decodeTool(object, at, holder, name));
    return tools.map((tool) => ({ ...tool, source: { path, ...tool.source, holder: fields.source() } }));
  }
  if (type !== "function" && type !== "custom") return [decodeBuiltin(fields, raw, textOf(type), form)];
  const name = fields.string("name");
  if (name === undefined || name === "") {
    const param = fields.at("name");
    throw new GatewayError("missing_required_parameter", `'${param}' is required: a tool needs a name.`, { param });
  }
  const shared = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...text("description", fields.string("description")),
  };
  if (type === "custom") {
    const format = fields.object("format");
    const grammar = readGrammar(format);
    const source = fields.source({ ...form, format });
    return [{ type, ...shared, ...(grammar === undefined ? {} : { grammar }), source }];
  }
  const parameters = fields.object("parameters");
  const strict = fields.boolean("strict");
  return [
    {
      type,
      ...shared,
      ...(parameters === undefined ? {} : { parameters }),
      ...(strict === undefined ? {} : { strict }),
      source: fields.source(form),
    },
  ];
}

const text = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };

function decodeBuiltin(fields: Fields, raw: JsonObject, type: string, form: Record<string, unknown>): BuiltinTool {
  fields.take("type");
  if (type === "tool_search") return { type: "builtin", kind: "tool_search", raw, source: fields.source(form) };
  if (!type.startsWith("web_search")) {
    return { type: "builtin", kind: "other", raw, source: { path: fields.path, form } };
  }
  const webSearch: WebSearch = {};
  const domains = fields.nested("filters")?.strings("allowed_domains");
  if (domains !== undefined) webSearch.allowedDomains = domains;
  const location: NonNullable<WebSearch["location"]> = {};
  const place = fields.nested("user_location");
  place?.take("type");
  for (const key of ["city", "region", "country", "timezone"] as const) {
    const value = place?.string(key);
    if (value !== undefined) location[key] = value;
  }
  if (Object.keys(location).length > 0) webSearch.location = location;
  return { type: "builtin", kind: "web_search", raw, webSearch, source: fields.source(form) };
}

/** A choice we know; of vendor tools there is none elsewhere, so it is left unread. */
export function decodeToolChoice(fields: Fields): ToolChoice | undefined {
  const value = fields.take("tool_choice");
  if (value === "auto" || value === "none" || value === "required") return { mode: value };
  if (isObject(value)) {
    if (value.type === "allowed_tools" && Array.isArray(value.tools)) {
      const names = value.tools.flatMap((tool) => stringAt(tool, "name") ?? []);
      if (names.length === value.tools.length) return { mode: "allowed", names, required: value.mode === "required" };
    }
    const name = stringAt(value, "name");
    if ((value.type === "function" || value.type === "custom") && name !== undefined) return { mode: "tool", name };
  }
  return fields.leave("tool_choice");
}

/** The client's own spelling: tools of one namespace in their holder again. */
export function encodeOwnTools(request: CanonicalRequest): JsonObject[] {
  const entries: JsonObject[] = [];
  for (const tool of request.tools) {
    const form = tool.source?.form ?? {};
    const encoded = ownTool(tool);
    const holder = form.holder;
    if (!isObject(holder)) entries[form.entry as number] = encoded;
    else {
      const known = entries[form.entry as number];
      const list = isObject(known) && Array.isArray(known.tools) ? (known.tools as JsonObject[]) : [];
      entries[form.entry as number] = { ...holder, tools: [...list, encoded] };
    }
  }
  return entries;
}

function ownTool(tool: Tool): JsonObject {
  if (tool.type === "builtin") return tool.raw as JsonObject;
  const { name, description } = tool;
  const encoded =
    tool.type === "custom"
      ? compact({ name, description, format: tool.source?.form?.format })
      : compact({ name, description, parameters: tool.parameters, strict: tool.strict });
  return withRest(encoded, tool.source);
}

/** Tools of any client. */
export function encodeTools(request: CanonicalRequest, names: ToolNames, losses: Losses): JsonObject[] {
  return request.tools.flatMap((tool): JsonObject[] => {
    if (tool.type === "builtin") return encodeBuiltin(tool, losses);
    const name = names.wire(tool.name, tool.namespace);
    const described = tool.description === undefined ? {} : { description: tool.description };
    if (tool.type === "custom") {
      const format = tool.grammar === undefined ? {} : { format: { type: "grammar", ...tool.grammar } };
      return [{ type: "custom", name, ...described, ...format }];
    }
    return [{ type: "function", name, ...described, ...openaiParameters(tool, losses) }];
  });
}

function encodeBuiltin(tool: BuiltinTool, losses: Losses): JsonObject[] {
  const param = tool.source?.path ?? "tools";
  switch (tool.kind) {
    case "web_search": {
      const { allowedDomains, blockedDomains, maxUses, location } = tool.webSearch ?? {};
      if (blockedDomains !== undefined || maxUses !== undefined) losses.add("param_dropped", param);
      return [
        compact({
          type: "web_search",
          filters: allowedDomains === undefined ? undefined : { allowed_domains: allowedDomains },
          user_location: location === undefined ? undefined : { type: "approximate", ...location },
        }),
      ];
    }
    case "tool_search":
      losses.add("tool_emulated", param);
      return [];
    default:
      throw new GatewayError(
        "builtin_unsupported",
        `'${param}' is a tool that only its own vendor runs. Leave it out.`,
        {
          param,
        },
      );
  }
}

export function encodeToolChoice(request: CanonicalRequest, choice: ToolChoice, names: ToolNames): unknown {
  const named = (name: string): JsonObject => {
    const custom = request.tools.some((tool) => tool.type === "custom" && tool.name === name);
    return { type: custom ? "custom" : "function", name: names.wire(name) };
  };
  switch (choice.mode) {
    case "auto":
    case "none":
    case "required":
      return choice.mode;
    case "tool":
      return chosenBuiltin(request.tools, choice)?.kind === "web_search" ? { type: "web_search" } : named(choice.name);
    case "allowed":
      return { type: "allowed_tools", mode: choice.required ? "required" : "auto", tools: choice.names.map(named) };
  }
}
