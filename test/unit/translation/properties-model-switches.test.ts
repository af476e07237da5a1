import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIALECTS, planRequest } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";
import { converse, script } from "../../support/translation-properties/switches.ts";
import { gatewayTo, Upstreams } from "../../support/translation-properties/upstreams.ts";

/** Conversations that go from model to model: no vendor refuses one, and each gets back its own state and nobody else's. */

const RUNS = 260;

describe.each(DIALECTS)("a conversation in %s", (dialect) => {
  test("goes on with any model", async () => {
    let turns = 0;
    let returned = 0;
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), async (steps, apart) => {
        const upstreams = new Upstreams();
        const line = { url: "http://gateway", key: "key", fetch: gatewayTo(upstreams), apart };
        const report = await converse(dialect, steps, line, upstreams.sent);
        expect(report.wrong).toEqual([]);
        turns += report.turns;
        returned += report.returned;
      }),
      { seed: seed + DIALECTS.indexOf(dialect), numRuns: RUNS },
    );
    console.info(`${dialect}: ${turns} turns, ${returned} states returned`);
    expect(returned).toBeGreaterThan(RUNS / 4);
  });
});

const SENTINEL = '"thoughtSignature":"skip_thought_signature_validator"';

describe("a relay mends what a switch of models has left, and nothing else", () => {
  const call = { functionCall: { name: "weather", args: { city: "Kyiv" } } };
  const result = { role: "user", parts: [{ functionResponse: { name: "weather", response: {} } }] };
  const asked = { role: "user", parts: [{ text: "hello" }] };
  const google = (model: string, contents: unknown[]) =>
    planRequest({ contents }, { client: "google-generate-content", model: `google/${model}` });

  test("a call that Google's own model has not signed", async () => {
    const contents = [asked, { role: "model", parts: [{ text: "well" }, call, call] }, result];
    const before = JSON.stringify({ contents });
    const { text, losses } = await google("gemini-3.6-flash", contents);
    const spelled = JSON.stringify(call);
    expect(text).toBe(before.replace(spelled, `${spelled.slice(0, -1)},${SENTINEL}}`));
    expect(losses.warnings).toEqual([{ code: "signature_sentinel_used", path: "contents[1].parts[1].functionCall" }]);
    expect((await google("gemini-flash-latest", contents)).text).toBe(text);
    // Older models sign nothing, the ones no longer in the catalogue too, and neither do other families.
    for (const model of ["gemini-2.5-flash", "gemini-2.0-flash", "gemma-4-31b-it"]) {
      expect((await google(model, contents)).text).toBe(before);
    }
  });

  test("each step has its first call, told in one content or several", async () => {
    const signed = { ...call, thoughtSignature: "c2ln" };
    const contents = [
      asked,
      { role: "model", parts: [call] },
      result,
      asked,
      { role: "model", parts: [signed] },
      { role: "model", parts: [call] },
      result,
      { role: "model", parts: [call] },
      result,
    ];
    const { text, losses } = await google("gemini-3.6-flash", contents);
    expect(text.split(SENTINEL)).toHaveLength(3);
    const paths = [1, 7].map((index) => ({ path: `contents[${index}].parts[0].functionCall` }));
    expect(losses.warnings).toMatchObject(paths);
  });

  test("calls without a thought, where Anthropic thinks by hand", async () => {
    const turn = (blocks: unknown[]) => ({
      thinking: { type: "enabled", budget_tokens: 1024 },
      max_tokens: 4000,
      messages: [
        { role: "user", content: "hello" },
        { role: "assistant", content: [...blocks, { type: "tool_use", id: "t", name: "weather", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t" }] },
      ],
    });
    const model = "anthropic/claude-sonnet-4-5";
    const bare = await planRequest(turn([]), { client: "anthropic-messages", model });
    expect(bare.body).toEqual({ ...turn([]), model: "claude-sonnet-4-5", thinking: { type: "disabled" } });
    expect(bare.losses.warnings).toEqual([{ code: "reasoning_adjusted", path: "thinking" }]);
    const thought = turn([{ type: "thinking", thinking: "well", signature: "c2ln" }]);
    const kept = await planRequest(thought, { client: "anthropic-messages", model });
    expect(kept.body).toEqual({ ...thought, model: "claude-sonnet-4-5" });
    expect(kept.losses.any).toBe(false);
  });
});
