import type { CanonicalRequest } from "../../canonical/request.ts";
import type { JsonObject } from "../../lib/json.ts";
import { readCacheMark } from "../cache-marks.ts";
import { Fields } from "../fields.ts";
import { emptyRequest, note } from "../settings.ts";
import { decodeMessages } from "./decode-messages.ts";
import { decodeReasoning } from "./reasoning.ts";
import { decodeSettings } from "./settings.ts";
import { decodeToolChoice, decodeTools } from "./tools.ts";

/** A Chat Completions request (OpenAI API reference, "Create chat completion"; OpenRouter's additions). */
export function decodeRequest(body: JsonObject, named: { model: string; stream: boolean }): CanonicalRequest {
  const fields = new Fields(body, "");
  const request = emptyRequest("openai-chat", named);
  const form: Record<string, unknown> = { model: fields.take("model"), stream: fields.take("stream") };
  const options = fields.nested("stream_options");
  form.include_usage = options?.take("include_usage");
  form.stop = typeof body.stop === "string" ? "string" : undefined;
  form.tools = fields.has("tools");
  form.functions = fields.has("functions");
  form.messages = fields.has("messages");
  request.messages = decodeMessages(fields);
  request.tools = decodeTools(fields);
  decodeSettings(fields, request);
  decodeReasoning(fields, request);
  const chosen = decodeToolChoice(fields);
  if (chosen !== null) {
    note(request, "toolChoice", chosen.choice, chosen.path);
    form.choice = body[chosen.path];
  }
  const { cache, cacheKey } = readCacheMark(fields);
  note(request, "cacheAuto", cache, cacheKey ?? "cache_control");
  request.source = fields.source(form);
  return request;
}
