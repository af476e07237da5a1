import type { Exchange } from "./exchange.ts";
import type { OfferedTool, Part, Question, Stop } from "./question.ts";
import { countTokens } from "./tokens.ts";

/** One thing a scripted answer says: a thought, a text, or a call with its arguments (free text for a freeform tool). */
export type Saying = { think: string } | { say: string } | { call: OfferedTool; with: string };

/**
 * What a program that runs the simulator wants answered: sayings in their order, or null to leave the request to the
 * planner. Everything else stays the vendor's: what is refused, how it streams, what it costs, how thoughts are sealed.
 */
export type Script = (question: Question, exchange: Exchange) => Saying[] | null;

function partOf(saying: Saying): Part {
  if ("think" in saying) {
    const text = saying.think;
    return { kind: "thinking", text, tokens: countTokens(text), redacted: false };
  }
  if ("say" in saying) return { kind: "text", text: saying.say, tokens: countTokens(saying.say) };
  const { call, with: argumentsText } = saying;
  const tokens = countTokens(call.name) + countTokens(argumentsText);
  return { kind: "tool", name: call.name, argumentsText, complete: true, freeform: call.freeform, tokens };
}

/** The sayings as an answer's parts, and why it ends. */
export const scripted = (sayings: readonly Saying[]): [Part[], Stop] => [
  sayings.map(partOf),
  sayings.some((saying) => "call" in saying) ? "tool" : "end",
];
