import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { FIXTURES } from "../../fixtures/exchanges.ts";
import { answer, streamOf } from "../../support/translation-properties/answers.ts";
import { checkStream } from "../../support/translation-properties/contracts.ts";
import { mutilated, mutilation, piecesOf } from "../../support/translation-properties/mutilate.ts";
import { DIALECTS } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";
import { translate } from "../../support/translation-properties/translate.ts";

/** Providers' streams, good ones and all others, through every decoder and every encoder. */

const RUNS = 250;

const recorded = (dialect: ChatDialectId): string[] =>
  FIXTURES.filter((one) => one.dialect === dialect && one.stream).map((one) => new TextDecoder().decode(one.response));

/** As the dialect's provider would write it: an answer of any kind, or one with oddities that real traffic has. */
const streams = (dialect: ChatDialectId): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: answer.map((one) => streamOf(one, dialect)) },
    { weight: 1, arbitrary: fc.constantFrom(...recorded(dialect)) },
  );

const TOOLS = { tools: new Map([["weather", { name: "Wetter", namespace: "ns" }]]), jsonTool: "json" };

describe.each(DIALECTS)("a stream of %s", (upstream) => {
  test.each(DIALECTS)("as it should be, for %s", (client) => {
    fc.assert(
      fc.property(answer, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (given, lengths) => {
        const bytes = new TextEncoder().encode(streamOf(given, upstream));
        const { text, failure } = translate(upstream, client, piecesOf(bytes, lengths));
        // A call that the model could not spell, and nothing else, is a failure.
        if (failure !== null && given.candidates[0]?.stop.reason === "malformed_tool_call") return;
        expect(failure).toBeNull();
        checkStream(client, text, false);
      }),
      { seed, numRuns: RUNS },
    );
  });

  test.each(DIALECTS)("in any state, for %s", (client) => {
    fc.assert(
      fc.property(streams(upstream), mutilation, fc.boolean(), (stream, how, renamed) => {
        const started = performance.now();
        const { text, refused, failure } = translate(
          upstream,
          client,
          mutilated(stream, how),
          renamed ? TOOLS : { tools: null },
        );
        expect(performance.now() - started).toBeLessThan(5000);
        if (refused) expect(failure?.status).toBeGreaterThanOrEqual(400);
        else checkStream(client, text, failure !== null);
      }),
      { seed, numRuns: RUNS },
    );
  });
});

/** JSON parses to any depth; whoever walks it afterwards has a stack. */
const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const DEEP: Record<ChatDialectId, (inner: string) => string[]> = {
  "openai-chat": (inner) => [
    `data: {"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":${inner}}}]}}]}\n\n`,
    `data: {"error":${inner}}\n\n`,
  ],
  "openai-responses": (inner) => [
    `data: {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","name":"f","call_id":"c","arguments":${inner}}}\n\n`,
    `data: {"type":"error","error":${inner}}\n\n`,
  ],
  "anthropic-messages": (inner) => [
    `data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":${inner}}}}\n\n`,
    `data: {"type":"error","error":${inner}}\n\n`,
  ],
  "google-generate-content": (inner) => [
    `data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":${inner}}}}]}}]}\n\n`,
    `data: {"error":${inner}}\n\n`,
  ],
};

test.each(DIALECTS)("JSON of %s that nests too deep is a failure of the provider's", (upstream) => {
  for (const event of DEEP[upstream](deep(100_000))) {
    for (const client of DIALECTS) {
      const { refused, failure } = translate(upstream, client, [new TextEncoder().encode(event)]);
      // An error that the provider itself calls internal stays what it called it.
      expect({ refused, code: failure?.code }).toEqual({ refused: true, code: "upstream_error" });
    }
  }
});
