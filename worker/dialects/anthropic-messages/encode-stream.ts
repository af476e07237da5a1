import type { Stop } from "../../canonical/answer.ts";
import type { Citation, Part, ToolCallPart } from "../../canonical/message.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import { noUsage, type Usage, untoldUsage } from "../../canonical/usage.ts";
import type { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { AnswerContext, StreamEncoder } from "../dialect.ts";
import { argumentsObject } from "../tool-arguments.ts";
import { encodeCitation } from "./citations.ts";
import {
  encodeBlocks,
  encodeStop,
  envelope,
  isMedia,
  placeholder,
  signatureOf,
  stateBlocks,
  toolUse,
} from "./encode-answer.ts";
import { encodeStreamError } from "./error.ts";
import { KEEP_ALIVE } from "./stream.ts";
import { encodeUsage } from "./usage.ts";

/**
 * Writes Messages' stream. Blocks are strictly one after the other, numbered from 0 (the SDK pushes whatever comes): while
 * one is open, what belongs to others waits, in order. A block is opened when there is something to put into it.
 */
interface State {
  context: AnswerContext;
  started: boolean;
  /** Number of the next block. */
  next: number;
  /** The part whose block is being written. */
  current: number | null;
  parts: Map<number, Waiting>;
  /** Parts in the order they began, those not yet written whole. */
  order: number[];
  usage: Usage | null;
  stop: Stop | null;
  /** A part that has no form here; told of when nothing else is. */
  media: Part | null;
  /** Something but thoughts has been written. */
  shown: boolean;
  /** State of a text, in blocks that wait for another one to follow. */
  carried: JsonObject[];
}

interface Waiting {
  head: Part;
  /** The block's number once it is open. */
  index: number | null;
  /** Deltas that came while another block was open. */
  held: StreamEvent[];
  /** Something of the content has been written. */
  written: boolean;
  /** A text so far; a call's input that cannot be written yet. */
  text: string;
}

export const streamEncoder: StreamEncoder<State> = { initial, step, end, fail };

function initial(context: AnswerContext): State {
  return {
    context,
    started: false,
    next: 0,
    current: null,
    parts: new Map(),
    order: [],
    usage: null,
    stop: null,
    media: null,
    shown: false,
    carried: [],
  };
}

const message = (type: string, json: string): string => `event: ${type}\ndata: {"type":"${type}",${json}}\n\n`;

function start(state: State): string {
  if (state.started) return "";
  state.started = true;
  const body = {
    ...envelope(state.context),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    // What is not known yet stands in the last event, whose figures overwrite these.
    usage: { ...encodeUsage(state.usage ?? noUsage()), output_tokens: state.usage?.output.total ?? 0 },
  };
  return message("message_start", `"message":${JSON.stringify(body)}`);
}

function step(state: State, event: StreamEvent): string {
  switch (event.type) {
    case "answer_start":
    case "error":
      return "";
    case "keepalive":
      return start(state) + KEEP_ALIVE;
    case "usage":
      // Figures that come first stand in the first event.
      state.usage = event.usage;
      return start(state);
    case "finish":
      if (event.candidate === 0) state.stop ??= event.stop;
      return start(state);
    case "part_start":
      if (event.candidate !== 0) return "";
      state.parts.set(event.part, { head: event.head, index: null, held: [], written: false, text: "" });
      state.order.push(event.part);
      return start(state);
    default:
      return deliver(state, event);
  }
}

type PartEvent = Extract<StreamEvent, { part: number }>;

/** Writes an event of the part whose turn it is; others wait. */
function deliver(state: State, event: PartEvent): string {
  const waiting = state.parts.get(event.part);
  if (waiting === undefined) return "";
  if (state.order[0] !== event.part) {
    waiting.held.push(event);
    return "";
  }
  let text = write(state, waiting, event);
  if (event.type !== "part_end") return text;
  // The next part's turn: what it has held, and on, if it has ended too.
  state.parts.delete(event.part);
  state.order.shift();
  for (let next = state.order[0]; next !== undefined; next = state.order[0]) {
    const following = state.parts.get(next) as Waiting;
    const { held } = following;
    following.held = [];
    for (const one of held) text += write(state, following, one as PartEvent);
    if (held.at(-1)?.type !== "part_end") break;
    state.parts.delete(next);
    state.order.shift();
  }
  return text;
}

/** What a text before has left to be carried, now that it is not the last. */
function carriedOver(state: State): string {
  const { carried } = state;
  state.carried = [];
  return carried.map((block) => wholeBlock(state, block)).join("");
}

/** A block that is whole at once. */
function wholeBlock(state: State, block: JsonObject): string {
  const before = carriedOver(state);
  const index = state.next++;
  return (
    before +
    message("content_block_start", `"index":${index},"content_block":${JSON.stringify(opened(block))}`) +
    closing(index, block) +
    message("content_block_stop", `"index":${index}`)
  );
}

/** A block as it begins: texts empty. */
function opened(block: JsonObject): JsonObject {
  switch (block.type) {
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "text":
      return { ...block, text: "" };
    default:
      return block;
  }
}

/** The deltas of a block that is written at once. */
function closing(index: number, block: JsonObject): string {
  switch (block.type) {
    case "thinking": {
      const text = block.thinking === "" ? "" : delta(index, "thinking_delta", "thinking", String(block.thinking));
      return text + delta(index, "signature_delta", "signature", String(block.signature));
    }
    case "text":
      return delta(index, "text_delta", "text", String(block.text));
    default:
      return "";
  }
}

const delta = (index: number, type: string, key: string, text: string): string =>
  message("content_block_delta", `"index":${index},"delta":{"type":"${type}","${key}":${JSON.stringify(text)}}`);

/** Opens the part's block if it is not open yet. */
function open(state: State, waiting: Waiting): string {
  if (waiting.index !== null) return "";
  const { head } = waiting;
  let text = carriedOver(state);
  // A call's state goes before it.
  if (head.type === "tool_call") for (const block of stateBlocks(head.state)) text += wholeBlock(state, block);
  waiting.index = state.next++;
  if (head.type !== "thinking") state.shown = true;
  const block =
    head.type === "tool_call"
      ? { ...toolUse(head), input: {} }
      : head.type === "thinking"
        ? { type: "thinking", thinking: "", signature: "" }
        : { type: "text", text: "", citations: null };
  return `${text}${message("content_block_start", `"index":${waiting.index},"content_block":${JSON.stringify(block)}`)}`;
}

function write(state: State, waiting: Waiting, event: PartEvent): string {
  switch (event.type) {
    case "text_delta":
    case "refusal_delta": {
      waiting.text += event.text;
      const begun = open(state, waiting);
      return begun + delta(waiting.index ?? 0, "text_delta", "text", event.text);
    }
    case "thinking_delta": {
      const begun = open(state, waiting);
      return begun + delta(waiting.index ?? 0, "thinking_delta", "thinking", event.text);
    }
    case "arguments_delta": {
      const begun = open(state, waiting);
      if (!waiting.written) waiting.text += event.text;
      if (!waiting.written && !isObjectSoFar(waiting)) return begun;
      const text = waiting.written ? event.text : waiting.text;
      waiting.written = true;
      return begun + delta(waiting.index ?? 0, "input_json_delta", "partial_json", text);
    }
    case "citation":
      return citesWhole(event.citation) ? "" : cite(state, waiting, event.citation);
    case "part_start":
      return "";
    case "part_end":
      return close(state, waiting, event.final);
  }
}

/** An input is an object. Free text, and what is none, becomes a member of one, which can be written when it is whole. */
const isObjectSoFar = ({ head, text }: Waiting): boolean =>
  head.type === "tool_call" && head.kind === "function" && /^\s*\{/.test(text);

/** What stands for the whole text can be quoted at its end only. */
const citesWhole = ({ end, citedText }: Citation): boolean => end === undefined && citedText === undefined;

function cite(state: State, waiting: Waiting, citation: Citation): string {
  const encoded = encodeCitation(citation, waiting.text);
  if (encoded === null) {
    state.context.losses.add("citation_dropped", "answer");
    return "";
  }
  const begun = open(state, waiting);
  const json = JSON.stringify({ type: "citations_delta", citation: encoded });
  return `${begun}${message("content_block_delta", `"index":${waiting.index},"delta":${json}`)}`;
}

function close(state: State, waiting: Waiting, final: Part): string {
  const stop = () => message("content_block_stop", `"index":${waiting.index}`);
  switch (final.type) {
    case "thinking": {
      if (final.state?.where === "redacted") {
        return encodeBlocks(final, state.context.losses)
          .map((block) => wholeBlock(state, block))
          .join("");
      }
      if (waiting.index === null && final.text === "" && final.state === undefined) return "";
      const begun = open(state, waiting);
      return begun + delta(waiting.index ?? 0, "signature_delta", "signature", signatureOf(final)) + stop();
    }
    case "tool_call": {
      const begun = open(state, waiting);
      // Some vendors tell arguments only at the end; nothing at all is an empty object.
      const late = waiting.written
        ? ""
        : delta(waiting.index ?? 0, "input_json_delta", "partial_json", inputText(state, final));
      const carried =
        waiting.head.type === "tool_call" && waiting.head.state === undefined ? stateBlocks(final.state) : [];
      return begun + late + stop() + carried.map((block) => wholeBlock(state, block)).join("");
    }
    case "text": {
      const late = (final.citations ?? []).filter(citesWhole).map((citation) => cite(state, waiting, citation));
      state.carried.push(...stateBlocks(final.state));
      return late.join("") + (waiting.index === null ? "" : stop());
    }
    case "refusal":
      return waiting.index === null ? "" : stop();
    default:
      if (isMedia(final)) state.media ??= final;
      return encodeBlocks(final, state.context.losses)
        .map((block) => wholeBlock(state, block))
        .join("");
  }
}

/** The input, as JSON, of a call of which nothing has been written. */
const inputText = ({ context }: State, call: ToolCallPart): string =>
  call.kind === "function" && /^\s*\{/.test(call.arguments)
    ? call.arguments
    : JSON.stringify(argumentsObject(call, context.losses));

function end(state: State): string {
  // It came too late to go before its text, and nothing follows that it could stand before.
  if (state.carried.length > 0) state.context.losses.add("reasoning_state_dropped", "answer");
  const told = state.shown || state.media === null ? "" : wholeBlock(state, placeholder(state.media));
  const begun = start(state) + told;
  const stop = encodeStop(state.stop ?? { reason: "other" }, state.context.losses);
  const usage = encodeUsage(state.usage ?? untoldUsage(state.context.losses));
  const last = message(
    "message_delta",
    `"delta":${JSON.stringify({ ...stop, container: null })},"usage":${JSON.stringify(usage)}`,
  );
  return `${begun}${last}event: message_stop\ndata: {"type":"message_stop"}\n\n`;
}

function fail(state: State, error: GatewayError): string {
  return encodeStreamError(error, state.context.id);
}
