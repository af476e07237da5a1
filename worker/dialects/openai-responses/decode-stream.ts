import type { Citation, Part, TextPart, ThinkingPart, ToolCallPart } from "../../canonical/message.ts";
import { headOf } from "../../canonical/replay-answer.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import { arrayAt, isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import type { StreamDecoder } from "../dialect.ts";
import { EVENT_NOT_JSON } from "../failure.ts";
import { decodeLogprob } from "../openai-logprobs.ts";
import { decodeAnnotation, decodeCall, decodeItem, decodeStop, failureOf } from "./decode-answer.ts";
import { decodeInner } from "./failure.ts";
import { stateOfReasoning, textOfReasoning } from "./reasoning.ts";
import { usageOf } from "./usage.ts";

/**
 * Responses' stream (API reference, "Streaming events"). What an item is at its `done` is what counts: some hosts tell
 * arguments only there, some leave the terminal's `output` out, some change ids from event to event; so items are known
 * by their place.
 */
interface State {
  started: boolean;
  failed: boolean;
  ended: boolean;
  model: string;
  parts: number;
  items: Map<number, Item>;
  /** Everything that has ended, for a terminal without `output`. */
  finals: Part[];
  tier: string | undefined;
}

interface Item {
  done: boolean;
  /** Parts by place within the item: content parts of a message, else the one part at 0. */
  parts: Map<number, Open>;
}

interface Open {
  part: number;
  final: TextPart | ThinkingPart | ToolCallPart | { type: "refusal"; text: string };
  ended: boolean;
  /** The summary being written: a new one is kept apart by a blank line. */
  summary: number;
}

export const streamDecoder: StreamDecoder<State> = {
  initial: () => ({
    started: false,
    failed: false,
    ended: false,
    model: "",
    parts: 0,
    items: new Map(),
    finals: [],
    tier: undefined,
  }),
  step,
  end,
};

function step(state: State, { data, event: name }: SseEvent): StreamEvent[] {
  if (state.failed || state.ended || data === "[DONE]") return [];
  const event = parseJson(data);
  if (!isObject(event)) {
    state.failed = true;
    return [EVENT_NOT_JSON];
  }
  const out: StreamEvent[] = [];
  const at = numberAt(event, "output_index");
  switch (stringAt(event, "type") ?? name) {
    case "response.created":
    case "response.in_progress":
      start(state, objectAt(event, "response"), out);
      break;
    case "response.output_item.added":
      itemAdded(state, at, objectAt(event, "item") ?? {}, out);
      break;
    case "response.content_part.added":
      contentAdded(state, at, numberAt(event, "content_index"), objectAt(event, "part") ?? {}, out);
      break;
    case "response.output_text.delta":
      textDelta(state, event, "text", out);
      break;
    case "response.refusal.delta":
      textDelta(state, event, "refusal", out);
      break;
    case "response.output_text.annotation.added":
      annotationAdded(state, event, out);
      break;
    case "response.content_part.done":
      contentDone(state, at, numberAt(event, "content_index"), objectAt(event, "part") ?? {}, out);
      break;
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
      argumentsDelta(state, at, stringAt(event, "delta") ?? "", out);
      break;
    case "response.reasoning_summary_text.delta":
      thoughtDelta(state, at, numberAt(event, "summary_index"), stringAt(event, "delta") ?? "", out);
      break;
    case "response.reasoning_text.delta":
      thoughtDelta(state, at, 0, stringAt(event, "delta") ?? "", out);
      break;
    case "response.output_item.done":
      itemDone(state, at, objectAt(event, "item") ?? {}, out);
      break;
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      terminal(state, objectAt(event, "response") ?? {}, out);
      break;
    case "error":
      return fail(state, event.error ?? event);
    case "keepalive":
      out.push({ type: "keepalive" });
      break;
    default:
      break;
  }
  return out;
}

const numberAt = (event: JsonObject, key: string): number => (typeof event[key] === "number" ? event[key] : 0);

function fail(state: State, error: unknown): StreamEvent[] {
  state.failed = true;
  return [{ type: "error", failure: decodeInner(error) }];
}

function start(state: State, response: JsonObject | undefined, out: StreamEvent[]): void {
  if (state.started) return;
  state.started = true;
  state.model = stringAt(response, "model") ?? "";
  out.push({ type: "answer_start", id: stringAt(response, "id") || null, model: state.model || null });
}

const itemAt = (state: State, at: number): Item => {
  const known = state.items.get(at);
  if (known !== undefined) return known;
  const made: Item = { done: false, parts: new Map() };
  state.items.set(at, made);
  return made;
};

function openPart(state: State, item: Item, place: number, final: Open["final"], out: StreamEvent[]): Open {
  const open: Open = { part: state.parts++, final, ended: false, summary: 0 };
  item.parts.set(place, open);
  out.push({ type: "part_start", part: open.part, candidate: 0, head: headOf(final) });
  return open;
}

function itemAdded(state: State, at: number, raw: JsonObject, out: StreamEvent[]): void {
  start(state, undefined, out);
  const item = itemAt(state, at);
  if (item.parts.size > 0) return;
  switch (raw.type) {
    case "function_call":
    case "custom_tool_call":
      // Without its name it waits until it is done.
      if (stringAt(raw, "name")) openPart(state, item, 0, { ...decodeCall(raw), arguments: "" }, out);
      break;
    case "reasoning":
      openPart(state, item, 0, { type: "thinking", text: "" }, out);
      break;
    default:
      break;
  }
}

function contentAdded(state: State, at: number, place: number, raw: JsonObject, out: StreamEvent[]): void {
  const item = itemAt(state, at);
  // A reasoning item's content is its text in full: its part is open already.
  if (item.parts.has(place) || raw.type === "reasoning_text") return;
  openPart(state, item, place, { type: raw.type === "refusal" ? "refusal" : "text", text: "" }, out);
}

function textDelta(state: State, event: JsonObject, type: "text" | "refusal", out: StreamEvent[]): void {
  const item = itemAt(state, numberAt(event, "output_index"));
  const place = numberAt(event, "content_index");
  const open = item.parts.get(place) ?? openPart(state, item, place, { type, text: "" }, out);
  const text = stringAt(event, "delta") ?? "";
  if (text === "" || open.ended || (open.final.type !== "text" && open.final.type !== "refusal")) return;
  open.final.text += text;
  if (open.final.type === "refusal") {
    out.push({ type: "refusal_delta", part: open.part, text });
    return;
  }
  const logprobs = arrayAt(event, "logprobs").filter(isObject).map(decodeLogprob);
  if (logprobs.length > 0) open.final.logprobs = [...(open.final.logprobs ?? []), ...logprobs];
  out.push({ type: "text_delta", part: open.part, text, ...(logprobs.length === 0 ? {} : { logprobs }) });
}

function annotationAdded(state: State, event: JsonObject, out: StreamEvent[]): void {
  const open = itemAt(state, numberAt(event, "output_index")).parts.get(numberAt(event, "content_index"));
  for (const citation of decodeAnnotation(event.annotation)) cite(open, citation, out);
}

function cite(open: Open | undefined, citation: Citation, out: StreamEvent[]): void {
  if (open?.final.type !== "text" || open.ended) return;
  open.final.citations = [...(open.final.citations ?? []), citation];
  out.push({ type: "citation", part: open.part, citation });
}

function contentDone(state: State, at: number, place: number, raw: JsonObject, out: StreamEvent[]): void {
  const open = itemAt(state, at).parts.get(place);
  if (open === undefined || raw.type === "reasoning_text") return;
  reconcileText(open, raw, out);
  close(state, open, out);
}

/** What a part is said to be at its end, as far as its deltas have not said it. */
function reconcileText(open: Open, raw: JsonObject, out: StreamEvent[]): void {
  const { final } = open;
  if (open.ended || (final.type !== "text" && final.type !== "refusal")) return;
  const whole = stringAt(raw, final.type === "text" ? "text" : "refusal") ?? "";
  if (final.text === "" && whole !== "") {
    final.text = whole;
    out.push({ type: final.type === "text" ? "text_delta" : "refusal_delta", part: open.part, text: whole });
  }
  for (const citation of untold(open, raw)) cite(open, citation, out);
}

/** What a text is said to rest on at its end, and was not before. */
const untold = ({ final }: Open, raw: JsonObject): Citation[] =>
  final.type === "text"
    ? arrayAt(raw, "annotations")
        .flatMap(decodeAnnotation)
        .slice(final.citations?.length ?? 0)
    : [];

function argumentsDelta(state: State, at: number, text: string, out: StreamEvent[]): void {
  const open = itemAt(state, at).parts.get(0);
  if (open?.final.type !== "tool_call" || open.ended || text === "") return;
  open.final.arguments += text;
  out.push({ type: "arguments_delta", part: open.part, text });
}

function thoughtDelta(state: State, at: number, summary: number, text: string, out: StreamEvent[]): void {
  const item = itemAt(state, at);
  const open = item.parts.get(0) ?? openPart(state, item, 0, { type: "thinking", text: "" }, out);
  if (open.final.type !== "thinking" || open.ended || text === "") return;
  const piece = summary !== open.summary && open.final.text !== "" ? `\n\n${text}` : text;
  open.summary = summary;
  open.final.text += piece;
  out.push({ type: "thinking_delta", part: open.part, text: piece });
}

function close(state: State, open: Open, out: StreamEvent[]): void {
  if (open.ended) return;
  open.ended = true;
  state.finals.push(open.final);
  out.push({ type: "part_end", part: open.part, final: open.final });
}

function itemDone(state: State, at: number, raw: JsonObject, out: StreamEvent[]): void {
  start(state, undefined, out);
  const item = itemAt(state, at);
  if (item.done) return;
  item.done = true;
  // By order: some hosts number a message's first part 1.
  const [open] = item.parts.values();
  if (open === undefined) {
    for (const part of decodeItem(raw, state.model)) wholePart(state, part, out);
    return;
  }
  const { final } = open;
  if (final.type === "tool_call") {
    const told = decodeCall(raw);
    final.id = told.id;
    if (final.arguments === "" && told.arguments !== "") {
      final.arguments = told.arguments;
      out.push({ type: "arguments_delta", part: open.part, text: told.arguments });
    }
  } else if (final.type === "thinking") {
    const held = stateOfReasoning(raw, state.model);
    if (held !== null) final.state = held;
    const text = textOfReasoning(raw);
    if (final.text === "" && text !== "") {
      final.text = text;
      out.push({ type: "thinking_delta", part: open.part, text });
    }
  } else {
    const content = arrayAt(raw, "content").filter(isObject);
    for (const [place, one] of [...item.parts.values()].entries()) {
      reconcileText(one, content[place] ?? {}, out);
      const late = untold(one, content[place] ?? {});
      if (late.length > 0) wholePart(state, { type: "native", kind: "url_citation", raw: late }, out);
    }
  }
  for (const one of item.parts.values()) close(state, one, out);
}

function wholePart(state: State, final: Part, out: StreamEvent[]): void {
  const part = state.parts++;
  state.finals.push(final);
  out.push({ type: "part_start", part, candidate: 0, head: headOf(final) });
  if (final.type === "text" && final.text !== "") out.push({ type: "text_delta", part, text: final.text });
  if (final.type === "text")
    for (const citation of final.citations ?? []) out.push({ type: "citation", part, citation });
  if (final.type === "refusal" && final.text !== "") out.push({ type: "refusal_delta", part, text: final.text });
  if (final.type === "thinking" && final.text !== "") out.push({ type: "thinking_delta", part, text: final.text });
  if (final.type === "tool_call" && final.arguments !== "")
    out.push({ type: "arguments_delta", part, text: final.arguments });
  out.push({ type: "part_end", part, final });
}

function terminal(state: State, response: JsonObject, out: StreamEvent[]): void {
  start(state, response, out);
  state.ended = true;
  const failure = failureOf(response);
  // What a failure leaves open stays so: a call with half of its arguments would look like a whole one.
  if (failure === null) closeAll(state, response, out);
  const usage = usageOf(response);
  if (usage !== null) out.push({ type: "usage", usage });
  if (failure !== null) {
    state.failed = true;
    out.push({ type: "error", failure });
    return;
  }
  const refused = state.finals.some((part) => part.type === "refusal");
  const stop = decodeStop(response, state.finals);
  const reason = refused && stop.reason === "end_turn" ? "refusal" : stop.reason;
  out.push({ type: "finish", candidate: 0, stop: { ...stop, reason } });
}

/** Items that never got their `done` stand in the terminal. */
function closeAll(state: State, response: JsonObject, out: StreamEvent[]): void {
  for (const [at, raw] of arrayAt(response, "output").entries()) {
    const known = state.items.get(at);
    if (isObject(raw) && (known === undefined ? !state.items.size || at >= state.items.size : !known.done)) {
      itemDone(state, at, raw, out);
    }
  }
  for (const item of state.items.values()) for (const open of item.parts.values()) close(state, open, out);
}

/** Without a terminal the answer was cut off. */
function end(state: State): StreamEvent[] {
  if (state.ended || state.failed) return [];
  state.failed = true;
  return [{ type: "error", failure: { kind: "truncated", message: "", code: null, status: null } }];
}
