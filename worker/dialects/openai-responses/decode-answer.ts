import type { Stop } from "../../canonical/answer.ts";
import type { Citation, Part, TextPart, ToolCallPart } from "../../canonical/message.ts";
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import type { DecodedAnswer } from "../dialect.ts";
import { EMPTY_ANSWER } from "../failure.ts";
import { decodeLogprob } from "../openai-logprobs.ts";
import { computedStop } from "../stop.ts";
import { decodeInner } from "./failure.ts";
import { stateOfReasoning, textOfReasoning } from "./reasoning.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { usageOf } from "./usage.ts";

/** A whole Response. */
export function decodeAnswer(body: unknown): DecodedAnswer {
  const model = stringAt(body, "model") || null;
  const parts = arrayAt(body, "output").flatMap((item) => decodeItem(item, model ?? ""));
  return {
    answer: {
      id: stringAt(body, "id") || null,
      model,
      candidates: [{ index: 0, parts, stop: decodeStop(body, parts) }],
      usage: usageOf(body),
    },
    failure: failureOf(body) ?? (isObject(body) && Array.isArray(body.output) ? null : EMPTY_ANSWER),
  };
}

/** A response that failed tells why in `error`. */
export function failureOf(body: unknown): DecodedAnswer["failure"] {
  const error = objectAt(body, "error");
  if (error !== undefined) return decodeInner(error);
  return stringAt(body, "status") === "failed" ? decodeInner({ message: "", code: "server_error" }) : null;
}

export function decodeStop(response: unknown, parts: readonly Part[]): Stop {
  const raw = stringAt(response, "status");
  const hasCalls = parts.some((part) => part.type === "tool_call");
  return { reason: computedStop(decodeStopReason(response), hasCalls), ...(raw === undefined ? {} : { raw }) };
}

/** One output item as parts: a message may hold several, a search none that others know. */
export function decodeItem(item: unknown, model: string): Part[] {
  switch (stringAt(item, "type")) {
    case "message":
      return arrayAt(item, "content").flatMap(decodeContent);
    case "reasoning": {
      const state = stateOfReasoning(item, model);
      return [{ type: "thinking", text: textOfReasoning(item), ...(state === null ? {} : { state }) }];
    }
    case "function_call":
    case "custom_tool_call":
      return [decodeCall(item)];
    case "image_generation_call": {
      const data = stringAt(item, "result");
      return data ? [{ type: "image", media: { kind: "base64", mediaType: "image/png", data } }] : [];
    }
    default:
      return [{ type: "native", kind: stringAt(item, "type") ?? "item", raw: item }];
  }
}

export function decodeCall(item: unknown): ToolCallPart {
  const custom = stringAt(item, "type") === "custom_tool_call";
  const namespace = stringAt(item, "namespace");
  const value = isObject(item) ? (custom ? item.input : item.arguments) : undefined;
  return {
    type: "tool_call",
    id: stringAt(item, "call_id") || stringAt(item, "id") || "call_0",
    name: stringAt(item, "name") ?? "",
    ...(namespace === undefined ? {} : { namespace }),
    kind: custom ? "custom" : "function",
    arguments: typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value),
  };
}

function decodeContent(part: unknown): Part[] {
  if (stringAt(part, "type") === "refusal") return [{ type: "refusal", text: stringAt(part, "refusal") ?? "" }];
  const text = stringAt(part, "text");
  return text === undefined ? [] : [decodeText(part, text)];
}

function decodeText(part: unknown, text: string): TextPart {
  const citations = arrayAt(part, "annotations").flatMap(decodeAnnotation);
  const logprobs = arrayAt(part, "logprobs").filter(isObject).map(decodeLogprob);
  return {
    type: "text",
    text,
    ...(citations.length === 0 ? {} : { citations }),
    ...(logprobs.length === 0 ? {} : { logprobs }),
  };
}

/** `url_citation`, with its indices in characters; files are OpenAI's own, and nobody else can open them. */
export function decodeAnnotation(raw: unknown): Citation[] {
  if (!isObject(raw)) return [];
  const url = stringAt(raw, "url");
  const title = stringAt(raw, "title") ?? stringAt(raw, "filename");
  if (raw.type !== "url_citation") return [{ kind: "file", ...(title === undefined ? {} : { title }) }];
  if (url === undefined) return [];
  const { start_index: start, end_index: end } = raw as JsonObject;
  const range = typeof start === "number" && typeof end === "number" && end > start ? { start, end } : {};
  return [{ kind: "url", url, ...(title === undefined ? {} : { title }), ...range }];
}
