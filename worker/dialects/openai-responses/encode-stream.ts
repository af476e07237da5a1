import type { Stop } from "../../canonical/answer.ts";
import type { Citation, Part } from "../../canonical/message.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import type { Usage } from "../../canonical/usage.ts";
import type { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { AnswerContext, StreamEncoder } from "../dialect.ts";
import { encodeLogprob } from "../openai-logprobs.ts";
import {
  callItem,
  contentOf,
  encodeAnnotation,
  itemId,
  itemsOf,
  messageItem,
  refusalWithout,
  responseObject,
  stateItem,
  thoughtItem,
} from "./encode-answer.ts";
import { KEEP_ALIVE } from "./stream.ts";

/**
 * Writes Responses' stream: the whole life of every item, numbered without a gap, ids that never change, and a terminal
 * that repeats everything. Texts that follow each other are parts of one message.
 */
interface State {
  context: AnswerContext;
  sequence: number;
  started: boolean;
  /** Finished items by their place. */
  output: (JsonObject | null)[];
  message: OpenMessage | null;
  parts: Map<number, Open>;
  usage: Usage | null;
  stop: Stop | null;
  refused: boolean;
}

interface OpenMessage {
  place: number;
  id: string;
  content: JsonObject[];
  /** Texts in it that have not ended. */
  open: number;
  /** Nothing more goes into it: it is done when its texts are. */
  closing: boolean;
}

interface Open {
  head: Part;
  /** The message its text is in. */
  message: OpenMessage | null;
  /** Place and id of the item; -1 as long as nothing has been written. */
  place: number;
  id: string;
  /** Place within the message. */
  content: number;
  written: boolean;
  length: number;
  annotations: number;
}

export const streamEncoder: StreamEncoder<State> = { initial, step, end, fail };

function initial(context: AnswerContext): State {
  return {
    context,
    sequence: 0,
    started: false,
    output: [],
    message: null,
    parts: new Map(),
    usage: null,
    stop: null,
    refused: false,
  };
}

/** One event; `json` are its members beside type and number. */
function write(state: State, type: string, json: string): string {
  return `event: ${type}\ndata: {"type":"${type}","sequence_number":${state.sequence++},${json}}\n\n`;
}

const finished = (state: State): JsonObject[] => state.output.filter((item) => item !== null);

function start(state: State): string {
  if (state.started) return "";
  state.started = true;
  const response = `"response":${JSON.stringify(responseObject(state.context, null, [], null))}`;
  return write(state, "response.created", response) + write(state, "response.in_progress", response);
}

/** A place for a new item. */
function place(state: State, prefix: string): { place: number; id: string } {
  const at = state.output.push(null) - 1;
  return { place: at, id: itemId(state.context, prefix, at) };
}

const added = (state: State, at: number, item: JsonObject): string =>
  write(state, "response.output_item.added", `"output_index":${at},"item":${JSON.stringify(item)}`);

/** An item as it begins; its state is told when it is done. */
const opening = (item: JsonObject): JsonObject => ({
  ...item,
  ...(item.type === "reasoning" ? { encrypted_content: null } : {}),
  status: "in_progress",
});

function done(state: State, at: number, item: JsonObject): string {
  state.output[at] = item;
  return write(state, "response.output_item.done", `"output_index":${at},"item":${JSON.stringify(item)}`);
}

function step(state: State, event: StreamEvent): string {
  switch (event.type) {
    case "answer_start":
      return start(state);
    case "error":
      return "";
    case "keepalive":
      return KEEP_ALIVE;
    case "usage":
      state.usage = event.usage;
      return "";
    case "finish":
      if (event.candidate === 0) state.stop ??= event.stop;
      return "";
    case "part_start":
      return event.candidate === 0 ? start(state) + partStart(state, event.part, event.head) : "";
    default: {
      const open = state.parts.get(event.part);
      return open === undefined ? "" : deliver(state, open, event);
    }
  }
}

type PartEvent = Exclude<Extract<StreamEvent, { part: number }>, { type: "part_start" }>;

function deliver(state: State, open: Open, event: PartEvent): string {
  switch (event.type) {
    case "text_delta": {
      if (event.text === "") return "";
      const begun = openContent(state, open);
      open.length += event.text.length;
      const logprobs = JSON.stringify((event.logprobs ?? []).map(encodeLogprob));
      return (
        begun +
        delta(
          state,
          open,
          "response.output_text.delta",
          event.text,
          `"content_index":${open.content},"logprobs":${logprobs},`,
        )
      );
    }
    case "refusal_delta": {
      const begun = openContent(state, open);
      return begun + delta(state, open, "response.refusal.delta", event.text, `"content_index":${open.content},`);
    }
    case "thinking_delta": {
      const begun = openSummary(state, open);
      return begun + delta(state, open, "response.reasoning_summary_text.delta", event.text, '"summary_index":0,');
    }
    case "arguments_delta":
      open.written = true;
      return delta(state, open, argumentsEvent(open, "delta"), event.text, "");
    case "citation":
      // What stands for the whole text can be told at its end only.
      return event.citation.end === undefined ? "" : annotate(state, open, event.citation);
    case "part_end":
      return partEnd(state, event.part, open, event.final);
  }
}

function annotate(state: State, open: Open, citation: Citation): string {
  const annotation = encodeAnnotation(citation, open.length);
  if (annotation === null) return "";
  const begun = openContent(state, open);
  const json = `"item_id":"${open.id}","output_index":${open.place},"content_index":${open.content},"annotation_index":${open.annotations++},"annotation":${JSON.stringify(annotation)}`;
  return begun + write(state, "response.output_text.annotation.added", json);
}

const delta = (state: State, { id, place: at }: Open, type: string, text: string, more: string): string =>
  write(state, type, `"item_id":"${id}","output_index":${at},${more}"delta":${JSON.stringify(text)}`);

const argumentsEvent = ({ head }: Open, what: "delta" | "done"): string =>
  head.type === "tool_call" && head.kind === "custom"
    ? `response.custom_tool_call_input.${what}`
    : `response.function_call_arguments.${what}`;

function partStart(state: State, part: number, head: Part): string {
  const open: Open = { head, message: null, place: -1, id: "", content: 0, written: false, length: 0, annotations: 0 };
  state.parts.set(part, open);
  if (head.type !== "thinking" && head.type !== "tool_call") return "";
  let text = closeMessage(state);
  if (head.type === "thinking") {
    if (head.state?.where === "redacted") return text;
    Object.assign(open, place(state, "rs"));
    return text + added(state, open.place, opening(thoughtItem(open.id, head)));
  }
  if (head.state !== undefined) {
    const carrier = place(state, "rs");
    const item = stateItem(carrier.id, head.state);
    text += added(state, carrier.place, opening(item)) + done(state, carrier.place, item);
  }
  Object.assign(open, place(state, head.kind === "custom" ? "ctc" : "fc"));
  const item = callItem(open.id, head);
  const empty = head.kind === "custom" ? { input: "" } : { arguments: "" };
  return text + added(state, open.place, opening({ ...item, ...empty }));
}

/** The message that texts go into, and this text's place in it. */
function openContent(state: State, open: Open): string {
  if (open.place >= 0) return "";
  let text = "";
  if (state.message === null) {
    state.message = { ...place(state, "msg"), content: [], open: 0, closing: false };
    const { place: at, id } = state.message;
    text += added(state, at, opening(messageItem(id, [])));
  }
  const { message } = state;
  Object.assign(open, { message, place: message.place, id: message.id, content: message.content.length });
  message.open++;
  const empty =
    open.head.type === "refusal"
      ? { type: "refusal", refusal: "" }
      : { type: "output_text", text: "", annotations: [], logprobs: [] };
  message.content.push(empty);
  const json = `"item_id":"${open.id}","output_index":${open.place},"content_index":${open.content},"part":${JSON.stringify(empty)}`;
  return text + write(state, "response.content_part.added", json);
}

function openSummary(state: State, open: Open): string {
  if (open.written) return "";
  open.written = true;
  const json = `"item_id":"${open.id}","output_index":${open.place},"summary_index":0,"part":{"type":"summary_text","text":""}`;
  return write(state, "response.reasoning_summary_part.added", json);
}

function partEnd(state: State, part: number, open: Open, final: Part): string {
  state.parts.delete(part);
  switch (final.type) {
    case "text": {
      const text = final.text === "" && open.place < 0 ? "" : endContent(state, open, final);
      if (final.state === undefined) return text;
      const carrier = (closed: string) => {
        const { place: at, id } = place(state, "rs");
        const item = stateItem(id, final.state as NonNullable<typeof final.state>);
        return closed + added(state, at, opening(item)) + done(state, at, item);
      };
      return carrier(text + closeMessage(state));
    }
    case "refusal":
      state.refused = true;
      return endContent(state, open, final);
    case "thinking":
      return endThought(state, open, final);
    case "tool_call": {
      const item = callItem(open.id, final);
      const whole = final.kind === "custom" ? final.arguments : final.arguments || "{}";
      // Some vendors tell arguments only at the end.
      const late = open.written ? "" : delta(state, open, argumentsEvent(open, "delta"), whole, "");
      const key = final.kind === "custom" ? "input" : "arguments";
      const json = `"item_id":"${open.id}","output_index":${open.place},"${key}":${JSON.stringify(whole)}`;
      return late + write(state, argumentsEvent(open, "done"), json) + done(state, open.place, item);
    }
    default:
      return wholeItems(state, final);
  }
}

function endContent(state: State, open: Open, final: Part): string {
  const content = contentOf(final, state.context.losses) ?? {};
  let text = openContent(state, open);
  const citations = final.type === "text" ? (final.citations ?? []) : [];
  for (const citation of citations) if (citation.end === undefined) text += annotate(state, open, citation);
  const { message } = open;
  if (message !== null) message.content[open.content] = content;
  const at = `"item_id":"${open.id}","output_index":${open.place},"content_index":${open.content}`;
  text +=
    final.type === "refusal"
      ? write(state, "response.refusal.done", `${at},"refusal":${JSON.stringify(final.text)}`)
      : write(
          state,
          "response.output_text.done",
          `${at},"text":${JSON.stringify(content.text)},"logprobs":${JSON.stringify(content.logprobs)}`,
        );
  text += write(state, "response.content_part.done", `${at},"part":${JSON.stringify(content)}`);
  if (message === null || --message.open > 0 || !message.closing) return text;
  return text + messageDone(state, message);
}

function endThought(state: State, open: Open, final: Extract<Part, { type: "thinking" }>): string {
  if (open.place < 0) return wholeItems(state, final);
  let text = "";
  if (!open.written && final.text !== "") {
    text =
      openSummary(state, open) +
      delta(state, open, "response.reasoning_summary_text.delta", final.text, '"summary_index":0,');
  }
  if (open.written) {
    const at = `"item_id":"${open.id}","output_index":${open.place},"summary_index":0`;
    const quoted = JSON.stringify(final.text);
    text +=
      write(state, "response.reasoning_summary_text.done", `${at},"text":${quoted}`) +
      write(state, "response.reasoning_summary_part.done", `${at},"part":{"type":"summary_text","text":${quoted}}`);
  }
  return text + done(state, open.place, thoughtItem(open.id, final));
}

/** Parts that come whole: an item added and done at once. */
function wholeItems(state: State, final: Part): string {
  const items = itemsOf(final, (prefix) => prefix, state.context.losses);
  let text = items.length === 0 ? "" : closeMessage(state);
  for (const item of items) {
    const { place: at, id } = place(state, String(item.id));
    const whole = { ...item, id };
    text += added(state, at, opening(whole)) + done(state, at, whole);
  }
  return text;
}

function closeMessage(state: State): string {
  const { message } = state;
  if (message === null) return "";
  state.message = null;
  message.closing = true;
  return message.open > 0 ? "" : messageDone(state, message);
}

const messageDone = (state: State, { place: at, id, content }: OpenMessage): string =>
  done(state, at, messageItem(id, content));

function end(state: State): string {
  const stop = state.stop ?? { reason: "other" as const };
  const refusal = state.refused ? null : refusalWithout([], stop);
  let text = start(state);
  if (refusal !== null) {
    const open: Open = {
      head: { type: "refusal", text: "" },
      message: null,
      place: -1,
      id: "",
      content: 0,
      written: false,
      length: 0,
      annotations: 0,
    };
    text += deliver(state, open, { type: "refusal_delta", part: -1, text: refusal });
    text += endContent(state, open, { type: "refusal", text: refusal });
  }
  text += closeMessage(state);
  const response = responseObject(state.context, stop, finished(state), state.usage);
  return text + write(state, `response.${String(response.status)}`, `"response":${JSON.stringify(response)}`);
}

/** The enumeration of a Response's error codes has little to choose from. */
const CODES: Record<string, string> = {
  rate_limit_exceeded: "rate_limit_exceeded",
  upstream_invalid_request: "invalid_prompt",
};

function fail(state: State, error: GatewayError): string {
  const begun = start(state);
  const response = {
    ...responseObject(state.context, { reason: "error" }, finished(state), state.usage),
    error: { code: CODES[error.code] ?? "server_error", message: error.message },
  };
  return begun + write(state, "response.failed", `"response":${JSON.stringify(response)}`);
}
