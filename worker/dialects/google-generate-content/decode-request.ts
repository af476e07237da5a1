import type { CanonicalRequest } from "../../canonical/request.ts";
import type { JsonObject } from "../../lib/json.ts";
import { Fields } from "../fields.ts";
import { emptyRequest } from "../settings.ts";
import { decodeMessages, decodeSystem } from "./decode-messages.ts";
import { decodeReasoning } from "./reasoning.ts";
import { decodeConfig, decodeSettings } from "./settings.ts";
import { spelling } from "./spelling.ts";
import { decodeToolChoice, decodeTools } from "./tools.ts";

/** A GenerateContentRequest in proto JSON (google.ai.generativelanguage.v1beta). Model and streaming stand in the path. */
export function decodeRequest(body: JsonObject, named: { model: string; stream: boolean }): CanonicalRequest {
  const fields = new Fields(body, "", true);
  const request = emptyRequest("google-generate-content", named);
  const form: Record<string, unknown> = { contents: fields.has("contents"), tools: fields.peek("tools") };
  request.messages = [...decodeSystem(fields), ...decodeMessages(fields)];
  request.tools = decodeTools(fields);
  form.choice = decodeToolChoice(fields, request);
  const config = fields.nested("generationConfig");
  if (config !== undefined) {
    form.config = decodeConfig(config, request);
    form.thinking = decodeReasoning(config, request);
    form.configSpelling = spelling(config);
  }
  decodeSettings(fields, request);
  request.source = fields.source({ ...form, ...spelling(fields) }, { messages: "contents" });
  return request;
}
