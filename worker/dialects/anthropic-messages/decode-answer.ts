import type { Stop } from "../../canonical/answer.ts";
import { openOr } from "../../canonical/envelope.ts";
import type { Part, ThinkingPart } from "../../canonical/message.ts";
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import type { DecodedAnswer } from "../dialect.ts";
import { EMPTY_ANSWER } from "../failure.ts";
import { computedStop } from "../stop.ts";
import { decodeCitation } from "./citations.ts";
import { decodeInner } from "./failure.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage } from "./usage.ts";

/** A whole Message. */
export function decodeAnswer(body: unknown): DecodedAnswer {
  const nothing = { id: null, model: null, candidates: [], usage: null };
  if (stringAt(body, "type") === "error" || (isObject(body) && isObject(body.error))) {
    return { answer: nothing, failure: decodeInner(body) };
  }
  if (!isObject(body) || !Array.isArray(body.content)) return { answer: nothing, failure: EMPTY_ANSWER };
  const model = stringAt(body, "model") || null;
  const parts = arrayAt(body, "content")
    .filter(isObject)
    .map((block) => decodeBlock(block, model));
  const hasCalls = parts.some((part) => part.type === "tool_call");
  return {
    answer: {
      id: stringAt(body, "id") || null,
      model,
      candidates: [{ index: 0, parts, stop: decodeStop(body, hasCalls) }],
      usage: decodeUsage(body.usage),
    },
    failure: null,
  };
}

/** `stop_reason` with its details, from a whole message or a stream's `message_delta`. */
export function decodeStop(holder: unknown, hasCalls: boolean): Stop {
  const raw = stringAt(holder, "stop_reason");
  const sequence = stringAt(holder, "stop_sequence");
  const details = objectAt(holder, "stop_details");
  const explanation = stringAt(details, "explanation");
  const category = stringAt(details, "category");
  return {
    reason: computedStop(decodeStopReason(raw), hasCalls),
    ...(raw === undefined ? {} : { raw }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(explanation === undefined ? {} : { explanation }),
    ...(category === undefined ? {} : { category }),
  };
}

/** What a thought has for a state: Anthropic's own, or what another gateway has put into an envelope. */
export function decodeState(
  value: string,
  model: string | null,
  where: "thinking" | "redacted",
): Pick<ThinkingPart, "state"> {
  const state = openOr({ owner: "anthropic", value, model: model ?? "", where });
  return state === null ? {} : { state };
}

/** One content block of an answer. */
export function decodeBlock(block: JsonObject, model: string | null): Part {
  switch (block.type) {
    case "text": {
      const citations = arrayAt(block, "citations").flatMap(decodeCitation);
      const text = stringAt(block, "text") ?? "";
      return { type: "text", text, ...(citations.length === 0 ? {} : { citations }) };
    }
    case "thinking": {
      const value = stringAt(block, "signature");
      const text = stringAt(block, "thinking") ?? "";
      return { type: "thinking", text, ...(value ? decodeState(value, model, "thinking") : {}) };
    }
    case "redacted_thinking": {
      const value = stringAt(block, "data") ?? "";
      return { type: "thinking", text: "", ...decodeState(value, model, "redacted") };
    }
    case "tool_use":
      return {
        type: "tool_call",
        id: stringAt(block, "id") ?? "",
        name: stringAt(block, "name") ?? "",
        kind: "function",
        arguments:
          isObject(block.input) && Object.keys(block.input).length === 0 ? "{}" : JSON.stringify(block.input ?? {}),
      };
    default:
      return { type: "native", kind: stringAt(block, "type") ?? "block", raw: block };
  }
}
