import type { Stop } from "../../canonical/answer.ts";
import type { Part } from "../../canonical/message.ts";
import { headOf } from "../../canonical/replay-answer.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import { isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import type { StreamDecoder } from "../dialect.ts";
import { EVENT_NOT_JSON } from "../failure.ts";
import { decodeCitation } from "./citations.ts";
import { decodeBlock, decodeState, decodeStop } from "./decode-answer.ts";
import { decodeInner } from "./failure.ts";
import { decodeUsage, mergeUsage } from "./usage.ts";

/** Messages' stream (API reference, "Streaming messages"): blocks one after the other, totals twice. */
interface State {
  started: boolean;
  ended: boolean;
  failed: boolean;
  model: string | null;
  parts: number;
  open: Map<number, Block>;
  usage: JsonObject;
  hasCalls: boolean;
  stop: Stop | null;
}

interface Block {
  part: number;
  final: Part;
}

export const streamDecoder: StreamDecoder<State> = {
  initial: () => ({
    started: false,
    ended: false,
    failed: false,
    model: null,
    parts: 0,
    open: new Map(),
    usage: {},
    hasCalls: false,
    stop: null,
  }),
  step,
  end,
};

function step(state: State, { data }: SseEvent): StreamEvent[] {
  if (state.failed || state.ended) return [];
  const event = parseJson(data);
  if (!isObject(event)) {
    state.failed = true;
    return [EVENT_NOT_JSON];
  }
  switch (event.type) {
    case "message_start":
      return messageStart(state, objectAt(event, "message") ?? {});
    case "content_block_start":
      return blockStart(state, blockIndex(event), objectAt(event, "content_block") ?? {});
    case "content_block_delta":
      return blockDelta(state, blockIndex(event), objectAt(event, "delta") ?? {});
    case "content_block_stop":
      return blockStop(state, blockIndex(event));
    case "message_delta":
      return messageDelta(state, event);
    case "message_stop":
      return messageStop(state);
    case "ping":
      return [{ type: "keepalive" }];
    case "error":
      return fail(state, event);
    default:
      return [];
  }
}

const blockIndex = (event: JsonObject): number => (typeof event.index === "number" ? event.index : 0);

function fail(state: State, event: unknown): StreamEvent[] {
  state.failed = true;
  return [{ type: "error", failure: decodeInner(event) }];
}

function messageStart(state: State, message: JsonObject): StreamEvent[] {
  if (state.started) return [];
  state.started = true;
  state.model = stringAt(message, "model") || null;
  const out: StreamEvent[] = [{ type: "answer_start", id: stringAt(message, "id") || null, model: state.model }];
  out.push(...usageOf(state, message.usage));
  // A proxy may put a whole answer here.
  if (Array.isArray(message.content)) {
    for (const [index, block] of message.content.entries()) {
      if (isObject(block)) out.push(...blockStart(state, index, block), ...blockStop(state, index));
    }
  }
  if (typeof message.stop_reason === "string") state.stop = decodeStop(message, state.hasCalls);
  return out;
}

function usageOf(state: State, later: unknown): StreamEvent[] {
  state.usage = mergeUsage(state.usage, later);
  const usage = decodeUsage(state.usage);
  return usage === null ? [] : [{ type: "usage", usage }];
}

function blockStart(state: State, index: number, block: JsonObject): StreamEvent[] {
  // A block that was never stopped ends where another takes its number.
  const before = blockStop(state, index);
  const final = decodeBlock(block, state.model);
  const part = state.parts++;
  state.open.set(index, { part, final });
  if (final.type === "tool_call") {
    state.hasCalls = true;
    // An input given at once is kept unless deltas tell it.
    if (final.arguments === "{}") final.arguments = "";
  }
  const out: StreamEvent[] = [...before, { type: "part_start", part, candidate: 0, head: headOf(final) }];
  if (final.type === "text" && final.text !== "") out.push({ type: "text_delta", part, text: final.text });
  if (final.type === "thinking" && final.state?.where !== "redacted" && final.text !== "") {
    out.push({ type: "thinking_delta", part, text: final.text });
  }
  if (final.type === "tool_call" && final.arguments !== "") {
    out.push({ type: "arguments_delta", part, text: final.arguments });
  }
  return out;
}

function blockDelta(state: State, index: number, delta: JsonObject): StreamEvent[] {
  const block = state.open.get(index);
  if (block === undefined) return [];
  const { part, final } = block;
  switch (delta.type) {
    case "text_delta": {
      const text = stringAt(delta, "text") ?? "";
      if (final.type !== "text" || text === "") return [];
      final.text += text;
      return [{ type: "text_delta", part, text }];
    }
    case "thinking_delta": {
      const text = stringAt(delta, "thinking") ?? "";
      if (final.type !== "thinking" || text === "") return [];
      final.text += text;
      return [{ type: "thinking_delta", part, text }];
    }
    case "signature_delta": {
      const value = stringAt(delta, "signature") ?? "";
      // Overwritten, not appended: the last one is whole.
      if (final.type === "thinking" && value !== "") Object.assign(final, decodeState(value, state.model, "thinking"));
      return [];
    }
    case "input_json_delta": {
      const text = stringAt(delta, "partial_json") ?? "";
      if (final.type !== "tool_call" || text === "") return [];
      final.arguments += text;
      return [{ type: "arguments_delta", part, text }];
    }
    case "citations_delta": {
      const out: StreamEvent[] = [];
      for (const citation of decodeCitation(delta.citation)) {
        if (final.type !== "text") continue;
        final.citations = [...(final.citations ?? []), citation];
        out.push({ type: "citation", part, citation });
      }
      return out;
    }
    default:
      return [];
  }
}

function blockStop(state: State, index: number): StreamEvent[] {
  const block = state.open.get(index);
  if (block === undefined) return [];
  state.open.delete(index);
  const { part, final } = block;
  // An empty input comes as fragments of nothing.
  if (final.type === "tool_call" && final.arguments === "") final.arguments = "{}";
  return [{ type: "part_end", part, final }];
}

function messageDelta(state: State, event: JsonObject): StreamEvent[] {
  const delta = objectAt(event, "delta");
  if (typeof delta?.stop_reason === "string") state.stop = decodeStop(delta, state.hasCalls);
  return usageOf(state, event.usage);
}

function messageStop(state: State): StreamEvent[] {
  state.ended = true;
  const out = [...state.open.keys()].flatMap((index) => blockStop(state, index));
  out.push({ type: "finish", candidate: 0, stop: state.stop ?? { reason: state.hasCalls ? "tool_use" : "other" } });
  return out;
}

/** Without `message_stop` the answer was cut off. */
function end(state: State): StreamEvent[] {
  if (state.ended || state.failed) return [];
  state.failed = true;
  return [{ type: "error", failure: { kind: "truncated", message: "", code: null, status: null } }];
}
