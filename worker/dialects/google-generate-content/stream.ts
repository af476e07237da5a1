import { arrayAt, objectAt, parseJson, stringAt } from "../../lib/json.ts";
import type { AnswerFacts } from "../dialect.ts";
import { readChunk } from "./response.ts";

/** One chunk of a Gemini stream. Every chunk carries running totals and may carry the only call, so all are read. */
export function step(facts: AnswerFacts, data: string): AnswerFacts {
  return readChunk(facts, parseJson(data));
}

/** Characters of one chunk's new parts, thoughts and call arguments included. */
export function observedText(data: string): number {
  let characters = 0;
  for (const part of arrayAt(objectAt(arrayAt(parseJson(data), "candidates")[0], "content"), "parts")) {
    characters += stringAt(part, "text")?.length ?? 0;
    const call = objectAt(part, "functionCall");
    if (call) characters += JSON.stringify(call).length;
  }
  return characters;
}

/**
 * A blank line, which is no event, and white space in an array. Not a comment: Google's SDK for Python takes one for JSON
 * and throws, and that for JavaScript reads nothing after it up to 1.x.
 */
export const KEEP_ALIVE = "\r\n\r\n";
