import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordedWarnings, warningsHeader } from "../../../worker/api/inference/warnings.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import { planRequest } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** Losses are named by paths, and paths are made of names that a client chose. */

const REQUESTS: { client: ChatDialectId; model: string; body: Record<string, unknown> }[] = [
  {
    client: "openai-chat",
    model: "anthropic/claude-opus-5-5",
    body: { messages: [{ role: "user", content: [{ type: "text", text: "a" }] }] },
  },
  { client: "openai-responses", model: "google/gemini-3.6-flash", body: { input: [{ role: "user", content: "a" }] } },
  {
    client: "anthropic-messages",
    model: "openai/gpt-6.1-sol",
    body: { max_tokens: 5, messages: [{ role: "user", content: "a" }] },
  },
  {
    client: "google-generate-content",
    model: "openai/gpt-4.1",
    body: { contents: [{ role: "user", parts: [{ text: "a" }] }] },
  },
];

/** Names that objects have by themselves, that break lines, or that are no text at all. */
const name = fc.oneof(
  fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype), "", "a".repeat(9000), "\u0000", "\ud800", "; x@y"),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
);

describe.each(REQUESTS)("$client", ({ client, model, body }) => {
  test("a field of any name is named, and header and record can hold it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 300 }), async (names) => {
        const strange = names.filter((one) => one !== "" && !/^[a-z_]{1,30}$/i.test(one));
        const inherited = names.filter((one) => Object.hasOwn(Object.prototype, one));
        const members = Object.fromEntries([...strange, ...inherited].map((one) => [one, 1]));
        const { losses } = await planRequest({ ...body, ...members }, { client, model });
        const named = losses.warnings.map(({ path }) => path);
        expect(losses.warnings.length + losses.omitted).toBeGreaterThanOrEqual(Object.keys(members).length);
        for (const one of inherited) if (losses.omitted === 0) expect(named).toContain(one);
        const header = warningsHeader(losses);
        if (header !== null) {
          expect(header).toMatch(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/);
          expect(header.length).toBeLessThanOrEqual(2048);
          expect(new Headers({ "x-gaia-warnings": header }).get("x-gaia-warnings")).toBe(header);
        }
        const recorded = recordedWarnings(losses);
        expect(recorded.length).toBeLessThanOrEqual(50);
        for (const one of recorded) expect(one.length).toBeLessThanOrEqual(200);
      }),
      { seed, numRuns: 60 },
    );
  });
});

test("an entry never looks like two", () => {
  const losses = new Losses();
  losses.add("param_dropped", "a; param_dropped@b");
  losses.add("param_dropped", "c,d");
  expect(warningsHeader(losses)?.split("; ")).toHaveLength(2);
});
