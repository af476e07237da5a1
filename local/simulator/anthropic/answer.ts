import type { Directives } from "../directives.ts";
import { type Frame, frame } from "../exchange.ts";
import { pieces } from "../planner.ts";
import type { Answer, Candidate, Part } from "../question.ts";
import type { IdSource } from "../random.ts";
import { sealFor } from "../seal.ts";
import { isObject, type JsonObject } from "../values.ts";
import { THINKING_SEAL } from "./history.ts";

const STOP = {
  end: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool: "tool_use",
  refusal: "refusal",
  filter: "refusal",
} as const;

const EXPLANATION = "This request was blocked as it seems to violate the usage policy.";

/** Anthropic's usage object: `input_tokens` leaves out what the cache gave or took. */
export function messagesUsage(answer: Answer): JsonObject {
  const { tokens, cacheWrite1h } = answer;
  return {
    input_tokens: tokens.inputUncached,
    cache_creation_input_tokens: tokens.cacheWrite,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: tokens.cacheWrite - cacheWrite1h,
      ephemeral_1h_input_tokens: cacheWrite1h,
    },
    output_tokens: tokens.output,
    output_tokens_details: { thinking_tokens: tokens.reasoning },
    server_tool_use: null,
    service_tier: "standard",
    inference_geo: "global",
  };
}

/** The arguments as an object; those of a call that was cut off count as none, as far as they can be read. */
function inputOf(argumentsText: string): JsonObject {
  try {
    const value: unknown = JSON.parse(argumentsText);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The content blocks, whole. */
export function contentBlocks(candidate: Candidate, omitsThinking: boolean, ids: IdSource): JsonObject[] {
  return candidate.parts.flatMap((part): JsonObject[] => {
    switch (part.kind) {
      case "thinking": {
        const signature = sealFor(THINKING_SEAL, part.text, ids.hex(16));
        return part.redacted
          ? [{ type: "redacted_thinking", data: signature }]
          : [{ type: "thinking", thinking: omitsThinking ? "" : part.text, signature }];
      }
      case "text":
        return [{ type: "text", text: part.text, citations: null }];
      case "tool":
        return [
          {
            type: "tool_use",
            id: `toolu_01${ids.word(22)}`,
            name: part.name,
            input: inputOf(part.argumentsText),
            caller: { type: "direct" },
          },
        ];
      default:
        return []; // A refusal has no content; stop_details tell.
    }
  });
}

function ending(candidate: Candidate): JsonObject {
  const reason = STOP[candidate.stop];
  const details = reason === "refusal" ? { type: "refusal", category: null, explanation: EXPLANATION } : null;
  return { stop_reason: reason, stop_sequence: candidate.stopSequence, stop_details: details };
}

/** The whole answer as one object. */
export function wholeMessage(
  id: string,
  model: string,
  candidate: Candidate,
  blocks: JsonObject[],
  usage: JsonObject | null,
): JsonObject {
  return {
    model,
    id,
    type: "message",
    role: "assistant",
    content: blocks,
    container: null,
    ...ending(candidate),
    ...(usage !== null && { usage }),
  };
}

/** Counts events, for the padding before the last brace, which varies as the vendor's does. */
class EventWriter {
  #count = 0;

  write(type: string, fields: JsonObject, carried = ""): Frame {
    this.#count += 1;
    const padding = " ".repeat((this.#count * 7) % 13);
    return frame(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields }).slice(0, -1)}${padding}}\n\n`, carried);
  }
}

const PING: Frame = frame('event: ping\ndata: {"type": "ping"}\n\n');

/** What a block looks like before its deltas. */
function openBlock(block: JsonObject): JsonObject {
  if (block.type === "thinking") return { type: "thinking", thinking: "", signature: "" };
  if (block.type === "text") return { type: "text", text: "", citations: null };
  return block.type === "tool_use" ? { ...block, input: {} } : block;
}

function* deltas(
  part: Part,
  block: JsonObject,
  chunks: number | undefined,
): Generator<[delta: JsonObject, carried: string]> {
  if (block.type === "thinking") {
    // Omitted thinking is billed and not shown: the signature comes alone.
    if (block.thinking !== "" && part.kind === "thinking")
      for (const piece of pieces(part.text, chunks)) yield [{ type: "thinking_delta", thinking: piece }, piece];
    yield [{ type: "signature_delta", signature: block.signature }, ""];
  }
  if (part.kind === "text")
    for (const piece of pieces(part.text, chunks)) yield [{ type: "text_delta", text: piece }, piece];
  if (part.kind === "tool") {
    yield [{ type: "input_json_delta", partial_json: "" }, ""];
    if (part.argumentsText !== "{}")
      for (const piece of pieces(part.argumentsText, chunks))
        yield [{ type: "input_json_delta", partial_json: piece }, piece];
  }
}

/** The answer as a stream. Usage is told at the start (with the tokens of one word) and again, whole, near the end. */
export function* streamMessage(
  id: string,
  model: string,
  candidate: Candidate,
  blocks: JsonObject[],
  usage: JsonObject | null,
  directives: Directives,
): Generator<Frame> {
  const writer = new EventWriter();
  const { output_tokens_details: _, ...first } = usage ?? {};
  const message = wholeMessage(id, model, candidate, [], usage === null ? null : { ...first, output_tokens: 1 });
  yield writer.write("message_start", {
    message: { ...message, stop_reason: null, stop_sequence: null, stop_details: null },
  });
  const shown = candidate.parts.filter((part) => part.kind !== "refusal");
  for (const [index, part] of shown.entries()) {
    const block = blocks[index] ?? {};
    yield writer.write("content_block_start", { index, content_block: openBlock(block) });
    if (index === 0) yield PING;
    for (const [delta, carried] of deltas(part, block, directives.chunks))
      yield writer.write("content_block_delta", { index, delta }, carried);
    yield writer.write("content_block_stop", { index });
  }
  const { cache_creation: __, service_tier: ___, inference_geo: ____, ...running } = usage ?? {};
  yield writer.write("message_delta", {
    delta: { ...ending(candidate), container: null },
    ...(usage !== null && { usage: running }),
  });
  yield writer.write("message_stop", {});
}
