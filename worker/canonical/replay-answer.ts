import type { CanonicalAnswer } from "./answer.ts";
import type { Part } from "./message.ts";
import type { StreamEvent } from "./stream-event.ts";

/** A part as it is before its content has come. */
export function headOf(part: Part): Part {
  switch (part.type) {
    case "text":
      return { type: "text", text: "" };
    case "thinking":
      // A redacted thought is nothing but its state.
      return part.state?.where === "redacted" ? part : { type: "thinking", text: "" };
    case "refusal":
      return { type: "refusal", text: "" };
    case "tool_call":
      return { ...part, arguments: "" };
    default:
      return part;
  }
}

function* deltas(part: number, final: Part): Generator<StreamEvent> {
  switch (final.type) {
    case "text":
      if (final.text !== "") {
        const logprobs = final.logprobs === undefined ? {} : { logprobs: final.logprobs };
        yield { type: "text_delta", part, text: final.text, ...logprobs };
      }
      for (const citation of final.citations ?? []) yield { type: "citation", part, citation };
      return;
    case "thinking":
      if (final.text !== "" && final.state?.where !== "redacted")
        yield { type: "thinking_delta", part, text: final.text };
      return;
    case "refusal":
      if (final.text !== "") yield { type: "refusal_delta", part, text: final.text };
      return;
    case "tool_call":
      if (final.arguments !== "") yield { type: "arguments_delta", part, text: final.arguments };
      return;
    default:
      return;
  }
}

/** A whole answer as the events of a stream, for a client that asked for one from a provider that sent none. */
export function* replayAnswer(answer: CanonicalAnswer): Generator<StreamEvent> {
  yield { type: "answer_start", id: answer.id, model: answer.model };
  let part = 0;
  for (const candidate of answer.candidates) {
    for (const final of candidate.parts) {
      yield { type: "part_start", part, candidate: candidate.index, head: headOf(final) };
      yield* deltas(part, final);
      yield { type: "part_end", part, final };
      part++;
    }
  }
  if (answer.usage !== null) yield { type: "usage", usage: answer.usage };
  for (const candidate of answer.candidates) yield { type: "finish", candidate: candidate.index, stop: candidate.stop };
}
