import type { CanonicalAnswer } from "../canonical/answer.ts";
import type { Part, ToolCallPart } from "../canonical/message.ts";
import type { StreamEvent } from "../canonical/stream-event.ts";
import { parseJson, stringAt } from "../lib/json.ts";
import type { EncodedRequest } from "./dialect.ts";

/**
 * Undoes in the answer what the request's encoding did to tools: names are the client's again, free text is no longer
 * wrapped in an object, and the call that stood for a schema is the text it stands for.
 */
type Restoring = Pick<EncodedRequest, "tools" | "jsonTool">;

export const needsRestoring = ({ tools, jsonTool }: Restoring): boolean => tools !== null || jsonTool !== undefined;

/** The text inside the one parameter of a function that stands for a tool of free text. */
const unwrapped = (text: string): string => stringAt(parseJson(text), "input") ?? text;

function restoreCall(call: ToolCallPart, { tools }: Restoring): ToolCallPart {
  const client = tools?.get(call.name);
  if (client === undefined) return call;
  const { name, namespace, emulated } = client;
  const renamed = { ...call, name, ...(namespace === undefined ? {} : { namespace }) };
  return emulated === undefined ? renamed : { ...renamed, kind: "custom", arguments: unwrapped(call.arguments) };
}

function restorePart(part: Part, restoring: Restoring): Part {
  if (part.type !== "tool_call") return part;
  return part.name === restoring.jsonTool ? { type: "text", text: part.arguments } : restoreCall(part, restoring);
}

/** A whole answer with its tools restored. */
export function restoreAnswer(answer: CanonicalAnswer, restoring: Restoring): CanonicalAnswer {
  if (!needsRestoring(restoring)) return answer;
  const candidates = answer.candidates.map((candidate) => {
    const parts = candidate.parts.map((part) => restorePart(part, restoring));
    const waits = candidate.stop.reason === "tool_use" && parts.every((part) => part.type !== "tool_call");
    return { ...candidate, parts, stop: waits ? { ...candidate.stop, reason: "end_turn" as const } : candidate.stop };
  });
  return { ...answer, candidates };
}

/** The same for a stream; free text is held back until it can be unwrapped. */
export class StreamRestorer {
  readonly #restoring: Restoring;
  /** Parts whose deltas are held back, and those that became text. */
  readonly #held = new Set<number>();
  readonly #texts = new Set<number>();
  #calls = 0;

  constructor(restoring: Restoring) {
    this.#restoring = restoring;
  }

  step(event: StreamEvent): StreamEvent[] {
    switch (event.type) {
      case "part_start":
        return [this.#start(event)];
      case "arguments_delta":
        if (this.#held.has(event.part)) return [];
        return this.#texts.has(event.part) ? [{ type: "text_delta", part: event.part, text: event.text }] : [event];
      case "part_end":
        return this.#end(event);
      case "finish":
        if (event.stop.reason !== "tool_use" || this.#calls > 0) return [event];
        return [{ ...event, stop: { ...event.stop, reason: "end_turn" } }];
      default:
        return [event];
    }
  }

  #start(event: Extract<StreamEvent, { type: "part_start" }>): StreamEvent {
    const { head, part } = event;
    if (head.type !== "tool_call") return event;
    if (head.name === this.#restoring.jsonTool) {
      this.#texts.add(part);
      return { ...event, head: { type: "text", text: "" } };
    }
    this.#calls++;
    if (this.#restoring.tools?.get(head.name)?.emulated !== undefined) this.#held.add(part);
    return { ...event, head: { ...restoreCall(head, this.#restoring), arguments: "" } };
  }

  #end(event: Extract<StreamEvent, { type: "part_end" }>): StreamEvent[] {
    const final = restorePart(event.final, this.#restoring);
    const ended: StreamEvent = { ...event, final };
    if (!this.#held.has(event.part) || final.type !== "tool_call") return [ended];
    return [{ type: "arguments_delta", part: event.part, text: final.arguments }, ended];
  }
}
