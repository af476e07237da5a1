import type { RequestFeatures, ServerToolKind } from "../../canonical/request-features.ts";
import { countAt, type JsonObject, objectAt, stringAt, textOf } from "../../lib/json.ts";
import type { Operation } from "../dialect.ts";
import { FeatureList, type Placed, placedAt } from "../features.ts";

/** What stands for content that OpenAI keeps (Responses: create). */
const STORED = ["previous_response_id", "conversation", "prompt"];

/** Tools that OpenAI runs, by the beginning of their type. */
const SERVER_TOOLS: [prefix: string, kind: ServerToolKind][] = [
  ["web_search", "web_search"],
  ["file_search", "file_search"],
  ["code_interpreter", "code_execution"],
  ["image_generation", "image_generation"],
  ["tool_search", "tool_search"],
];

/** Tools that OpenAI describes to the model and the client runs. */
const CLIENT_RUN = /^(?:computer|local_shell|apply_patch)/;

/** What a Responses request can cost beside its text. */
export function requestFeatures(body: JsonObject, _operation: Operation): RequestFeatures {
  const list = new FeatureList("openai-responses");
  const { found } = list;
  for (const item of placedAt(body, "input", "")) readItem(list, item);
  for (const tool of placedAt(body, "tools", "")) readTool(list, tool);
  list.stored(body, STORED);
  // A kept prompt may bring tools with it.
  if (objectAt(body, "prompt") !== undefined) list.serverTool({ path: "prompt", kind: "other", calls: null });
  list.answerSchema(objectAt(body, "text")?.format);
  found.toolCalls = countAt(body, "max_tool_calls") ?? null;
  for (const { value, path } of placedAt(body, "context_management", "")) {
    if (value.type === "compaction") list.serverTool({ path, kind: "compaction", calls: 1 });
  }
  list.cacheMark(body, "30m");
  list.cacheOptions(body);
  list.service(stringAt(body, "service_tier"), "service_tier");
  list.openrouter(body);
  return found;
}

/** Content may stand in a message, and in the result of a call. */
function readItem(list: FeatureList, { value, path }: Placed): void {
  if (value.type === "item_reference") list.found.stored.push(path);
  list.cacheMark(value, "30m");
  for (const key of ["content", "output"]) {
    for (const part of placedAt(value, key, path, true)) readPart(list, part);
  }
  // A picture that was made before: inline, or by the id of what made it.
  if (value.type === "image_generation_call") {
    const told = { path, kind: "image" as const };
    const made = stringAt(value, "result");
    if (made === undefined) list.elsewhere(told);
    else list.inline(told, made);
  }
}

function readPart(list: FeatureList, { value, path }: Placed): void {
  list.cacheMark(value, "30m");
  switch (value.type) {
    case "input_image":
    case "computer_screenshot": {
      const told = { path: `${path}.image_url`, kind: "image" as const, detail: stringAt(value, "detail") };
      const url = stringAt(value, "image_url");
      if (url === undefined) list.elsewhere({ ...told, path: `${path}.file_id` });
      else list.url(told, url);
      return;
    }
    case "input_file": {
      const told = { path: `${path}.file_data`, kind: "document" as const };
      const data = stringAt(value, "file_data");
      if (data !== undefined) list.url(told, data);
      else if (stringAt(value, "file_id") === undefined) list.elsewhere({ ...told, path: `${path}.file_url` });
      else list.elsewhere({ ...told, path: `${path}.file_id` });
      return;
    }
    case "input_audio": {
      const audio = objectAt(value, "input_audio");
      const mediaType = `audio/${stringAt(audio, "format") ?? "wav"}`;
      list.inline({ path, kind: "audio", mediaType }, stringAt(audio, "data") ?? "");
      return;
    }
    default:
      return;
  }
}

function readTool(list: FeatureList, { value, path }: Placed): void {
  const type = textOf(value.type);
  if (type === "function" || type === "custom" || type === "namespace") {
    list.explained("functions");
    list.schema(value);
    return;
  }
  // A shell is the client's own unless OpenAI keeps a container for it.
  const hosted = type === "shell" && objectAt(value, "environment")?.type !== "local";
  if (!hosted && (type === "shell" || CLIENT_RUN.test(type))) {
    list.found.vendorTools += 1;
    return;
  }
  const kind = SERVER_TOOLS.find(([prefix]) => type.startsWith(prefix))?.[1];
  // A tool search of the client's own ends the answer like any call.
  if (kind === "tool_search" && value.execution === "client") list.found.vendorTools += 1;
  else list.serverTool({ path, kind: hosted ? "code_execution" : (kind ?? "other"), calls: null });
}
