import type { Part } from "../../canonical/message.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import type { Usage } from "../../canonical/usage.ts";
import type { GatewayError } from "../../errors.ts";
import { type JsonObject, objectAt } from "../../lib/json.ts";
import type { AnswerContext, StreamEncoder } from "../dialect.ts";
import { encodeLogprob } from "../openai-logprobs.ts";
import { billedTier } from "../openai-settings.ts";
import {
  answerId,
  encodeAnnotations,
  encodeAudio,
  encodeImage,
  finishReason,
  refusalOf,
  signatureOf,
  speaksFunctions,
} from "./encode-answer.ts";
import { encodeStreamError } from "./error.ts";
import { detailOf, detailOfState } from "./reasoning.ts";
import { KEEP_ALIVE } from "./stream.ts";
import { encodeUsage } from "./usage.ts";

/** Writes Chat's stream: what the official helper needs (a role, indices from 0, a finish for each choice) is always sent. */
interface State {
  context: AnswerContext;
  /** What every chunk begins with, up to the choice's index. */
  head: string;
  /** What every chunk ends with, after the choices. */
  tail: string;
  includeUsage: boolean;
  functions: boolean;
  usage: Usage | null;
  candidates: Map<number, Candidate>;
  parts: Map<number, OpenPart>;
}

interface Candidate {
  index: number;
  calls: number;
  details: number;
  images: number;
  /** Length of the content so far: annotations count from its beginning. */
  content: number;
  /** Not yet written: helpers keep one delta's annotations only, so they go together. */
  annotations: JsonObject[];
  parts: Part[];
  finished: boolean;
}

interface OpenPart {
  candidate: Candidate;
  /** Place among the choice's calls; -1 for a part that is no call. */
  call: number;
  custom: boolean;
  written: boolean;
  /** Where its text begins in the content. */
  offset: number;
}

const fail = (_: State, error: GatewayError): string => encodeStreamError(error);

export const streamEncoder: StreamEncoder<State> = { initial, step, end, fail };

function initial(context: AnswerContext): State {
  const includeUsage = objectAt(context.body, "stream_options")?.include_usage === true;
  const shared = {
    id: answerId(context),
    object: "chat.completion.chunk",
    created: context.createdAt,
    model: context.model,
  };
  return {
    context,
    head: `data: ${JSON.stringify(shared).slice(0, -1)},"choices":[{"index":`,
    tail: includeUsage ? ',"usage":null}\n\n' : "}\n\n",
    includeUsage,
    functions: speaksFunctions(context),
    usage: null,
    candidates: new Map(),
    parts: new Map(),
  };
}

/** A chunk with one delta, given as JSON text. */
const chunk = (state: State, candidate: Candidate, delta: string): string =>
  `${state.head}${candidate.index},"delta":${delta},"finish_reason":null}]${state.tail}`;

/** The candidate, and the chunk that gives it its role when it is new. */
function candidateAt(state: State, index: number): { candidate: Candidate; opening: string } {
  const known = state.candidates.get(index);
  if (known !== undefined) return { candidate: known, opening: "" };
  const candidate: Candidate = {
    index,
    calls: 0,
    details: 0,
    images: 0,
    content: 0,
    annotations: [],
    parts: [],
    finished: false,
  };
  state.candidates.set(index, candidate);
  return { candidate, opening: chunk(state, candidate, '{"role":"assistant","content":""}') };
}

function step(state: State, event: StreamEvent): string {
  switch (event.type) {
    case "answer_start":
      return "";
    case "text_delta": {
      const open = state.parts.get(event.part);
      if (open === undefined) return "";
      open.candidate.content += event.text.length;
      const delta = `{"content":${JSON.stringify(event.text)}}`;
      if (event.logprobs === undefined) return chunk(state, open.candidate, delta);
      const logprobs = JSON.stringify({ content: event.logprobs.map(encodeLogprob), refusal: null });
      return `${state.head}${open.candidate.index},"delta":${delta},"logprobs":${logprobs},"finish_reason":null}]${state.tail}`;
    }
    case "thinking_delta": {
      const open = state.parts.get(event.part);
      const text = JSON.stringify(event.text);
      return open === undefined
        ? ""
        : chunk(state, open.candidate, `{"reasoning_content":${text},"reasoning":${text}}`);
    }
    case "refusal_delta": {
      const open = state.parts.get(event.part);
      return open === undefined ? "" : chunk(state, open.candidate, `{"refusal":${JSON.stringify(event.text)}}`);
    }
    case "arguments_delta":
      return argumentsDelta(state, state.parts.get(event.part), event.text);
    case "citation":
      // Told with the text's end, when it is known how far one reaches that stands for all of it.
      return "";
    case "part_start":
      return partStart(state, event.part, event.candidate, event.head);
    case "part_end":
      return partEnd(state, event.part, event.final);
    case "usage":
      state.usage = event.usage;
      return "";
    case "finish": {
      const { candidate, opening } = candidateAt(state, event.candidate);
      if (candidate.finished) return "";
      candidate.finished = true;
      const cited = annotations(state, candidate);
      const said = candidate.parts.some((part) => part.type === "refusal");
      const refusal = said ? null : refusalOf(candidate.parts, event.stop);
      const told = refusal === null ? "" : chunk(state, candidate, JSON.stringify({ refusal }));
      const reason = finishReason(event.stop, state.context);
      return `${opening}${cited}${told}${state.head}${candidate.index},"delta":{},"finish_reason":"${reason}"}]${state.tail}`;
    }
    case "keepalive":
      return KEEP_ALIVE;
    case "error":
      return "";
  }
}

/** What the texts so far rest on, in one chunk. */
function annotations(state: State, candidate: Candidate): string {
  const waiting = candidate.annotations.splice(0);
  return waiting.length === 0 ? "" : chunk(state, candidate, JSON.stringify({ annotations: waiting }));
}

function partStart(state: State, part: number, index: number, head: Part): string {
  const { candidate, opening: role } = candidateAt(state, index);
  // Before a call, as readers take them for those of the text they follow.
  const opening = head.type === "tool_call" ? role + annotations(state, candidate) : role;
  const open: OpenPart = { candidate, call: -1, custom: false, written: false, offset: candidate.content };
  state.parts.set(part, open);
  if (head.type !== "tool_call") return opening;
  open.call = candidate.calls++;
  open.custom = head.kind === "custom";
  if (state.functions && open.call > 0) {
    state.context.losses.add("part_dropped", "answer");
    return opening;
  }
  if (state.functions) {
    return opening + chunk(state, candidate, JSON.stringify({ function_call: { name: head.name, arguments: "" } }));
  }
  const called = open.custom
    ? { type: "custom", custom: { name: head.name, input: "" } }
    : { type: "function", function: { name: head.name, arguments: "" } };
  const call = { index: open.call, id: head.id, ...called, ...signatureOf(head) };
  return opening + chunk(state, candidate, JSON.stringify({ tool_calls: [call] }));
}

function argumentsDelta(state: State, open: OpenPart | undefined, text: string): string {
  if (open === undefined) return "";
  open.written = true;
  const quoted = JSON.stringify(text);
  if (state.functions) {
    return open.call === 0 ? chunk(state, open.candidate, `{"function_call":{"arguments":${quoted}}}`) : "";
  }
  const inner = open.custom ? `"custom":{"input":${quoted}}` : `"function":{"arguments":${quoted}}`;
  return chunk(state, open.candidate, `{"tool_calls":[{"index":${open.call},${inner}}]}`);
}

function partEnd(state: State, part: number, final: Part): string {
  const open = state.parts.get(part);
  if (open === undefined) return "";
  state.parts.delete(part);
  const { candidate } = open;
  candidate.parts.push(final);
  const detail = (entry: JsonObject, more: JsonObject = {}) =>
    chunk(state, candidate, JSON.stringify({ ...more, reasoning_details: [entry] }));
  switch (final.type) {
    case "tool_call": {
      // Some vendors tell arguments only at the end; without any, helpers still want an object.
      const whole = final.kind === "custom" ? final.arguments : final.arguments || "{}";
      const text = open.written ? "" : argumentsDelta(state, open, whole);
      return final.state === undefined
        ? text
        : text + detail(detailOfState(final.state, final.id, candidate.details++));
    }
    case "thinking":
      // An empty text beside it: readers that add up `reasoning_content` must not take the entry's text for more of it.
      return final.state === undefined
        ? ""
        : detail(detailOf(final, candidate.details++), { reasoning_content: "", reasoning: "" });
    case "text":
      candidate.annotations.push(...encodeAnnotations(final, open.offset, state.context.losses));
      return final.state === undefined ? "" : detail(detailOfState(final.state, null, candidate.details++));
    case "image": {
      const image = encodeImage(final, candidate.images++);
      return image === null ? "" : chunk(state, candidate, JSON.stringify({ images: [image] }));
    }
    case "audio": {
      const audio = encodeAudio(final);
      return audio === null ? "" : chunk(state, candidate, JSON.stringify({ audio }));
    }
    case "native":
      state.context.losses.add("part_dropped", "answer");
      return "";
    default:
      return "";
  }
}

function end(state: State): string {
  let text = "";
  // A blocked prompt has no candidate, and the helper wants one that finished.
  if (state.candidates.size === 0) text += step(state, { type: "finish", candidate: 0, stop: { reason: "other" } });
  if (state.includeUsage && state.usage !== null) {
    const shared = state.head.slice(0, -'{"index":'.length);
    const tier = billedTier(state.usage);
    const told = JSON.stringify({
      usage: encodeUsage(state.usage),
      ...(tier === undefined ? {} : { service_tier: tier }),
    });
    text += `${shared}],${told.slice(1)}\n\n`;
  }
  return `${text}data: [DONE]\n\n`;
}
