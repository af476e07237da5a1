import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CanonicalAnswer } from "../../../worker/canonical/answer.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Part } from "../../../worker/canonical/message.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { answer, streamOf } from "../../support/translation-properties/answers.ts";
import { mutilated, mutilation } from "../../support/translation-properties/mutilate.ts";
import { PAIRS } from "../../support/translation-properties/pairs.ts";
import { helped, type Told } from "../../support/translation-properties/sdk-helpers.ts";
import { seed } from "../../support/translation-properties/seed.ts";
import { type Translated, translate } from "../../support/translation-properties/translate.ts";

/** Whatever a provider streams, the client's official SDK returns an answer or throws an error of its own, and never hangs. */

const RUNS = 40;

const helpedBy = ({ text, refused, failure }: Translated, client: ChatDialectId) =>
  refused && failure !== null
    ? helped(
        client,
        failure.status,
        "application/json",
        JSON.stringify(chatDialects[client].encodeError(failure, "id")),
      )
    : helped(client, 200, "text/event-stream", text);

const callsIn = (parts: readonly Part[]): Told["calls"] =>
  parts.flatMap((part) =>
    part.type === "tool_call" ? [{ name: part.name, args: JSON.parse(part.arguments) as unknown }] : [],
  );

/** One that every dialect tells in the same words. */
function isPlain({ candidates }: CanonicalAnswer): boolean {
  const [first] = candidates;
  const others = ["malformed_tool_call", "refusal", "content_filter"].includes(first?.stop.reason ?? "");
  return candidates.length === 1 && !others && first?.parts.some(({ type }) => type === "image") === false;
}

describe.each(PAIRS)("$a for an SDK of $b", ({ a, b }) => {
  test("an answer arrives", async () => {
    await fc.assert(
      fc.asyncProperty(answer.filter(isPlain), async (given) => {
        const told = await helpedBy(translate(a, b, [new TextEncoder().encode(streamOf(given, a))]), b);
        const parts = given.candidates[0]?.parts ?? [];
        const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
        const refused = parts.some(({ type }) => type === "refusal");
        expect(told).toEqual({ calls: callsIn(parts), text: refused ? expect.any(String) : text });
      }),
      { seed, numRuns: RUNS },
    );
  });

  test("a stream in any state is an answer or an error", async () => {
    await fc.assert(
      fc.asyncProperty(answer, mutilation, async (given, how) => {
        const hangs = new Promise<string>((resolve) => setTimeout(resolve, 5000, "hangs").unref());
        const told = helpedBy(translate(a, b, mutilated(streamOf(given, a), how)), b);
        expect(await Promise.race([told, hangs])).not.toBe("hangs");
      }),
      { seed, numRuns: RUNS },
    );
  });
});
