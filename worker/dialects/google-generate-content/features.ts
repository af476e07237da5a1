import type { MediaFeature, RequestFeatures, ServerToolKind } from "../../canonical/request-features.ts";
import { arrayAt, countAt, isObject, type JsonObject, stringAt, textOf } from "../../lib/json.ts";
import type { Operation } from "../dialect.ts";
import { FeatureList, isThere, type Placed, placedAt } from "../features.ts";

/** A member in either of the spellings that proto JSON takes, with the one it has. */
function either(holder: unknown, camel: string): [value: unknown, key: string] {
  const snake = camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const key = isObject(holder) && !isThere(holder[camel]) && isThere(holder[snake]) ? snake : camel;
  return [isObject(holder) ? holder[key] : undefined, key];
}

/** Anything else may be a kind by its number. */
const OUTPUTS: ReadonlySet<string> = new Set(["text", "image", "audio"]);

const inner = (holder: unknown, camel: string): JsonObject | undefined => {
  const [value] = either(holder, camel);
  return isObject(value) ? value : undefined;
};

const text = (holder: unknown, camel: string): string | undefined => {
  const [value] = either(holder, camel);
  return typeof value === "string" ? value : undefined;
};

/** What a request of the generateContent family, or for embeddings, can cost beside its text. */
export function requestFeatures(body: JsonObject, operation: Operation): RequestFeatures {
  const list = new FeatureList("google-generate-content");
  if (operation === "embed") {
    for (const { value, path } of placedAt(body, "requests", "")) readContents(list, value, "content", path);
    readContents(list, body, "content", "");
    return list.found;
  }
  const [held, holder] = either(body, "generateContentRequest");
  readRequest(list, isObject(held) ? held : body, isObject(held) ? `${holder}.` : "");
  return list.found;
}

function readRequest(list: FeatureList, body: JsonObject, prefix: string): void {
  const { found } = list;
  const config = inner(body, "generationConfig");
  const resolution = text(config, "mediaResolution");
  readContents(list, body, "contents", prefix.slice(0, -1), resolution);
  readContents(list, body, either(body, "systemInstruction")[1], prefix.slice(0, -1), resolution);
  for (const tool of placedAt(body, "tools", prefix.slice(0, -1))) readTool(list, tool);
  const [cached, key] = either(body, "cachedContent");
  if (isThere(cached)) found.stored.push(prefix + key);
  list.answerSchema(either(config, "responseJsonSchema")[0] ?? either(config, "responseSchema")[0]);
  const [word, service] = either(body, "serviceTier");
  // Proto JSON takes an enum by its number, too, of which nobody says which is which: the dearest.
  if (isThere(word))
    list.service(textOf(typeof word === "string" ? word : "priority").replace(/^SERVICE_TIER_/i, ""), prefix + service);
  const [asked] = either(config, "responseModalities");
  const outputs = arrayAt({ asked }, "asked").map((one) => textOf(one).toLowerCase());
  found.outputs = outputs.length > 0 && outputs.every((one) => OUTPUTS.has(one)) ? outputs : null;
  found.thinkingBudget =
    countAt({ budget: either(inner(config, "thinkingConfig"), "thinkingBudget")[0] }, "budget") ?? null;
}

function readContents(list: FeatureList, body: unknown, key: string, path: string, resolution?: string): void {
  for (const content of placedAt(body, key, path, true)) {
    for (const part of placedAt(content.value, "parts", content.path, true)) readPart(list, part, resolution);
  }
}

function readPart(list: FeatureList, { value, path }: Placed, resolution: string | undefined): void {
  const [data, inlineKey] = either(value, "inlineData");
  const [file, fileKey] = either(value, "fileData");
  const own = inner(value, "mediaResolution");
  const detail = text(own, "level") ?? text(value, "mediaResolution") ?? resolution;
  if (isObject(data)) {
    const mediaType = text(data, "mimeType");
    list.inline(
      { path: `${path}.${inlineKey}`, kind: kindOf(mediaType), mediaType, detail },
      stringAt(data, "data") ?? "",
    );
  } else if (isObject(file)) {
    // Whatever type it is said to be: the address decides. Film is the dearest of what it may be.
    list.elsewhere({ path: `${path}.${fileKey}`, kind: "video", mediaType: text(file, "mimeType"), detail });
  }
  const [response, key] = either(value, "functionResponse");
  if (isObject(response)) {
    for (const part of placedAt(response, "parts", `${path}.${key}`)) readPart(list, part, resolution);
  }
}

/** Gemini names a kind by its type alone; what says nothing is taken for what can hold most. */
function kindOf(mediaType: string | undefined): MediaFeature["kind"] {
  const [family = ""] = (mediaType ?? "").toLowerCase().split("/");
  return family === "image" || family === "audio" || family === "video" ? family : "document";
}

const SERVER_TOOLS: Record<string, ServerToolKind> = {
  googleSearch: "web_search",
  googleSearchRetrieval: "web_search",
  urlContext: "web_fetch",
  codeExecution: "code_execution",
  fileSearch: "file_search",
};

/** An entry holds declarations and Google's own tools side by side. None of those has a cap on its calls. */
function readTool(list: FeatureList, { value, path }: Placed): void {
  for (const [key, tool] of Object.entries(value)) {
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!isThere(tool)) continue;
    if (name === "functionDeclarations") {
      list.explained("functions");
      list.schema(tool);
    } else if (name === "computerUse") list.found.vendorTools += 1;
    else list.serverTool({ path: `${path}.${key}`, kind: SERVER_TOOLS[name] ?? "other", calls: null });
  }
}
