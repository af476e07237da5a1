import type { Stop } from "../../canonical/answer.ts";
import { ENVELOPE_MARK_BASE64 } from "../../canonical/envelope.ts";
import type { Part, TextPart, ThinkingPart, TokenLogprob, ToolCallPart } from "../../canonical/message.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import type { Usage } from "../../canonical/usage.ts";
import { arrayAt, isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import type { StreamDecoder } from "../dialect.ts";
import { EVENT_NOT_JSON } from "../failure.ts";
import { computedStop } from "../stop.ts";
import { decodeGrounding, namesSources, uncited } from "./citations.ts";
import {
  blockedStop,
  callId,
  decodeLogprobs,
  decodePart,
  decodeParts,
  decodeStop,
  malformed,
} from "./decode-answer.ts";
import { decodeInner } from "./failure.ts";
import { applyPartialArguments } from "./partial-arguments.ts";
import { usageOf } from "./usage.ts";

/**
 * Gemini's stream: every chunk is a whole GenerateContentResponse with new parts and running totals; there is no other
 * terminal than a `finishReason`. Calls come whole (Vertex may stream their arguments by JSON path).
 */
interface State {
  started: boolean;
  failed: boolean;
  id: string | null;
  model: string | null;
  parts: number;
  usage: Usage | null;
  candidates: Map<number, Candidate>;
}

interface Candidate {
  index: number;
  open: { part: number; final: TextPart | ThinkingPart } | null;
  /** Calls behind an open text, which may still be told what it rests on: with the reason to finish, as a rule. */
  waiting: Part[];
  /** A call whose arguments come in pieces. */
  streamed: { part: number; final: ToolCallPart; args: JsonObject } | null;
  /** All of its text, for citations that come at the end. */
  text: string;
  /** Sources were told, and what rests on them. */
  sources: boolean;
  cited: boolean;
  produced: boolean;
  calls: number;
  /** Why it ended; told at the stream's end, since parts may still follow the reason. */
  stop: Stop | null;
}

export const streamDecoder: StreamDecoder<State> = {
  initial: () => ({
    started: false,
    failed: false,
    id: null,
    model: null,
    parts: 0,
    usage: null,
    candidates: new Map(),
  }),
  step,
  end,
};

const candidateAt = (state: State, index: number): Candidate => {
  const known = state.candidates.get(index);
  if (known !== undefined) return known;
  const made: Candidate = {
    index,
    open: null,
    waiting: [],
    streamed: null,
    text: "",
    sources: false,
    cited: false,
    produced: false,
    calls: 0,
    stop: null,
  };
  state.candidates.set(index, made);
  return made;
};

function step(state: State, { data }: SseEvent): StreamEvent[] {
  if (state.failed) return [];
  const chunk = parseJson(data);
  if (!isObject(chunk)) {
    state.failed = true;
    return [EVENT_NOT_JSON];
  }
  if (chunk.error !== undefined && chunk.error !== null) return fail(state, chunk);
  const out: StreamEvent[] = [];
  state.id ??= stringAt(chunk, "responseId") || null;
  state.model ??= stringAt(chunk, "modelVersion") || null;
  if (!state.started) {
    state.started = true;
    out.push({ type: "answer_start", id: state.id, model: state.model });
  }
  const usage = usageOf(chunk, state.usage);
  if (usage !== null) {
    // At once: some clients show the prompt's size first, and after a cut the running totals are all that was told.
    if (usage.output.total !== state.usage?.output.total) out.push({ type: "usage", usage });
    state.usage = usage;
  }
  for (const [position, candidate] of arrayAt(chunk, "candidates").entries()) {
    if (isObject(candidate)) readCandidate(state, candidate, position, out);
    if (state.failed) return out;
  }
  const blocked = blockedStop(chunk);
  if (blocked !== null && state.candidates.size === 0) {
    candidateAt(state, 0).stop = blocked;
  }
  return out;
}

function fail(state: State, body: unknown): StreamEvent[] {
  state.failed = true;
  return [{ type: "error", failure: decodeInner(body) }];
}

function readCandidate(state: State, raw: JsonObject, position: number, out: StreamEvent[]): void {
  const candidate = candidateAt(state, typeof raw.index === "number" ? raw.index : position);
  const logprobs = decodeLogprobs(raw.logprobsResult);
  const parts = arrayAt(objectAt(raw, "content"), "parts").filter(isObject);
  for (const part of parts) if (!isCarrier(part)) readPart(state, candidate, part, out);
  if (logprobs !== undefined) readLogprobs(candidate, logprobs, out);
  readGrounding(state, candidate, raw, out);
  // Thoughts' state that another gateway had no call for; what the text rests on belongs before it.
  for (const part of parts) if (isCarrier(part)) readPart(state, candidate, part, out);
  if (raw.finishReason === undefined || raw.finishReason === null) return;
  candidate.stop = decodeStop(raw, candidate.calls > 0);
  release(state, candidate, out);
}

/** They belong to the text of their chunk. */
function readLogprobs({ open }: Candidate, logprobs: TokenLogprob[], out: StreamEvent[]): void {
  if (open?.final.type !== "text") return;
  open.final.logprobs = [...(open.final.logprobs ?? []), ...logprobs];
  const last = out.at(-1);
  if (last?.type === "text_delta" && last.part === open.part) last.logprobs = logprobs;
  else out.push({ type: "text_delta", part: open.part, text: "", logprobs });
}

const isCarrier = (part: JsonObject): boolean =>
  part.text === "" && (stringAt(part, "thoughtSignature") ?? "").startsWith(ENVELOPE_MARK_BASE64);

function readPart(state: State, candidate: Candidate, raw: JsonObject, out: StreamEvent[]): void {
  const call = objectAt(raw, "functionCall");
  if (
    call !== undefined &&
    (candidate.streamed !== null || call.partialArgs !== undefined || call.willContinue !== undefined)
  ) {
    readStreamedCall(state, candidate, raw, call, out);
    return;
  }
  const id = callId(state.id, candidate.index, candidate.calls);
  candidate.produced = true;
  for (const part of decodeParts(raw, state.model, id)) placePart(state, candidate, part, out);
}

function placePart(state: State, candidate: Candidate, part: Part, out: StreamEvent[]): void {
  // The last chunk has a text of nothing, as a rule.
  if (part.type === "text" && part.text === "" && part.state === undefined) return;
  if (part.type === "tool_call") candidate.calls++;
  // A thought of nothing but state is what the call behind it carries.
  const belongsToCall = part.type === "tool_call" || (part.type === "thinking" && part.text === "");
  if (belongsToCall && candidate.open?.final.type === "text") {
    candidate.waiting.push(part);
    return;
  }
  release(state, candidate, out);
  if (part.type === "text") candidate.text += part.text;
  if (part.type === "text" || part.type === "thinking") write(state, candidate, part, out);
  else whole(state, candidate, part, out);
}

function release(state: State, candidate: Candidate, out: StreamEvent[]): void {
  for (const part of candidate.waiting.splice(0)) whole(state, candidate, part, out);
}

/** Text and thoughts go on in the part that is open; a signature ends it. */
function write(state: State, candidate: Candidate, piece: TextPart | ThinkingPart, out: StreamEvent[]): void {
  if (candidate.open?.final.type !== piece.type) {
    closeOpen(candidate, out);
    const part = state.parts++;
    candidate.open = { part, final: { type: piece.type, text: "" } as TextPart | ThinkingPart };
    out.push({ type: "part_start", part, candidate: candidate.index, head: { type: piece.type, text: "" } });
  }
  const { open } = candidate;
  if (open === null) return;
  if (piece.text !== "") {
    open.final.text += piece.text;
    const type = piece.type === "text" ? "text_delta" : "thinking_delta";
    out.push({ type, part: open.part, text: piece.text });
  }
  if (piece.state !== undefined) {
    open.final.state = piece.state;
    // A signed text may still be followed by what it rests on; a signed thought is done.
    if (piece.type === "thinking") closeOpen(candidate, out);
  }
}

function whole(state: State, candidate: Candidate, final: Part, out: StreamEvent[]): void {
  closeOpen(candidate, out);
  const part = state.parts++;
  const head: Part = final.type === "tool_call" ? { ...final, arguments: "" } : final;
  out.push({ type: "part_start", part, candidate: candidate.index, head });
  if (final.type === "tool_call") out.push({ type: "arguments_delta", part, text: final.arguments });
  out.push({ type: "part_end", part, final });
}

function closeOpen(candidate: Candidate, out: StreamEvent[]): void {
  const { open } = candidate;
  candidate.open = null;
  if (open !== null) out.push({ type: "part_end", part: open.part, final: open.final });
}

/** A call in pieces: a name, arguments by path, and a last piece that does not continue. */
function readStreamedCall(
  state: State,
  candidate: Candidate,
  raw: JsonObject,
  call: JsonObject,
  out: StreamEvent[],
): void {
  const name = stringAt(call, "name");
  if (candidate.streamed === null || name) {
    release(state, candidate, out);
    closeStreamed(candidate, out);
    closeOpen(candidate, out);
    const final = decodePart(raw, state.model, callId(state.id, candidate.index, candidate.calls)) as ToolCallPart;
    candidate.calls++;
    candidate.produced = true;
    candidate.streamed = { part: state.parts++, final, args: {} };
    const head: Part = { ...final, arguments: "" };
    out.push({ type: "part_start", part: candidate.streamed.part, candidate: candidate.index, head });
  }
  const { args } = candidate.streamed;
  applyPartialArguments(args, arrayAt(call, "partialArgs"));
  if (isObject(call.args)) Object.assign(args, call.args);
  if (call.willContinue !== true) closeStreamed(candidate, out);
}

function closeStreamed(candidate: Candidate, out: StreamEvent[]): void {
  const { streamed } = candidate;
  candidate.streamed = null;
  if (streamed === null) return;
  streamed.final.arguments = JSON.stringify(streamed.args);
  out.push({ type: "arguments_delta", part: streamed.part, text: streamed.final.arguments });
  out.push({ type: "part_end", part: streamed.part, final: streamed.final });
}

/** Grounding comes late and counts over the whole text, of which the open one may be the end only. */
function readGrounding(state: State, candidate: Candidate, raw: JsonObject, out: StreamEvent[]): void {
  const { open } = candidate;
  candidate.sources ||= namesSources(raw);
  if (raw.groundingMetadata === undefined && raw.citationMetadata === undefined) return;
  const found = decodeGrounding(raw, new Map([[0, candidate.text]]));
  candidate.cited ||= found.length > 0;
  if (open?.final.type !== "text") {
    // No text is left that could still be told what it rests on.
    if (found.length > 0) whole(state, candidate, uncited, out);
    return;
  }
  const before = candidate.text.length - open.final.text.length;
  for (const { citation } of found) {
    const { start = 0, end = 0, ...whole } = citation;
    const placed = start < before ? whole : { ...whole, start: start - before, end: end - before };
    open.final.citations = [...(open.final.citations ?? []), placed];
    out.push({ type: "citation", part: open.part, citation: placed });
  }
}

/** The only terminal is a reason to finish; a stream without one was cut off. */
function end(state: State): StreamEvent[] {
  if (state.failed) return [];
  const candidates = [...state.candidates.values()];
  if (candidates.length === 0 || candidates.some(({ stop }) => stop === null)) {
    state.failed = true;
    return [{ type: "error", failure: { kind: "truncated", message: "", code: null, status: null } }];
  }
  const out: StreamEvent[] = [];
  for (const candidate of candidates) {
    release(state, candidate, out);
    closeOpen(candidate, out);
    closeStreamed(candidate, out);
    if (candidate.sources && !candidate.cited) whole(state, candidate, uncited, out);
  }
  const lost = candidates.find(({ stop, produced }) => stop?.reason === "malformed_tool_call" && !produced);
  if (lost !== undefined) {
    state.failed = true;
    return [...out, { type: "error", failure: malformed(lost.stop ?? undefined) }];
  }
  if (state.usage !== null) out.push({ type: "usage", usage: state.usage });
  for (const { index, stop, calls } of candidates) {
    if (stop === null) continue;
    out.push({ type: "finish", candidate: index, stop: { ...stop, reason: computedStop(stop.reason, calls > 0) } });
  }
  return out;
}
