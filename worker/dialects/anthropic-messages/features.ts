import type { RequestFeatures, ServerToolKind } from "../../canonical/request-features.ts";
import { countAt, type JsonObject, objectAt, stringAt, textOf } from "../../lib/json.ts";
import type { Operation } from "../dialect.ts";
import { FeatureList, isThere, type Placed, placedAt } from "../features.ts";

/** Tools that Anthropic runs, by the beginning of their dated type. */
const SERVER_TOOLS: [prefix: string, kind: ServerToolKind][] = [
  ["web_search", "web_search"],
  ["web_fetch", "web_fetch"],
  ["code_execution", "code_execution"],
  ["tool_search_tool", "tool_search"],
  ["advisor", "other"],
];

/** Tools that Anthropic describes to the model and the client runs. */
const CLIENT_RUN = /^(?:computer|bash|text_editor|memory)/;

/** What a Messages request can cost beside its text. */
export function requestFeatures(body: JsonObject, _operation: Operation): RequestFeatures {
  const list = new FeatureList("anthropic-messages");
  const { found } = list;
  for (const block of placedAt(body, "system", "")) readBlock(list, block);
  for (const message of placedAt(body, "messages", "")) {
    for (const block of placedAt(message.value, "content", message.path)) readBlock(list, block);
  }
  for (const tool of placedAt(body, "tools", "")) readTool(list, tool);
  for (const { path } of placedAt(body, "mcp_servers", "")) list.serverTool({ path, kind: "other", calls: null });
  for (const { value, path } of placedAt(objectAt(body, "context_management"), "edits", "context_management")) {
    // Before the answer, and once: what is shortened is far below the threshold.
    if (textOf(value.type).startsWith("compact")) list.serverTool({ path, kind: "compaction", calls: 1 });
  }
  list.stored(body, ["container"]);
  list.answerSchema(body.output_format);
  list.answerSchema(objectAt(body, "output_config")?.format);
  list.cacheMark(body, "5m");
  if (stringAt(body, "speed") === "fast") found.service = { word: "fast", path: "speed" };
  else list.service(stringAt(body, "service_tier"), "service_tier");
  list.openrouter(body);
  const thinking = objectAt(body, "thinking");
  if (thinking?.type === "enabled") found.thinkingBudget = countAt(thinking, "budget_tokens") ?? null;
  return found;
}

function readBlock(list: FeatureList, { value, path }: Placed): void {
  list.cacheMark(value, "5m");
  if (objectAt(value, "citations")?.enabled === true) list.explained("citations");
  switch (value.type) {
    case "image":
      readSource(list, objectAt(value, "source"), path, "image");
      return;
    case "document":
      readSource(list, objectAt(value, "source"), path, "document");
      return;
    case "container_upload":
      list.found.stored.push(path);
      return;
    default:
      // Results of tools hold blocks of their own.
      for (const inner of placedAt(value, "content", path)) readBlock(list, inner);
  }
}

function readSource(list: FeatureList, source: JsonObject | undefined, path: string, kind: "image" | "document"): void {
  const told = { path: `${path}.source`, kind, mediaType: stringAt(source, "media_type") };
  switch (source?.type) {
    case "base64":
      list.inline(told, stringAt(source, "data") ?? "");
      return;
    case "url":
    case "file":
      list.elsewhere(told);
      return;
    default:
      // A text, or blocks.
      for (const inner of placedAt(source, "content", `${path}.source`)) readBlock(list, inner);
  }
}

function readTool(list: FeatureList, { value, path }: Placed): void {
  list.cacheMark(value, "5m");
  const type = textOf(value.type);
  list.explained("functions");
  if (!isThere(value.type) || type === "custom") {
    list.schema(objectAt(value, "input_schema"));
    return;
  }
  if (CLIENT_RUN.test(type)) {
    list.found.vendorTools += 1;
    return;
  }
  const kind = SERVER_TOOLS.find(([prefix]) => type.startsWith(prefix))?.[1] ?? "other";
  list.serverTool({ path, kind, calls: countAt(value, "max_uses") ?? null });
}
