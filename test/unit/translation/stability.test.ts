import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Part } from "../../../worker/canonical/message.ts";
import type { StreamEvent } from "../../../worker/canonical/stream-event.ts";
import { ANSWERS } from "../../support/translation/corpus.ts";
import { difference } from "../../support/translation/difference.ts";
import { type Decoded, DIALECT_IDS, decode, encodeStream, encodeWhole } from "../../support/translation/run-dialect.ts";

/** What the gateway writes, it reads as the same: gateways may stand behind each other. */

const answers = ANSWERS.filter(({ status }) => status < 300);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A call that cannot be read is a failure to Responses, whatever was said before it. */
const failsResponses = ({ answer }: Decoded): boolean =>
  answer.candidates.some(({ stop }) => stop.reason === "malformed_tool_call");

/**
 * Chat and Gemini tell the sources of a stream once, at the end (Chat's helper keeps one telling): those of a text before
 * a later thought are all there, but a reader has closed that text when they come.
 */
const TELL_LATE: ChatDialectId[] = ["openai-chat", "google-generate-content"];

const citesBeforeThoughts = ({ answer }: Decoded): boolean =>
  answer.candidates.some(({ parts }) => {
    const cited = parts.findIndex((part) => part.type === "text" && part.citations !== undefined);
    const thought = parts.findIndex((part, at) => at > cited && part.type === "thinking");
    return cited >= 0 && thought >= 0 && parts.slice(thought).some((part) => part.type === "text");
  });

function uncited(part: Part): Part {
  if (part.type !== "text") return part;
  const { citations: _, ...bare } = part;
  return bare;
}

const withoutSources = (events: readonly StreamEvent[]): StreamEvent[] =>
  events.flatMap((event) => {
    if (event.type === "citation") return [];
    return [event.type === "part_end" ? { ...event, final: uncited(event.final) } : event];
  });

/**
 * Of two thoughts without a call between them Gemini's reader is told the first one's state before the text and the second
 * one's after it, and writes them from there. Clients' histories are put in order; here only nothing may be lost.
 */
const movesStates = (dialect: ChatDialectId, { answer }: Decoded): boolean =>
  dialect === "google-generate-content" &&
  answer.candidates.some(({ parts }) => {
    const thoughts = parts.filter((part) => part.type === "tool_call" || (part.type === "thinking" && part.state));
    return thoughts.some((part, at) => part.type === "thinking" && thoughts[at + 1]?.type === "thinking");
  });

/** What does not depend on where the states stand. */
const unordered = (text: string): string => [...text.matchAll(/"thoughtSignature":"[^"]*"/g)].map(String).sort().join();

describe("an encoded answer, decoded and encoded again, is the same", () => {
  test.each(answers.map((answer) => [answer.name, answer] as const))("%s", (_name, answer) => {
    const decoded = decode(answer);
    for (const dialect of DIALECT_IDS) {
      const written = { name: answer.name, dialect, status: 200, headers: {} };
      const unplaced = TELL_LATE.includes(dialect) && citesBeforeThoughts(decoded);
      const stream = encodeStream(dialect, unplaced ? withoutSources(decoded.events) : decoded.events);
      const streamAgain = decode({ ...written, framing: "events", bytes: bytes(stream) });
      if (decoded.failure !== null || (dialect === "openai-responses" && failsResponses(decoded))) {
        // A failure is told as one again; its words need not be the same, as each dialect has its own codes.
        expect.soft(streamAgain.failure, `${dialect}, failed`).not.toBeNull();
        continue;
      }
      const compared = movesStates(dialect, decoded) ? unordered : String;
      const again = encodeStream(dialect, streamAgain.events);
      expect.soft(difference(compared(again), compared(stream)), `${dialect}, stream`).toBeNull();
      const whole = encodeWhole(dialect, decoded.answer);
      const wholeAgain = encodeWhole(dialect, decode({ ...written, framing: "whole", bytes: bytes(whole) }).answer);
      expect.soft(difference(compared(wholeAgain), compared(whole)), `${dialect}, whole`).toBeNull();
    }
  });
});
