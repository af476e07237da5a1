import type { CanonicalRequest } from "../../canonical/request.ts";
import type { JsonObject } from "../../lib/json.ts";
import { Fields } from "../fields.ts";
import { emptyRequest, note } from "../settings.ts";
import { decodeInput, decodeInstructions } from "./decode-messages.ts";
import { decodeReasoning } from "./reasoning.ts";
import { decodeInclude, decodeSettings } from "./settings.ts";
import { decodeToolChoice, decodeTools } from "./tools.ts";

/** A Responses request (OpenAI API reference, "Create a model response"). */
export function decodeRequest(body: JsonObject, named: { model: string; stream: boolean }): CanonicalRequest {
  const fields = new Fields(body, "");
  const request = emptyRequest("openai-responses", named);
  const form = {
    model: fields.take("model"),
    stream: fields.take("stream"),
    tools: fields.has("tools"),
    input: fields.has("input"),
    include: decodeInclude(fields, request),
  };
  request.messages = [...decodeInstructions(fields), ...decodeInput(fields)];
  request.tools = decodeTools(fields);
  decodeSettings(fields, request);
  decodeReasoning(fields, request);
  const choice = decodeToolChoice(fields);
  note(request, "toolChoice", choice, "tool_choice");
  const spelled = { ...form, choice: choice === undefined ? undefined : body.tool_choice };
  request.source = fields.source(spelled, { messages: "input" });
  return request;
}
