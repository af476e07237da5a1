import { isEnvelope, openState } from "../../canonical/envelope.ts";
import type { Citation, Part, TextPart, ThinkingPart, ToolCallPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { headOf } from "../../canonical/replay-answer.ts";
import type { StreamEvent } from "../../canonical/stream-event.ts";
import type { Usage } from "../../canonical/usage.ts";
import { arrayAt, isObject, type JsonObject, objectAt, parseJson, stringAt, textOf } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import type { StreamDecoder } from "../dialect.ts";
import { EVENT_NOT_JSON } from "../failure.ts";
import { isWholeJson } from "../partial-json.ts";
import { computedStop } from "../stop.ts";
import {
  argumentsText,
  audioPart,
  customOf,
  decodeAnnotation,
  decodeImage,
  decodeLogprobs,
  errorOf,
  thinkingText,
  uncited,
} from "./decode-answer.ts";
import { decodeInner } from "./failure.ts";
import { sealedIn, signatureOn } from "./reasoning.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage } from "./usage.ts";

/**
 * Chat's stream (OpenAI API reference, "chat.completion.chunk"), with the habits of its followers: usage on any chunk, a
 * finish twice or never, a role on every chunk, calls without index or id, whole arguments in one delta or as an object,
 * content as parts, reasoning under three names, errors beside or instead of choices, no `[DONE]`.
 */
interface State {
  started: boolean;
  failed: boolean;
  /** `[DONE]` came, or a usage that only the end brings. */
  ended: boolean;
  parts: number;
  candidates: Map<number, Candidate>;
  tier: string | undefined;
}

interface Candidate {
  index: number;
  /** The one text, thought or refusal being written. */
  open: { part: number; final: TextPart | ThinkingPart | { type: "refusal"; text: string } } | null;
  /** `reasoning_details` of the thought that is open, pieces put together. */
  details: JsonObject[];
  calls: Call[];
  audio: { data: string; transcript: string; id: string | undefined } | null;
  /** Length of all text so far. */
  content: number;
  /** What no text was open for when it was cited. */
  sources: Citation[];
  hasCalls: boolean;
  refused: boolean;
  finished: boolean;
}

interface Call {
  index: number | undefined;
  part: number;
  final: ToolCallPart;
  open: boolean;
}

const candidateAt = (state: State, index: number): Candidate => {
  const known = state.candidates.get(index);
  if (known !== undefined) return known;
  const made: Candidate = {
    index,
    open: null,
    details: [],
    calls: [],
    audio: null,
    content: 0,
    sources: [],
    hasCalls: false,
    refused: false,
    finished: false,
  };
  state.candidates.set(index, made);
  return made;
};

export const streamDecoder: StreamDecoder<State> = {
  initial: () => ({ started: false, failed: false, ended: false, parts: 0, candidates: new Map(), tier: undefined }),
  step,
  end,
};

function step(state: State, { data, event }: SseEvent): StreamEvent[] {
  if (state.failed) return [];
  if (data === "[DONE]") {
    state.ended = true;
    return [];
  }
  const chunk = parseJson(data);
  if (!isObject(chunk)) {
    state.failed = true;
    return [EVENT_NOT_JSON];
  }
  if (event === "error") return fail(state, chunk.error ?? chunk);
  const out: StreamEvent[] = [];
  start(state, chunk, out);
  state.tier = stringAt(chunk, "service_tier") || state.tier;
  const choices = arrayAt(chunk, "choices");
  for (const choice of choices) if (isObject(choice)) readChoice(state, choice, out);
  const usage = decodeUsage(chunk.usage) ?? usageOfChoices(choices);
  if (usage !== null) {
    if (choices.length === 0) state.ended = true;
    out.push({ type: "usage", usage: state.tier === undefined ? usage : { ...usage, serviceTier: state.tier } });
  }
  const error = errorOf(chunk);
  if (error !== undefined) out.push(...fail(state, error));
  return out;
}

function start(state: State, chunk: JsonObject, out: StreamEvent[]): void {
  if (state.started) return;
  const id = stringAt(chunk, "id") || null;
  // Azure opens with a chunk that names nothing.
  if (id === null && arrayAt(chunk, "choices").length === 0) return;
  state.started = true;
  out.push({ type: "answer_start", id, model: stringAt(chunk, "model") || null });
}

const usageOfChoices = (choices: readonly unknown[]): Usage | null => {
  for (const choice of choices) {
    const usage = isObject(choice) ? decodeUsage(choice.usage) : null;
    if (usage !== null) return usage;
  }
  return null;
};

function fail(state: State, error: unknown): StreamEvent[] {
  state.failed = true;
  return [{ type: "error", failure: decodeInner(error) }];
}

function readChoice(state: State, choice: JsonObject, out: StreamEvent[]): void {
  const candidate = candidateAt(state, typeof choice.index === "number" ? choice.index : 0);
  if (candidate.finished) return;
  const delta = objectAt(choice, "delta");
  if (delta !== undefined) readDelta(state, candidate, delta, choice, out);
  const told = decodeStopReason(choice.finish_reason);
  if (told === null) return;
  const raw = stringAt(choice, "finish_reason");
  if (told === "error") return;
  finish(state, candidate, told, raw, out);
}

function readDelta(
  state: State,
  candidate: Candidate,
  delta: JsonObject,
  choice: JsonObject,
  out: StreamEvent[],
): void {
  readReasoning(state, candidate, delta, out);
  const { content } = delta;
  if (typeof content === "string") {
    if (content !== "") writeText(state, candidate, content, choice, out);
  } else if (Array.isArray(content)) {
    for (const part of content) {
      const type = stringAt(part, "type");
      if (type === "text") writeText(state, candidate, stringAt(part, "text") ?? "", choice, out);
      else if (type === "thinking") writeThought(state, candidate, thinkingText(part), out);
    }
  }
  const refusal = stringAt(delta, "refusal");
  if (refusal) writeRefusal(state, candidate, refusal, out);
  for (const annotation of arrayAt(delta, "annotations")) {
    for (const citation of decodeAnnotation(annotation)) cite(candidate, citation, out);
  }
  for (const image of arrayAt(delta, "images")) {
    for (const part of decodeImage(image)) {
      closeOpen(state, candidate, out);
      wholePart(state, candidate, part, out);
    }
  }
  readAudio(candidate, objectAt(delta, "audio"));
  arrayAt(delta, "tool_calls").forEach((call, position) => {
    if (isObject(call)) readCall(state, candidate, call, position, out);
  });
  const legacy = objectAt(delta, "function_call");
  if (legacy !== undefined && (candidate.calls.length > 0 || stringAt(legacy, "name"))) {
    readCall(state, candidate, { index: 0, id: "call_function_1", function: legacy }, 0, out);
  }
}

/** Annotations count over the whole content, of which the open text may be the end only; some hosts tell them before it. */
function cite({ open, content, sources }: Candidate, citation: Citation, out: StreamEvent[]): void {
  if (open?.final.type !== "text") {
    sources.push(citation);
    return;
  }
  const before = content - open.final.text.length;
  const { start, end, ...whole } = citation;
  const within = start !== undefined && end !== undefined && start >= before;
  const placed = within ? { ...whole, start: start - before, end: end - before } : whole;
  open.final.citations = [...(open.final.citations ?? []), placed];
  out.push({ type: "citation", part: open.part, citation: placed });
}

function readReasoning(state: State, candidate: Candidate, delta: JsonObject, out: StreamEvent[]): void {
  const details = arrayAt(delta, "reasoning_details").filter(isObject);
  const plain = stringAt(delta, "reasoning_content") ?? stringAt(delta, "reasoning");
  const text = plain ?? details.map((detail) => stringAt(detail, "text") ?? stringAt(detail, "summary") ?? "").join("");
  if (text !== "") writeThought(state, candidate, text, out);
  for (const detail of details) {
    const sealed = sealedIn(detail);
    if (isEnvelope(sealed)) placeState(state, candidate, detail, openState(sealed), out);
    else addDetail(candidate.details, detail);
  }
}

/** What another gateway carries: the state of a call, of the text, or of the thought that ends with it. */
function placeState(
  state: State,
  candidate: Candidate,
  detail: JsonObject,
  held: ReasoningState | null,
  out: StreamEvent[],
): void {
  if (held === null) return;
  const { open } = candidate;
  if (held.where === "tool_call") {
    const call = candidate.calls.find(({ final }) => final.id === detail.id);
    if (call?.open === true) call.final.state = held;
  } else if (held.where === "text") {
    if (open?.final.type === "text") open.final.state = held;
    else wholePart(state, candidate, { type: "text", text: "", state: held }, out);
  } else if (open?.final.type === "thinking" && held.where === "thinking") {
    open.final.state = held;
    closeOpen(state, candidate, out);
  } else {
    closeOpen(state, candidate, out);
    wholePart(state, candidate, { type: "thinking", text: "", state: held }, out);
  }
}

/** Pieces of an entry have its index and type (OpenRouter's guide to reasoning): texts are joined, the rest overwritten. */
function addDetail(details: JsonObject[], piece: JsonObject): void {
  const last = details.findLast((detail) => detail.index === piece.index && detail.type === piece.type);
  if (last === undefined || piece.index === undefined) {
    details.push({ ...piece });
    return;
  }
  for (const [key, value] of Object.entries(piece)) {
    if (key === "index" || key === "type" || value === null) continue;
    const joins = (key === "text" || key === "summary" || key === "data") && typeof last[key] === "string";
    last[key] = joins ? `${last[key]}${textOf(value)}` : value;
  }
}

/** The state that the thought's entries are for the host that made them; it wants them back as they were. */
function takeDetails(candidate: Candidate): Pick<ThinkingPart, "state"> {
  const { details } = candidate;
  candidate.details = [];
  const opaque = details.some((detail) => detail.signature !== undefined || detail.data !== undefined);
  if (!opaque) return {};
  return { state: { owner: "openrouter", value: JSON.stringify(details), model: "", where: "thinking" } };
}

function writeThought(state: State, candidate: Candidate, text: string, out: StreamEvent[]): void {
  const open = openPart(state, candidate, "thinking", out);
  open.final.text += text;
  out.push({ type: "thinking_delta", part: open.part, text });
}

function writeText(state: State, candidate: Candidate, text: string, choice: JsonObject, out: StreamEvent[]): void {
  if (text === "") return;
  const open = openPart(state, candidate, "text", out);
  open.final.text += text;
  candidate.content += text.length;
  const logprobs =
    choice.logprobs === undefined || choice.logprobs === null ? undefined : decodeLogprobs(choice.logprobs);
  if (logprobs !== undefined && open.final.type === "text") {
    open.final.logprobs = [...(open.final.logprobs ?? []), ...logprobs];
  }
  out.push({ type: "text_delta", part: open.part, text, ...(logprobs === undefined ? {} : { logprobs }) });
}

function writeRefusal(state: State, candidate: Candidate, text: string, out: StreamEvent[]): void {
  const open = openPart(state, candidate, "refusal", out);
  open.final.text += text;
  candidate.refused = true;
  out.push({ type: "refusal_delta", part: open.part, text });
}

/** The open part of that type; another one is closed first, and so is every call whose arguments are whole. */
function openPart(
  state: State,
  candidate: Candidate,
  type: "text" | "thinking" | "refusal",
  out: StreamEvent[],
): NonNullable<Candidate["open"]> {
  if (candidate.open?.final.type === type) return candidate.open;
  closeOpen(state, candidate, out);
  for (const call of candidate.calls) if (isWholeJson(call.final.arguments)) closeCall(call, out);
  const part = state.parts++;
  candidate.open = { part, final: { type, text: "" } };
  out.push({ type: "part_start", part, candidate: candidate.index, head: { type, text: "" } });
  return candidate.open;
}

function closeOpen(state: State, candidate: Candidate, out: StreamEvent[]): void {
  const { open } = candidate;
  if (open === null) {
    if (candidate.details.length > 0) emitState(state, candidate, out);
    return;
  }
  if (open.final.type === "text") for (const source of candidate.sources.splice(0)) cite(candidate, source, out);
  candidate.open = null;
  const vouched = open.final.type === "thinking" && open.final.state === undefined;
  const final: Part = vouched ? { ...open.final, ...takeDetails(candidate) } : open.final;
  out.push({ type: "part_end", part: open.part, final });
  if (candidate.details.length > 0) emitState(state, candidate, out);
}

/** State that came without a text, or after it. */
function emitState(state: State, candidate: Candidate, out: StreamEvent[]): void {
  const held = takeDetails(candidate);
  if (held.state !== undefined) wholePart(state, candidate, { type: "thinking", text: "", ...held }, out);
}

function wholePart(state: State, candidate: Candidate, final: Part, out: StreamEvent[]): void {
  const part = state.parts++;
  out.push({ type: "part_start", part, candidate: candidate.index, head: headOf(final) });
  out.push({ type: "part_end", part, final });
}

function readAudio(candidate: Candidate, audio: JsonObject | undefined): void {
  if (audio === undefined) return;
  candidate.audio ??= { data: "", transcript: "", id: undefined };
  candidate.audio.id = stringAt(audio, "id") ?? candidate.audio.id;
  candidate.audio.data += stringAt(audio, "data") ?? "";
  candidate.audio.transcript += stringAt(audio, "transcript") ?? "";
}

function readCall(state: State, candidate: Candidate, delta: JsonObject, position: number, out: StreamEvent[]): void {
  const id = stringAt(delta, "id") || undefined;
  const custom = customOf(delta) ?? (objectAt(delta, "function") === undefined ? objectAt(delta, "custom") : undefined);
  const called = custom ?? objectAt(delta, "function");
  const name = stringAt(called, "name");
  const index = Number.isInteger(delta.index) ? (delta.index as number) : undefined;
  const known = findCall(candidate, { index, id, name }, position);
  const held = openState(signatureOn(delta)) ?? undefined;
  const call = known ?? openCall(state, candidate, { index, id, name, custom, held }, out);
  const text = argumentsText(custom === undefined ? called?.arguments : called?.input);
  if (text === "" || !call.open) return;
  call.final.arguments += text;
  out.push({ type: "arguments_delta", part: call.part, text });
}

/**
 * By index; without one by id, else by the place in the list. Some hosts number every call 0: behind whole arguments, a
 * name under another id begins another call.
 */
function findCall(
  { calls }: Candidate,
  { index, id, name }: { index: number | undefined; id: string | undefined; name: string | undefined },
  position: number,
): Call | undefined {
  if (index !== undefined) {
    const last = calls.findLast((call) => call.index === index);
    const begins = id !== undefined && name && last !== undefined && last.final.id !== id;
    return begins && isWholeJson(last.final.arguments) ? undefined : last;
  }
  if (id === undefined) return calls[position] ?? calls.at(-1);
  return calls.find((call) => call.final.id === id);
}

function openCall(
  state: State,
  candidate: Candidate,
  told: {
    index: number | undefined;
    id: string | undefined;
    name: string | undefined;
    custom: JsonObject | undefined;
    held: ReasoningState | undefined;
  },
  out: StreamEvent[],
): Call {
  closeOpen(state, candidate, out);
  for (const call of candidate.calls) if (isWholeJson(call.final.arguments)) closeCall(call, out);
  candidate.hasCalls = true;
  const final: ToolCallPart = {
    type: "tool_call",
    id: told.id ?? `call_${candidate.index}_${candidate.calls.length}`,
    name: told.name ?? "",
    kind: told.custom === undefined ? "function" : "custom",
    arguments: "",
    ...(told.held === undefined ? {} : { state: told.held }),
  };
  const call: Call = { index: told.index, part: state.parts++, final, open: true };
  candidate.calls.push(call);
  out.push({ type: "part_start", part: call.part, candidate: candidate.index, head: { ...final } });
  return call;
}

function closeCall(call: Call, out: StreamEvent[]): void {
  if (!call.open) return;
  call.open = false;
  out.push({ type: "part_end", part: call.part, final: call.final });
}

function finish(
  state: State,
  candidate: Candidate,
  told: ReturnType<typeof decodeStopReason>,
  raw: string | undefined,
  out: StreamEvent[],
): void {
  closeOpen(state, candidate, out);
  for (const call of candidate.calls) closeCall(call, out);
  for (const part of uncited(candidate.sources.splice(0))) wholePart(state, candidate, part, out);
  if (candidate.audio !== null && candidate.audio.data !== "") {
    const { data, transcript, id } = candidate.audio;
    wholePart(state, candidate, audioPart(data, transcript, id), out);
  }
  candidate.finished = true;
  const reason = told === "end_turn" && candidate.refused ? "refusal" : computedStop(told, candidate.hasCalls);
  out.push({ type: "finish", candidate: candidate.index, stop: { reason, ...(raw === undefined ? {} : { raw }) } });
}

/** A stream that told its end in some way is whole; one that broke off in silence is not. */
function end(state: State): StreamEvent[] {
  if (state.failed) return [];
  const unfinished = [...state.candidates.values()].filter((candidate) => !candidate.finished);
  const whole = state.candidates.size > 0 && unfinished.length === 0;
  if (!whole && !state.ended) {
    state.failed = true;
    return [{ type: "error", failure: { kind: "truncated", message: "", code: null, status: null } }];
  }
  const out: StreamEvent[] = [];
  if (state.candidates.size === 0) unfinished.push(candidateAt(state, 0));
  for (const candidate of unfinished) finish(state, candidate, "end_turn", undefined, out);
  return out;
}
