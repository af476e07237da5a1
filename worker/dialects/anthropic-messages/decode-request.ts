import type { CanonicalRequest } from "../../canonical/request.ts";
import type { JsonObject } from "../../lib/json.ts";
import { Fields } from "../fields.ts";
import { emptyRequest, note } from "../settings.ts";
import { decodeMessages, decodeSystem } from "./decode-messages.ts";
import { decodeReasoning } from "./reasoning.ts";
import { decodeSettings } from "./settings.ts";
import { decodeToolChoice, decodeTools } from "./tools.ts";

/** A Messages request, or a count_tokens request, which has the same body (Anthropic API reference). */
export function decodeRequest(body: JsonObject, named: { model: string; stream: boolean }): CanonicalRequest {
  const fields = new Fields(body, "");
  const request = emptyRequest("anthropic-messages", named);
  const form = {
    model: fields.take("model"),
    stream: fields.take("stream"),
    messages: fields.has("messages"),
    tools: fields.has("tools"),
  };
  request.messages = [...decodeSystem(fields), ...decodeMessages(fields)];
  request.tools = decodeTools(fields);
  decodeSettings(fields, request);
  decodeReasoning(fields, request);
  const { choice, parallel } = decodeToolChoice(fields);
  note(request, "toolChoice", choice, "tool_choice");
  note(request, "parallelToolCalls", parallel, "tool_choice.disable_parallel_tool_use");
  request.source = fields.source(form);
  return request;
}
