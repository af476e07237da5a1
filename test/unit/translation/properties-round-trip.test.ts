import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conversation } from "../../support/translation-properties/conversations.ts";
import { meaningOf } from "../../support/translation-properties/meaning.ts";
import { decode, encode, PAIRS, sayable, unlessRefused, written } from "../../support/translation-properties/pairs.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** A conversation goes from dialect A to B and back, and means what it meant. */

const RUNS = 250;

describe.each(PAIRS)("$a → $b → $a", ({ a, b }) => {
  test("means the same", () => {
    let compared = 0;
    fc.assert(
      fc.property(conversation, (generated) => {
        const body = written(sayable(generated, a, b), a);
        if (body === null) return;
        const first = decode(body, a);
        const there = unlessRefused(() => encode(first, b));
        if (there === null) return;
        const back = decode(encode(decode(there, b), a), a);
        // Messages has no request without a cap: one that was not asked for comes back as its own.
        if (first.settings.maxOutputTokens === undefined) delete back.settings.maxOutputTokens;
        expect(meaningOf(back, a, b)).toEqual(meaningOf(first, a, b));
        compared++;
      }),
      { seed, numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(RUNS / 2);
  });
});
