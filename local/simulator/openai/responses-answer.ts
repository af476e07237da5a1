import type { Directives } from "../directives.ts";
import { type Frame, frame } from "../exchange.ts";
import type { Failure } from "../failure.ts";
import { pieces } from "../planner.ts";
import { type Answer, type Candidate, inputTotal, type Part } from "../question.ts";
import type { IdSource } from "../random.ts";
import { sealFor } from "../seal.ts";
import { given, type JsonObject, objectOf } from "../values.ts";
import { openaiError } from "./errors.ts";
import { REASONING_SEAL } from "./responses-request.ts";

/** The usage object: input includes what was cached, output the reasoning. */
export function responsesUsage(answer: Answer): JsonObject {
  const { tokens } = answer;
  const input = inputTotal(tokens);
  return {
    input_tokens: input,
    input_tokens_details: { cache_write_tokens: tokens.cacheWrite, cached_tokens: tokens.cacheRead },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: tokens.reasoning },
    total_tokens: input + tokens.output,
  };
}

/** The response object without its outcome: the request's settings, echoed with the vendor's defaults. */
export function responseEcho(id: string, created: number, model: string, body: JsonObject): JsonObject {
  const reasoning = objectOf(body.reasoning);
  const text = objectOf(body.text);
  return {
    id,
    object: "response",
    created_at: created,
    status: "in_progress",
    background: false,
    completed_at: null,
    error: null,
    frequency_penalty: 0,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model,
    moderation: null,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    presence_penalty: 0,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    prompt_cache_retention: body.prompt_cache_retention ?? "in_memory",
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: "default",
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: text.format ?? { type: "text" }, verbosity: text.verbosity ?? "medium" },
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? "disabled",
    usage: null,
    user: body.user ?? null,
    metadata: given(body.metadata) ? body.metadata : {},
  };
}

/** An output item, whole; its id and, for a call, its call id are made here. */
function outputItem(part: Part, summary: boolean, ids: IdSource, issuer: string): JsonObject {
  switch (part.kind) {
    case "thinking":
      return {
        id: `rs_${ids.hex(48)}`,
        type: "reasoning",
        encrypted_content: sealFor(issuer, part.text, ids.hex(16)),
        summary: summary && !part.redacted ? [{ type: "summary_text", text: part.text }] : [],
      };
    case "tool":
      return part.freeform
        ? {
            id: `ctc_${ids.hex(48)}`,
            type: "custom_tool_call",
            status: "completed",
            call_id: `call_${ids.word(24)}`,
            input: part.argumentsText,
            name: part.name,
          }
        : {
            id: `fc_${ids.hex(48)}`,
            type: "function_call",
            status: "completed",
            arguments: part.argumentsText,
            call_id: `call_${ids.word(24)}`,
            name: part.name,
          };
    default: {
      const content =
        part.kind === "refusal"
          ? { type: "refusal", refusal: part.text }
          : { type: "output_text", annotations: [], logprobs: [], text: part.text };
      return { id: `msg_${ids.hex(48)}`, type: "message", status: "completed", content: [content], role: "assistant" };
    }
  }
}

/** The items of an answer, its reasoning sealed by `issuer`; one that was cut off is `incomplete`. */
export function outputItems(
  candidate: Candidate,
  summary: boolean,
  ids: IdSource,
  issuer = REASONING_SEAL,
): JsonObject[] {
  const items = candidate.parts.map((part) => outputItem(part, summary, ids, issuer));
  const last = items.at(-1);
  if (last !== undefined && candidate.stop === "length" && "status" in last) last.status = "incomplete";
  return items;
}

/** The response object at its end. */
export function finishedResponse(
  echo: JsonObject,
  candidate: Candidate,
  items: JsonObject[],
  usage: JsonObject | null,
  completedAt: number,
): JsonObject {
  const reason =
    candidate.stop === "length" ? "max_output_tokens" : candidate.stop === "filter" ? "content_filter" : null;
  return {
    ...echo,
    status: reason === null ? "completed" : "incomplete",
    completed_at: reason === null ? completedAt : null,
    incomplete_details: reason === null ? null : { reason },
    output: items,
    usage,
  };
}

/** Counts the events of one stream and writes them. */
export class EventWriter {
  readonly #named: boolean;
  #sequence = 0;

  /** `named`: an `event:` line before the data, as OpenAI sends it and OpenRouter does not. */
  constructor(named: boolean) {
    this.#named = named;
  }

  write(type: string, fields: JsonObject, carried = ""): Frame {
    const data = JSON.stringify({ type, ...fields, sequence_number: this.#sequence });
    this.#sequence += 1;
    return frame(`${this.#named ? `event: ${type}\n` : ""}data: ${data}\n\n`, carried);
  }
}

function* reasoningFrames(
  writer: EventWriter,
  item: JsonObject,
  part: Part & { kind: "thinking" },
  index: number,
  directives: Directives,
): Generator<Frame> {
  const { encrypted_content: sealed, ...bare } = item;
  yield writer.write("response.output_item.added", {
    item: { ...bare, encrypted_content: sealed, summary: [] },
    output_index: index,
  });
  if (Array.isArray(item.summary) && item.summary.length > 0) {
    const place = { item_id: item.id, output_index: index, summary_index: 0 };
    yield writer.write("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } });
    for (const piece of pieces(part.text, directives.chunks))
      yield writer.write("response.reasoning_summary_text.delta", { ...place, delta: piece }, piece);
    yield writer.write("response.reasoning_summary_text.done", { ...place, text: part.text });
    yield writer.write("response.reasoning_summary_part.done", {
      ...place,
      part: { type: "summary_text", text: part.text },
    });
  }
  yield writer.write("response.output_item.done", { item, output_index: index });
}

function* callFrames(
  writer: EventWriter,
  item: JsonObject,
  part: Part & { kind: "tool" },
  index: number,
  directives: Directives,
): Generator<Frame> {
  const field = part.freeform ? "input" : "arguments";
  const name = part.freeform ? "response.custom_tool_call_input" : "response.function_call_arguments";
  const place = { item_id: item.id, output_index: index };
  yield writer.write("response.output_item.added", {
    item: { ...item, status: "in_progress", [field]: "" },
    output_index: index,
  });
  for (const piece of pieces(part.argumentsText, directives.chunks))
    yield writer.write(`${name}.delta`, { ...place, delta: piece }, piece);
  yield writer.write(`${name}.done`, { ...place, [field]: part.argumentsText });
  yield writer.write("response.output_item.done", { item, output_index: index });
}

function* messageFrames(
  writer: EventWriter,
  item: JsonObject,
  part: Part & { kind: "text" | "refusal" },
  index: number,
  directives: Directives,
  obfuscation: string | null,
): Generator<Frame> {
  const place = { content_index: 0, item_id: item.id, output_index: index };
  const refuses = part.kind === "refusal";
  const name = refuses ? "response.refusal" : "response.output_text";
  const content = (text: string): JsonObject =>
    refuses ? { type: "refusal", refusal: text } : { type: "output_text", annotations: [], logprobs: [], text };
  yield writer.write("response.output_item.added", {
    item: { ...item, status: "in_progress", content: [] },
    output_index: index,
  });
  yield writer.write("response.content_part.added", { ...place, part: content("") });
  let count = 0;
  for (const piece of pieces(part.text, directives.chunks)) {
    count += 1;
    const padding = obfuscation === null ? {} : { obfuscation: obfuscation.slice((count * 7) % 13) };
    yield writer.write(
      `${name}.delta`,
      { ...place, delta: piece, ...(!refuses && { logprobs: [] }), ...padding },
      piece,
    );
  }
  yield writer.write(
    `${name}.done`,
    refuses ? { ...place, refusal: part.text } : { ...place, logprobs: [], text: part.text },
  );
  yield writer.write("response.content_part.done", { ...place, part: content(part.text) });
  yield writer.write("response.output_item.done", { item, output_index: index });
}

/** The answer as a stream: the whole life of every item, then the finished response. */
export function* streamResponses(
  writer: EventWriter,
  echo: JsonObject,
  candidate: Candidate,
  items: JsonObject[],
  finished: JsonObject,
  directives: Directives,
  obfuscation: string | null,
): Generator<Frame> {
  yield writer.write("response.created", { response: echo });
  yield writer.write("response.in_progress", { response: echo });
  for (const [index, part] of candidate.parts.entries()) {
    const item = items[index] ?? {};
    if (part.kind === "thinking") yield* reasoningFrames(writer, item, part, index, directives);
    else if (part.kind === "tool") yield* callFrames(writer, item, part, index, directives);
    else yield* messageFrames(writer, item, part, index, directives, obfuscation);
  }
  yield writer.write(finished.status === "completed" ? "response.completed" : "response.incomplete", {
    response: finished,
  });
}

/** How Responses fails in the middle of a stream. */
export function failedResponse(writer: EventWriter, echo: JsonObject, failure: Failure): string {
  const { message } = openaiError(failure);
  const code = failure.status === 429 ? "rate_limit_exceeded" : "server_error";
  return writer.write("response.failed", { response: { ...echo, status: "failed", error: { code, message } } }).text;
}
