import type { RequestFeatures } from "../../canonical/request-features.ts";
import { utf8 } from "../../lib/encoding.ts";
import { arrayAt, type JsonObject, objectAt, stringAt, textOf } from "../../lib/json.ts";
import type { Operation } from "../dialect.ts";
import { FeatureList, isThere, type Placed, placedAt } from "../features.ts";

/** What a Chat Completions request can cost beside its text, OpenRouter's additions included. */
export function requestFeatures(body: JsonObject, _operation: Operation): RequestFeatures {
  const list = new FeatureList("openai-chat");
  const { found } = list;
  for (const message of placedAt(body, "messages", "")) {
    for (const part of placedAt(message.value, "content", message.path)) readPart(list, part);
    // An earlier answer's sound, which OpenAI keeps.
    if (objectAt(message.value, "audio") !== undefined) found.stored.push(`${message.path}.audio`);
    list.cacheMark(message.value, "5m");
  }
  for (const tool of placedAt(body, "tools", "")) readTool(list, tool);
  for (const { value } of placedAt(body, "functions", "")) {
    list.explained("functions");
    list.schema(value.parameters);
  }
  list.answerSchema(body.response_format);
  if (isThere(body.web_search_options)) {
    list.serverTool({ path: "web_search_options", kind: "web_search", calls: null });
  }
  if (isThere(body.prediction)) found.predicted = utf8(JSON.stringify(body.prediction)).byteLength;
  list.cacheMark(body, "5m");
  list.cacheOptions(body);
  list.service(stringAt(body, "service_tier"), "service_tier");
  list.openrouter(body);
  const modalities = arrayAt(body, "modalities").map((one) => textOf(one).toLowerCase());
  found.outputs = modalities.length === 0 ? null : modalities;
  return found;
}

function readPart(list: FeatureList, { value, path }: Placed): void {
  list.cacheMark(value, "5m");
  switch (value.type) {
    case "image_url": {
      const image = objectAt(value, "image_url");
      const url = stringAt(value, "image_url") ?? stringAt(image, "url") ?? "";
      list.url({ path: `${path}.image_url`, kind: "image", detail: stringAt(image, "detail") }, url);
      return;
    }
    case "input_audio": {
      const audio = objectAt(value, "input_audio");
      const mediaType = `audio/${stringAt(audio, "format") ?? "wav"}`;
      list.inline({ path: `${path}.input_audio`, kind: "audio", mediaType }, stringAt(audio, "data") ?? "");
      return;
    }
    case "video_url":
      list.url(
        { path: `${path}.video_url`, kind: "video" },
        stringAt(objectAt(value, "video_url"), "url") ?? stringAt(value, "video_url") ?? "",
      );
      return;
    case "file": {
      const data = stringAt(objectAt(value, "file"), "file_data");
      const told = { path: `${path}.file`, kind: "document" as const };
      if (data === undefined) list.elsewhere(told);
      else list.url(told, data);
      return;
    }
    default:
      return;
  }
}

function readTool(list: FeatureList, { value, path }: Placed): void {
  list.cacheMark(value, "5m");
  if (value.type === undefined || value.type === "function" || value.type === "custom") {
    list.explained("functions");
    list.schema(objectAt(value, "function"));
  } else {
    list.serverTool({ path, kind: "other", calls: null });
  }
}
