import type { Stop } from "../../canonical/answer.ts";
import type { Part, TextPart, TokenLogprob } from "../../canonical/message.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import type { Usage } from "../../canonical/usage.ts";
import type { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { AnswerContext, StreamEncoder } from "../dialect.ts";
import { encodeGrounding } from "./citations.ts";
import { encodeLogprobs, envelope, loseSources, PartWriter, showsThoughts, streamedText } from "./encode-answer.ts";
import { errorBody } from "./error.ts";
import { encodeStopReason } from "./stop-reason.ts";
import { encodeUsage } from "./usage.ts";

/** Writes Gemini's stream: calls whole, texts as they come, the finish with the final figures in the last chunk. */
interface State {
  context: AnswerContext;
  /** What every chunk ends with. */
  tail: string;
  chunks: number;
  usage: Usage | null;
  candidates: Map<number, Candidate>;
  parts: Map<number, { candidate: Candidate; written: boolean }>;
}

interface Candidate {
  index: number;
  writer: PartWriter;
  texts: TextPart[];
  stop: Stop | null;
}

export const streamEncoder: StreamEncoder<State> = { initial, step, end, fail };

function initial(context: AnswerContext): State {
  return {
    context,
    tail: `,${JSON.stringify(envelope(context)).slice(1)}`,
    chunks: 0,
    usage: null,
    candidates: new Map(),
    parts: new Map(),
  };
}

const candidateAt = (state: State, index: number): Candidate => {
  const known = state.candidates.get(index);
  if (known !== undefined) return known;
  const writer = new PartWriter(state.context.losses, showsThoughts(state.context));
  const made: Candidate = { index, writer, texts: [], stop: null };
  state.candidates.set(index, made);
  return made;
};

/** One response, as an event or as an element of the array. */
function frame(state: State, json: string): string {
  const first = state.chunks++ === 0;
  if (state.context.framing === "sse") return `data: ${json}\r\n\r\n`;
  return `${first ? "[" : ",\r\n"}${json}`;
}

/** A chunk with new parts of one candidate. */
function chunk(state: State, candidate: Candidate, parts: string, logprobs?: TokenLogprob[]): string {
  const odds = logprobs === undefined ? "" : `,"logprobsResult":${JSON.stringify(encodeLogprobs(logprobs))}`;
  return frame(
    state,
    `{"candidates":[{"content":{"parts":${parts},"role":"model"},"index":${candidate.index}${odds}}]${state.tail}`,
  );
}

function step(state: State, event: StreamEvent): string {
  switch (event.type) {
    case "part_start": {
      const candidate = candidateAt(state, event.candidate);
      state.parts.set(event.part, { candidate, written: false });
      const earlier = event.head.type === "thinking" ? candidate.writer.rest() : [];
      return earlier.length === 0 ? "" : chunk(state, candidate, JSON.stringify(earlier));
    }
    case "text_delta":
    case "refusal_delta": {
      const open = state.parts.get(event.part);
      if (open === undefined) return "";
      const logprobs = event.type === "text_delta" ? event.logprobs : undefined;
      open.written = true;
      if (event.text === "" && logprobs === undefined) return "";
      return chunk(state, open.candidate, `[{"text":${JSON.stringify(event.text)}}]`, logprobs);
    }
    case "thinking_delta": {
      const open = state.parts.get(event.part);
      if (open === undefined || !open.candidate.writer.showsThoughts) return "";
      return chunk(state, open.candidate, `[{"text":${JSON.stringify(event.text)},"thought":true}]`);
    }
    case "part_end":
      return partEnd(state, event.part, event.final);
    case "usage":
      state.usage = event.usage;
      return "";
    case "finish":
      candidateAt(state, event.candidate).stop ??= event.stop;
      return "";
    default:
      // Nothing for a keepalive either: Google sends none, and its SDKs up to 1.x read nothing after a comment.
      return "";
  }
}

function partEnd(state: State, part: number, final: Part): string {
  const open = state.parts.get(part);
  state.parts.delete(part);
  if (open === undefined) return "";
  const { candidate, written } = open;
  if (final.type === "text") {
    candidate.texts.push(final);
    const late = candidate.writer.text(written ? "" : final.text, final.state);
    return late.length === 0 ? "" : chunk(state, candidate, JSON.stringify(late));
  }
  if (final.type === "refusal" && written) return "";
  if (final.type === "thinking") {
    if (final.state !== undefined) candidate.writer.keep(final.state);
    return "";
  }
  const parts = candidate.writer.write(final);
  return parts.length === 0 ? "" : chunk(state, candidate, JSON.stringify(parts));
}

/** The last chunk of each candidate has its finish; the very last one the figures. */
function end(state: State): string {
  const candidates = state.candidates.size === 0 ? [candidateAt(state, 0)] : [...state.candidates.values()];
  let text = "";
  for (const candidate of candidates) {
    const { stop, writer, texts } = candidate;
    const grounding = encodeGrounding([streamedText(texts)]);
    loseSources(texts, state.context.losses);
    const rest = writer.rest();
    const last: JsonObject = {
      content: { parts: rest.length === 0 ? [{ text: "" }] : rest, role: "model" },
      finishReason: encodeStopReason(stop?.reason ?? "other", state.context.losses),
      ...(stop?.explanation === undefined ? {} : { finishMessage: stop.explanation }),
      index: candidate.index,
      ...(grounding === null ? {} : { groundingMetadata: grounding }),
    };
    const figures = state.usage === null ? "" : `,"usageMetadata":${JSON.stringify(encodeUsage(state.usage))}`;
    text += frame(state, `{"candidates":[${JSON.stringify(last)}]${figures}${state.tail}`);
  }
  return state.context.framing === "sse" ? text : `${text}]`;
}

function fail(state: State, error: GatewayError): string {
  const text = frame(state, JSON.stringify(errorBody(error, state.context.id)));
  return state.context.framing === "sse" ? text : `${text}]`;
}
