import type { Directives } from "../directives.ts";
import { type Frame, frame } from "../exchange.ts";
import { pieces } from "../planner.ts";
import { type Answer, type Candidate, inputTotal, type ToolPart } from "../question.ts";
import type { IdSource } from "../random.ts";
import type { JsonObject } from "../values.ts";

/** What every object of one Chat answer shares. */
export interface ChatEnvelope {
  id: string;
  created: number;
  model: string;
}

const FINISH = {
  end: "stop",
  stop_sequence: "stop",
  length: "length",
  tool: "tool_calls",
  refusal: "stop",
  filter: "content_filter",
} as const;

/** OpenAI's usage object: prompt tokens include the cached ones, completion tokens the reasoning. */
export function chatUsage(answer: Answer, reportWrites: boolean): JsonObject {
  const { tokens } = answer;
  const input = inputTotal(tokens);
  return {
    prompt_tokens: input,
    completion_tokens: tokens.output,
    total_tokens: input + tokens.output,
    prompt_tokens_details: {
      cached_tokens: tokens.cacheRead,
      ...(reportWrites && { cache_write_tokens: tokens.cacheWrite }),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: tokens.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

const textOf = (candidate: Candidate, kind: "text" | "refusal" | "thinking"): string | null => {
  const texts = candidate.parts.flatMap((part) => (part.kind === kind ? [part.text] : []));
  return texts.length === 0 ? null : texts.join("");
};

const toolCall = (part: ToolPart, ids: IdSource): JsonObject =>
  part.freeform
    ? { id: `call_${ids.word(24)}`, type: "custom", custom: { name: part.name, input: part.argumentsText } }
    : { id: `call_${ids.word(24)}`, type: "function", function: { name: part.name, arguments: part.argumentsText } };

/** The whole answer as one object; `showsReasoning`: thoughts stand beside it, as OpenAI's followers have it. */
export function wholeChat(
  envelope: ChatEnvelope,
  answer: Answer,
  usage: JsonObject | null,
  ids: IdSource,
  showsReasoning: boolean,
): JsonObject {
  return {
    id: envelope.id,
    object: "chat.completion",
    created: envelope.created,
    model: envelope.model,
    choices: answer.candidates.map((candidate, index) => {
      const calls = candidate.parts.flatMap((part) => (part.kind === "tool" ? [toolCall(part, ids)] : []));
      const refusal = textOf(candidate, "refusal");
      const thought = showsReasoning ? textOf(candidate, "thinking") : null;
      const content = textOf(candidate, "text") ?? (calls.length > 0 || refusal !== null ? null : "");
      return {
        index,
        message: {
          role: "assistant",
          content,
          ...(thought !== null && { reasoning_content: thought }),
          ...(calls.length > 0 && { tool_calls: calls }),
          refusal,
          annotations: [],
        },
        logprobs: null,
        finish_reason: FINISH[candidate.stop],
      };
    }),
    ...(usage !== null && { usage }),
    service_tier: "default",
    system_fingerprint: null,
  };
}

/** One chunk as an event; written by hand where it is sent hundreds of times. */
class ChunkWriter {
  readonly #head: string;
  readonly #tail: string;
  readonly #obfuscation: string | null;
  #count = 0;

  constructor(envelope: ChatEnvelope, includeUsage: boolean, obfuscation: string | null) {
    const shared = {
      id: envelope.id,
      object: "chat.completion.chunk",
      created: envelope.created,
      model: envelope.model,
      service_tier: "default",
      system_fingerprint: null,
    };
    this.#head = `data: ${JSON.stringify(shared).slice(0, -1)},"choices":`;
    this.#tail = includeUsage ? ',"usage":null' : "";
    this.#obfuscation = obfuscation;
  }

  #padding(): string {
    if (this.#obfuscation === null) return "";
    // Its length varies, as the vendor's does to hide the length of the text.
    this.#count += 1;
    return `,"obfuscation":"${this.#obfuscation.slice((this.#count * 7) % 13)}"`;
  }

  delta(index: number, delta: JsonObject, finish: string | null, carried = ""): Frame {
    const choice = `[{"index":${index},"delta":${JSON.stringify(delta)},"finish_reason":${JSON.stringify(finish)}}]`;
    return frame(`${this.#head}${choice}${this.#tail}${this.#padding()}}\n\n`, carried);
  }

  usage(usage: JsonObject): Frame {
    return frame(`${this.#head}[],"usage":${JSON.stringify(usage)}${this.#padding()}}\n\n`);
  }
}

function* candidateFrames(
  writer: ChunkWriter,
  candidate: Candidate,
  index: number,
  { directives, ids, showsReasoning }: { directives: Directives; ids: IdSource; showsReasoning: boolean },
): Generator<Frame> {
  const hasRefusal = candidate.parts.some((part) => part.kind === "refusal");
  const opening = candidate.stop === "tool" && candidate.parts.every((part) => part.kind !== "text") ? null : "";
  yield writer.delta(index, { role: "assistant", content: hasRefusal ? null : opening, refusal: null }, null);
  let calls = 0;
  for (const part of candidate.parts) {
    // OpenAI bills reasoning and shows none of it.
    if (part.kind === "thinking" && !showsReasoning) continue;
    if (part.kind === "tool") {
      const at = calls;
      calls += 1;
      const field = part.freeform ? "custom" : "function";
      const text = part.freeform ? "input" : "arguments";
      const id = `call_${ids.word(24)}`;
      yield writer.delta(
        index,
        { tool_calls: [{ index: at, id, type: field, [field]: { name: part.name, [text]: "" } }] },
        null,
      );
      for (const piece of pieces(part.argumentsText, directives.chunks))
        yield writer.delta(index, { tool_calls: [{ index: at, [field]: { [text]: piece } }] }, null, piece);
      continue;
    }
    const field = { refusal: "refusal", text: "content", thinking: "reasoning_content" }[part.kind];
    for (const piece of pieces(part.text, directives.chunks))
      yield writer.delta(index, { [field]: piece }, null, piece);
  }
  yield writer.delta(index, {}, FINISH[candidate.stop]);
}

/** The answer as a stream: with `usage`, every earlier chunk carries `usage: null` and one without choices the figures. */
export function* streamChat(
  envelope: ChatEnvelope,
  answer: Answer,
  usage: JsonObject | null,
  options: {
    includeUsage: boolean;
    obfuscation: boolean;
    showsReasoning: boolean;
    directives: Directives;
    ids: IdSource;
  },
): Generator<Frame> {
  const { includeUsage, obfuscation, ids } = options;
  const writer = new ChunkWriter(envelope, includeUsage, obfuscation ? ids.word(16) : null);
  const streams = answer.candidates.map((candidate, index) => candidateFrames(writer, candidate, index, options));
  // Choices take turns, as they do when a model samples them side by side.
  while (streams.length > 0)
    for (const stream of [...streams]) {
      const next = stream.next();
      if (next.done) streams.splice(streams.indexOf(stream), 1);
      else yield next.value;
    }
  if (includeUsage && usage !== null) yield writer.usage(usage);
  yield frame("data: [DONE]\n\n");
}
