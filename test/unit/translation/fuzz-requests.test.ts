import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { ENVELOPE_MARK, ENVELOPE_MARK_BASE64 } from "../../../worker/canonical/envelope.ts";
import { GatewayError } from "../../../worker/errors.ts";
import { isObject, type JsonObject, parseJson } from "../../../worker/lib/json.ts";
import { scanJson } from "../../../worker/lib/json-scan.ts";
import { oddBodies, stateful } from "../../support/translation-properties/bodies.ts";
import { DIALECTS, planOrRefusal, planRequest } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** Whatever a request's body holds, it is sent or refused in words; the gateway itself never fails for it. */

const RUNS = 400;

const TARGETS: Record<ChatDialectId, string[]> = {
  "openai-chat": ["openai/gpt-4.1", "openrouter/z-ai/glm-5", "compatible/some-model"],
  "openai-responses": ["openai/gpt-6.1-sol", "openai/gpt-4.1"],
  "anthropic-messages": ["anthropic/claude-opus-5-5", "anthropic/claude-sonnet-4-5"],
  "google-generate-content": ["google/gemini-3.6-flash", "google/gemini-2.5-flash"],
};

describe.each(DIALECTS)("bodies of %s", (client) => {
  test.each(DIALECTS)("for %s", async (upstream) => {
    const model = fc.constantFrom(...TARGETS[upstream]);
    await fc.assert(
      fc.asyncProperty(oddBodies(client), model, fc.boolean(), async (text, name, stream) => {
        const body = parseJson(text);
        // Refused while it is read.
        if (!isObject(body) || "code" in scanJson(text)) return;
        const started = performance.now();
        const planned = await planOrRefusal(body, { client, model: name, upstream, stream });
        expect(performance.now() - started).toBeLessThan(2000);
        if (planned instanceof GatewayError) expect(planned.status).toBeLessThan(500);
        else expect(isObject(parseJson(planned.text))).toBe(true);
      }),
      { seed, numRuns: RUNS },
    );
  });

  test.each(DIALECTS)("with state of anybody's, for %s: no envelope leaves", async (upstream) => {
    const model = fc.constantFrom(...TARGETS[upstream]);
    await fc.assert(
      fc.asyncProperty(stateful(client), model, async (text, name) => {
        const planned = await planRequest(JSON.parse(text) as JsonObject, { client, model: name, upstream });
        expect(planned.text).not.toContain(ENVELOPE_MARK);
        expect(planned.text).not.toContain(ENVELOPE_MARK_BASE64);
      }),
      { seed, numRuns: RUNS },
    );
  });
});

test.each(["anthropic-messages", "google-generate-content"] as const)(
  "arguments and results that nest too deep for JSON go to %s as text",
  async (upstream) => {
    const deep = `${'{"a":['.repeat(20_000)}${"]}".repeat(20_000)}`;
    const call = { id: "c", type: "function", function: { name: "f", arguments: deep } };
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "c", content: deep },
    ];
    const [model = ""] = TARGETS[upstream];
    const { text, losses } = await planRequest({ messages }, { client: "openai-chat", model, upstream });
    expect(text).toContain(JSON.stringify({ _raw: deep }));
    expect(losses.warnings).toContainEqual({ code: "part_converted", path: "messages[1].tool_calls[0]" });
  },
);
