import type { CanonicalAnswer } from "../canonical/answer.ts";
import type { Part } from "../canonical/message.ts";
import type { StreamEvent, UpstreamFailure } from "../canonical/stream-event.ts";
import { type AnswerFacts, noAnswer } from "../dialects/dialect.ts";

/** What is metered of an answer that is translated: its events have been read already. */
export class CanonicalMeter {
  readonly facts: AnswerFacts = noAnswer();
  #characters = 0;
  /** Calls whose arguments come in pieces. */
  readonly #begun = new Set<number>();

  /** Takes the next event. */
  feed(event: StreamEvent): void {
    switch (event.type) {
      case "answer_start":
        this.facts.servedModel = event.model;
        break;
      case "arguments_delta":
        this.#begun.add(event.part);
        this.#characters += event.text.length;
        break;
      case "text_delta":
      case "thinking_delta":
      case "refusal_delta":
        this.#characters += event.text.length;
        break;
      case "part_start":
        if (event.head.type === "tool_call") this.#characters += event.head.name.length;
        break;
      case "part_end":
        // Some vendors tell a call's arguments only whole.
        if (event.final.type === "tool_call" && !this.#begun.has(event.part)) {
          this.#characters += event.final.arguments.length;
        }
        break;
      case "usage":
        this.facts.usage = event.usage;
        break;
      case "finish":
        if (event.candidate === 0) this.facts.stopReason = event.stop.reason;
        this.facts.terminal = true;
        break;
      case "error":
        this.facts.error = codeOf(event.failure);
        break;
      default:
        break;
    }
  }

  /** Characters of text, reasoning and calls seen so far. */
  observedCharacters(): number {
    return this.#characters;
  }
}

/** The provider's word for its failure, else ours. */
export const codeOf = (failure: UpstreamFailure): string => failure.code ?? failure.kind;

/** The same facts of a whole answer. */
export function factsOfAnswer(answer: CanonicalAnswer, failure: UpstreamFailure | null): AnswerFacts {
  return {
    usage: answer.usage,
    stopReason: answer.candidates[0]?.stop.reason ?? null,
    servedModel: answer.model,
    terminal: true,
    error: failure === null ? null : codeOf(failure),
  };
}

/** Characters of a whole answer. */
export function charactersOf(answer: CanonicalAnswer): number {
  const ofPart = (part: Part): number =>
    part.type === "tool_call" ? part.name.length + part.arguments.length : "text" in part ? part.text.length : 0;
  return answer.candidates.flatMap(({ parts }) => parts).reduce((sum, part) => sum + ofPart(part), 0);
}
