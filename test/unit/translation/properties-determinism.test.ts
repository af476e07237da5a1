import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Message } from "../../../worker/canonical/message.ts";
import type { CanonicalRequest } from "../../../worker/canonical/request.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { conversation } from "../../support/translation-properties/conversations.ts";
import {
  decode,
  encodeText,
  PAIRS,
  sayable,
  unlessRefused,
  written,
} from "../../support/translation-properties/pairs.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** Prompt caches and bound thoughts depend on it: what was said is sent again byte for byte. */

const RUNS = 150;

/** The conversation so far, where the model spoke next: everything before its turn. */
function* earlier(request: CanonicalRequest): Generator<CanonicalRequest> {
  for (const [index, { role }] of request.messages.entries()) {
    const before: Message | undefined = request.messages[index - 1];
    if (role !== "assistant" || before === undefined || before.role === "assistant" || before.role === "system")
      continue;
    yield { ...request, messages: request.messages.slice(0, index) };
  }
}

/** What of a body is the prompt, each piece as its bytes, in the order in which it is cached. */
function promptOf(body: JsonObject): { fixed: string; turns: string[] } {
  const { tools, system, instructions, systemInstruction } = body;
  const turns = (body.messages ?? body.input ?? body.contents) as unknown[];
  return {
    fixed: JSON.stringify({ tools, system, instructions, systemInstruction }),
    turns: turns.map((turn) => JSON.stringify(turn)),
  };
}

const upstream = (request: CanonicalRequest, a: ChatDialectId, b: ChatDialectId): string | null => {
  const body = written(sayable(request, a, b), a);
  return body === null ? null : unlessRefused(() => encodeText(decode(body, a), b));
};

describe.each(PAIRS)("$a → $b", ({ a, b }) => {
  test("the same request gives the same bytes, and its next turn begins with them", () => {
    let compared = 0;
    fc.assert(
      fc.property(conversation, (request) => {
        const text = upstream(request, a, b);
        expect(upstream(structuredClone(request), a, b)).toBe(text);
        if (text === null) return;
        const whole = promptOf(JSON.parse(text) as JsonObject);
        for (const before of earlier(request)) {
          const shorter = upstream(before, a, b);
          if (shorter === null) continue;
          const { fixed, turns } = promptOf(JSON.parse(shorter) as JsonObject);
          expect(fixed).toBe(whole.fixed);
          expect(whole.turns.slice(0, turns.length)).toEqual(turns);
          compared++;
        }
      }),
      { seed, numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(RUNS / 4);
  });
});
