import type { Directives } from "../directives.ts";
import { type Frame, frame } from "../exchange.ts";
import { Failure } from "../failure.ts";
import { pieces } from "../planner.ts";
import type { Candidate, Part } from "../question.ts";
import type { IdSource } from "../random.ts";
import { checkSeal, sealFor } from "../seal.ts";
import { type JsonObject, objectsOf, stringOf } from "../values.ts";

/** OpenRouter's flavour of Chat: reasoning is shown, usage always comes, the finish reason comes twice. */

const FINISH = {
  end: "stop",
  stop_sequence: "stop",
  length: "length",
  tool: "tool_calls",
  refusal: "content_filter",
  filter: "content_filter",
} as const;

/** The comment that keeps a waiting connection alive. */
export const PROCESSING: Frame = frame(": OPENROUTER PROCESSING\n\n");

/** Who serves the model behind OpenRouter, and how that vendor marks its reasoning. */
function servedBy(model: string): { provider: string; format: string; native: Record<string, string> } {
  if (model.startsWith("anthropic/"))
    return {
      provider: "Anthropic",
      format: "anthropic-claude-v1",
      native: { stop: "end_turn", tool_calls: "tool_use", length: "max_tokens" },
    };
  if (model.startsWith("openai/"))
    return {
      provider: "OpenAI",
      format: "openai-responses-v1",
      native: { stop: "completed", tool_calls: "completed" },
    };
  if (model.startsWith("google/"))
    return {
      provider: "Google AI Studio",
      format: "google-gemini-v1",
      native: { stop: "STOP", tool_calls: "STOP", length: "MAX_TOKENS" },
    };
  return { provider: "Simulated", format: "unknown", native: {} };
}

/** What every object of one answer says. */
export interface ChatEnvelope {
  id: string;
  created: number;
  model: string;
}

const SEAL = "openrouter";

/** Refuses reasoning in the history that was not issued here, in the words of a vendor's error passed on. */
export function checkReasoning(messages: unknown): void {
  for (const message of objectsOf(messages))
    for (const detail of objectsOf(message.reasoning_details)) {
      const seal = stringOf(detail.type === "reasoning.encrypted" ? detail.data : detail.signature);
      if (seal !== "" && checkSeal(SEAL, seal, "") === "foreign")
        throw new Failure(400, { message: "Provider returned error" });
    }
}

type Thinking = Part & { kind: "thinking" };

/** The entries of `reasoning_details` for a thought: its text, and the state that must come back. */
function reasoningDetails(part: Thinking, format: string, ids: IdSource): JsonObject[] {
  const seal = sealFor(SEAL, part.text, ids.hex(16));
  if (part.redacted) return [{ type: "reasoning.encrypted", data: seal, format, index: 0 }];
  if (format === "anthropic-claude-v1")
    return [{ type: "reasoning.text", text: part.text, signature: seal, format, index: 0 }];
  if (format === "unknown") return [{ type: "reasoning.text", text: part.text, format, index: 0 }];
  return [
    { type: "reasoning.summary", summary: part.text, format, index: 0 },
    { type: "reasoning.encrypted", data: seal, id: `rs_${ids.hex(24)}`, format, index: 1 },
  ];
}

/** The whole answer as one object. */
export function wholeChat(
  envelope: ChatEnvelope,
  candidates: Candidate[],
  usage: JsonObject | null,
  hidesReasoning: boolean,
  ids: IdSource,
): JsonObject {
  const { provider, format, native } = servedBy(envelope.model);
  return {
    id: envelope.id,
    object: "chat.completion",
    created: envelope.created,
    model: envelope.model,
    provider,
    system_fingerprint: null,
    service_tier: null,
    choices: candidates.map((candidate, index) => {
      const reason = FINISH[candidate.stop];
      const text = candidate.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("");
      const refusal = candidate.parts.find((part) => part.kind === "refusal");
      const calls = candidate.parts.flatMap((part) =>
        part.kind === "tool"
          ? [
              {
                type: "function",
                id: `call_${ids.word(24)}`,
                function: { name: part.name, arguments: part.argumentsText },
              },
            ]
          : [],
      );
      const thought = hidesReasoning ? undefined : candidate.parts.find((part) => part.kind === "thinking");
      return {
        index,
        logprobs: null,
        finish_reason: reason,
        native_finish_reason: native[reason] ?? reason,
        message: {
          role: "assistant",
          content: text === "" && (calls.length > 0 || refusal !== undefined) ? null : text,
          refusal: refusal?.kind === "refusal" ? refusal.text : null,
          reasoning: thought?.kind === "thinking" && !thought.redacted ? thought.text : null,
          ...(calls.length > 0 && { tool_calls: calls.map((call, at) => ({ index: at, ...call })) }),
          ...(thought?.kind === "thinking" && { reasoning_details: reasoningDetails(thought, format, ids) }),
        },
      };
    }),
    ...(usage !== null && { usage }),
  };
}

function* reasoningDeltas(
  part: Thinking,
  format: string,
  directives: Directives,
  ids: IdSource,
): Generator<[JsonObject, string]> {
  for (const detail of reasoningDetails(part, format, ids)) {
    const field = detail.type === "reasoning.summary" ? "summary" : "text";
    if (typeof detail[field] !== "string") {
      yield [{ content: "", role: "assistant", reasoning_details: [detail] }, ""];
      continue;
    }
    const { signature, ...entry } = detail;
    for (const piece of pieces(part.text, directives.chunks))
      yield [
        { content: "", role: "assistant", reasoning: piece, reasoning_details: [{ ...entry, [field]: piece }] },
        piece,
      ];
    // A signature follows its text in a delta of its own.
    if (signature !== undefined)
      yield [
        { content: "", role: "assistant", reasoning_details: [{ type: detail.type, signature, format, index: 0 }] },
        "",
      ];
  }
}

function* deltas(
  candidate: Candidate,
  format: string,
  hidesReasoning: boolean,
  directives: Directives,
  ids: IdSource,
): Generator<[JsonObject, string]> {
  let calls = 0;
  for (const part of candidate.parts) {
    if (part.kind === "thinking") {
      if (!hidesReasoning) yield* reasoningDeltas(part, format, directives, ids);
      continue;
    }
    if (part.kind === "tool") {
      const index = calls;
      calls += 1;
      const delta = (call: JsonObject): JsonObject => ({
        content: null,
        role: "assistant",
        tool_calls: [{ index, ...call }],
      });
      yield [delta({ id: `call_${ids.word(24)}`, type: "function", function: { name: part.name, arguments: "" } }), ""];
      for (const piece of pieces(part.argumentsText, directives.chunks))
        yield [delta({ function: { arguments: piece } }), piece];
      continue;
    }
    const field = part.kind === "refusal" ? "refusal" : "content";
    for (const piece of pieces(part.text, directives.chunks)) yield [{ [field]: piece, role: "assistant" }, piece];
  }
}

/** The answer as a stream. */
export function* streamChat(
  envelope: ChatEnvelope,
  candidates: Candidate[],
  usage: JsonObject | null,
  options: { hidesReasoning: boolean; directives: Directives; ids: IdSource },
): Generator<Frame> {
  const { hidesReasoning, directives, ids } = options;
  const { provider, format, native } = servedBy(envelope.model);
  const shared = {
    id: envelope.id,
    object: "chat.completion.chunk",
    created: envelope.created,
    model: envelope.model,
    provider,
  };
  const head = `data: ${JSON.stringify(shared).slice(0, -1)},"choices":`;
  const choice = (index: number, delta: JsonObject, reason: string | null): string =>
    `[${JSON.stringify({ index, delta, finish_reason: reason, native_finish_reason: reason === null ? null : (native[reason] ?? reason) })}]`;
  yield PROCESSING;
  yield PROCESSING;
  for (const [index, candidate] of candidates.entries()) {
    const reason = FINISH[candidate.stop];
    for (const [delta, carried] of deltas(candidate, format, hidesReasoning, directives, ids))
      yield frame(`${head}${choice(index, delta, null)}}\n\n`, carried);
    yield frame(`${head}${choice(index, { content: "", role: "assistant" }, reason)}}\n\n`);
    if (index === candidates.length - 1 && usage !== null)
      yield frame(
        `${head}${choice(index, { content: "", role: "assistant" }, reason)},"usage":${JSON.stringify(usage)}}\n\n`,
      );
  }
  yield frame("data: [DONE]\n\n");
}
