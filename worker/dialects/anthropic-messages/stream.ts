import type { Usage } from "../../canonical/usage.ts";
import { isObject, objectAt, parseJson, stringAt } from "../../lib/json.ts";
import type { AnswerFacts } from "../dialect.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage, mergeUsage } from "./usage.ts";

const INTERESTING = /"type"\s*:\s*"(?:message_start|message_delta|message_stop|error)"/;

/**
 * One event of a Messages stream: figures come in `message_start` and again, as totals, in `message_delta`. Those of the
 * start are no final ones: they tell the output of a first word.
 */
export function step(facts: AnswerFacts, data: string): AnswerFacts {
  if (!INTERESTING.test(data)) return facts;
  const event = parseJson(data);
  switch (stringAt(event, "type")) {
    case "message_start": {
      const message = objectAt(event, "message");
      return {
        ...facts,
        usage: provisional(decodeUsage(message?.usage)),
        servedModel: stringAt(message, "model") || null,
      };
    }
    case "message_delta": {
      const told = isObject(event) ? event.usage : undefined;
      const usage = decodeUsage(mergeUsage(facts.usage?.raw, told));
      const stopReason = decodeStopReason(objectAt(event, "delta")?.stop_reason);
      return {
        ...facts,
        usage: isObject(told) ? usage : provisional(usage),
        stopReason: stopReason ?? facts.stopReason,
      };
    }
    case "message_stop":
      return { ...facts, terminal: true };
    case "error":
      return {
        ...facts,
        error: stringAt(objectAt(event, "error"), "type") ?? "error",
      };
    default:
      return facts;
  }
}

const provisional = (usage: Usage | null): Usage | null => (usage === null ? null : { ...usage, estimated: true });

/** Characters of one `content_block_delta`. */
export function observedText(data: string): number {
  if (!data.includes("content_block_delta")) return 0;
  const delta = objectAt(parseJson(data), "delta");
  return (stringAt(delta, "text") ?? stringAt(delta, "thinking") ?? stringAt(delta, "partial_json"))?.length ?? 0;
}

/** Anthropic's own (API reference, "Ping events"). */
export const KEEP_ALIVE = 'event: ping\ndata: {"type":"ping"}\n\n';
