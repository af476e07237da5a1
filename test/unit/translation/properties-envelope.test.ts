import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENVELOPE_MARK, isEnvelope, openState, sealState } from "../../../worker/canonical/envelope.ts";
import type { ReasoningState, StateOwner, StatePlace } from "../../../worker/canonical/reasoning-state.ts";
import { readSignature, writeSignature } from "../../../worker/dialects/google-generate-content/signatures.ts";
import { seed } from "../../support/translation-properties/seed.ts";

const owners: StateOwner[] = ["anthropic", "openai", "google", "openrouter", "none"];
const places: StatePlace[] = ["thinking", "redacted", "tool_call", "text"];
const value = fc.oneof(
  fc.base64String({ maxLength: 400 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom("", ".", "gaia1.", "\u0000", "=".repeat(9), '[{"type":"reasoning.text"}]'),
);

const state = fc.record(
  {
    owner: fc.constantFrom(...owners),
    value,
    model: fc.oneof(fc.constantFrom("", "claude-opus-5-5", "a.b/c"), fc.string({ unit: "grapheme", maxLength: 20 })),
    where: fc.constantFrom(...places),
    id: fc.stringMatching(/^rs_[a-z0-9.]{1,12}$/),
  },
  { requiredKeys: ["owner", "value", "model", "where"], noNullPrototype: true },
) as fc.Arbitrary<ReasoningState>;

describe("an envelope", () => {
  test("opens to what was sealed, and is the same each time", () => {
    fc.assert(
      fc.property(state, (one) => {
        const sealed = sealState(one);
        expect(openState(sealed)).toEqual(one);
        expect(sealState(one)).toBe(sealed);
        // Characters that no dialect, header or shell would change.
        expect(sealed).toMatch(/^gaia1\.[A-Za-z0-9_.-]+$/);
        expect(readSignature(writeSignature(one), "text")).toEqual(one);
        expect(writeSignature(one)).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
      }),
      { seed, numRuns: 500 },
    );
  });

  test("with one character changed, left out or put in does not open", () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("change", "omit", "insert"),
      by: fc.oneof(fc.stringMatching(/^[A-Za-z0-9_.-]$/), fc.string({ unit: "binary", minLength: 1, maxLength: 1 })),
    });
    fc.assert(
      fc.property(state, change, (one, { at, kind, by }) => {
        const sealed = sealState(one);
        const place = at % sealed.length;
        const rest = sealed.slice(kind === "insert" ? place : place + 1);
        const changed = sealed.slice(0, place) + (kind === "omit" ? "" : by) + rest;
        fc.pre(changed !== sealed);
        expect(openState(changed)).toBeNull();
        // Damaged or not, what begins with the mark is known for one of ours, and goes to no vendor.
        expect(isEnvelope(changed)).toBe(changed.startsWith(ENVELOPE_MARK));
      }),
      { seed, numRuns: 2000 },
    );
  });

  test("whatever it is given, it does not throw", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.stringMatching(/^[a-z]{0,3}(\.[A-Za-z0-9_-]{0,8}){0,6}$/).map((tail) => ENVELOPE_MARK + tail),
    );
    fc.assert(
      fc.property(text, (one) => {
        expect(openState(one)).toBeNull();
        expect(() => readSignature(one, "text")).not.toThrow();
      }),
      { seed, numRuns: 1000 },
    );
  });
});
