import { describe, expect, test } from "vitest";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { CountedPrompts } from "../../../worker/router/counted-prompts.ts";
import { type PromptScope, prefixesOf } from "../../../worker/router/prompt-prefixes.ts";

const NOW = Date.UTC(2026, 10, 26);
const HOUR = 3_600_000;

const scope = (more: Partial<PromptScope> = {}): PromptScope => ({
  ...{ tenant: "org_root0000", provider: "anthropic", upstreamModel: "claude-haiku-4-5" },
  ...{ upstream: "anthropic-messages", beta: "", ...more },
});

const SYSTEM = "You are an agent. ".repeat(300);
const said = (role: string, text: string) => ({ role, content: text });
const TURNS = [said("user", "Read a.txt"), said("assistant", "It says b."), said("user", "And c.txt?")];

const messages = (turns: readonly unknown[], more: JsonObject = {}): JsonObject => ({
  ...{ model: "anthropic/claude-haiku-4-5", max_tokens: 64_000, system: SYSTEM, messages: turns, ...more },
});

const prefixes = (body: JsonObject, own: PromptScope = scope(), dialect: DialectId = "anthropic-messages") =>
  prefixesOf(body, JSON.stringify(body).length, dialect, own);

/** What is known of a request after another was answered. */
function known(first: JsonObject, then: JsonObject, own: { before?: PromptScope; after?: PromptScope } = {}) {
  const memory = new CountedPrompts();
  const before = prefixes(first, own.before);
  if (before !== null) memory.remember(before, 1_234, NOW);
  const after = prefixes(then, own.after);
  return after === null ? null : memory.find(after, NOW + 1);
}

describe("a conversation that goes on", () => {
  const more = [said("assistant", "It says d."), said("user", "Thanks")];

  test("is known by what was counted, and the bytes of the new turns", () => {
    const counted = known(messages(TURNS), messages([...TURNS, ...more]));
    expect(counted?.tokens).toBe(1_234);
    const bytes = JSON.stringify(more).length;
    expect(counted?.newBytes).toBeGreaterThanOrEqual(bytes);
    // The cap, which is not hashed, counts as new.
    expect(counted?.newBytes).toBeLessThan(bytes + 32);
    expect(["messages[2].content[0]", "messages[3].content[0].source"].map((path) => counted?.isNew(path))).toEqual([
      false,
      true,
    ]);
    expect(counted?.isNew("system[0]")).toBe(false);
  });

  test("by its longest prefix", () => {
    const memory = new CountedPrompts();
    const told = (turns: readonly unknown[], tokens: number) =>
      memory.remember(prefixes(messages(turns)) as NonNullable<ReturnType<typeof prefixes>>, tokens, NOW);
    told(TURNS, 300);
    told(TURNS.slice(0, 1), 100);
    const asked = prefixes(messages([...TURNS, ...more])) as NonNullable<ReturnType<typeof prefixes>>;
    expect(memory.find(asked, NOW)?.tokens).toBe(300);
    expect(memory.find(asked, NOW + HOUR)).toBeNull();
  });

  test.each<[string, JsonObject]>([
    ["its output cap", messages([...TURNS, ...more], { max_tokens: 5, stream: true })],
    [
      "where its cache marks stand",
      messages([
        TURNS[0],
        TURNS[1],
        { role: "user", content: [{ type: "text", text: "And c.txt?", cache_control: { type: "ephemeral" } }] },
        ...more,
      ]),
    ],
  ])("whatever %s", (_, then) => {
    expect(known(messages(TURNS), then)?.tokens).toBe(1_234);
  });

  test("and another note to billing, which counts byte for byte", () => {
    const noted = (note: string) => [
      { type: "text", text: `x-anthropic-billing-header: ${note}` },
      { type: "text", text: SYSTEM },
    ];
    const first = messages(TURNS, { system: noted("cch=1") });
    const then = messages([...TURNS, ...more], { system: noted("x".repeat(5_000)) });
    expect(known(first, then)?.newBytes).toBeGreaterThan(5_000);
  });

  test("what a cache mark hides counts byte for byte", () => {
    const hidden = said("user", "And c.txt?");
    const then = messages([...TURNS.slice(0, 2), { ...hidden, cache_control: { type: "x".repeat(5_000) } }, ...more]);
    expect(known(messages(TURNS), then)?.newBytes).toBeGreaterThan(5_000);
  });
});

describe("nothing is known", () => {
  const longer = [...TURNS, said("assistant", "It says d."), said("user", "Thanks")];

  test.each<[string, JsonObject, JsonObject, { before?: PromptScope; after?: PromptScope }?]>([
    ["of a changed turn", messages(TURNS), messages([said("user", "Read b.txt"), ...longer.slice(1)])],
    ["of other instructions", messages(TURNS), messages(longer, { system: `${SYSTEM}.` })],
    ["of other tools", messages(TURNS, { tools: [{ name: "a" }] }), messages(longer, { tools: [{ name: "b" }] })],
    ["of other thinking", messages(TURNS), messages(longer, { thinking: { type: "enabled", budget_tokens: 2_000 } })],
    ["of a conversation cut short", messages(longer), messages(TURNS)],
    ["of another tenant", messages(TURNS), messages(longer), { after: scope({ tenant: "org_other000" }) }],
    ["of another model", messages(TURNS), messages(longer), { after: scope({ upstreamModel: "claude-opus-5-5" }) }],
    ["of another endpoint", messages(TURNS), messages(longer), { after: scope({ upstream: "openai-chat" }) }],
    ["under other switches", messages(TURNS), messages(longer), { after: scope({ beta: "context-1m" }) }],
    ["where the model went on with the last turn", messages(TURNS.slice(0, 2)), messages(longer)],
    ["of a prompt that is not worth it", messages(TURNS, { system: "" }), messages(longer, { system: "" })],
    [
      "of tools that are counted later",
      messages(TURNS, { tools: [{ name: "a", defer_loading: true }] }),
      messages(longer, { tools: [{ name: "a", defer_loading: true }] }),
    ],
    [
      "of a prompt that the provider may shorten",
      messages(TURNS, { truncation: "auto" }),
      messages(longer, { truncation: "auto" }),
    ],
    [
      "behind a reseller, whose hosts may count differently",
      messages(TURNS),
      messages(longer),
      { before: scope({ provider: "openrouter" }), after: scope({ provider: "openrouter" }) },
    ],
  ])("%s", (_, first, then, own = {}) => {
    expect(known(first, then, own)).toBeNull();
  });
});

test("what is no turn at all breaks nothing", () => {
  const turns = ["x-anthropic-billing-header: a", null, 7, [], {}];
  expect(prefixes(messages(turns))?.marks).toHaveLength(turns.length);
});

test.each<[DialectId, string, unknown[], boolean]>([
  ["openai-chat", "messages", [said("user", "a"), { role: "tool", tool_call_id: "1", content: "b" }], true],
  ["openai-chat", "messages", [said("user", "a"), said("assistant", "b")], false],
  ["openai-responses", "input", [{ type: "function_call_output", call_id: "1", output: "b" }], true],
  ["openai-responses", "input", [{ type: "function_call", call_id: "1", name: "a", arguments: "{}" }], false],
  ["openai-responses", "input", [{ type: "reasoning", summary: [] }], false],
  ["google-generate-content", "contents", [{ parts: [{ text: "a" }] }], true],
  ["google-generate-content", "contents", [{ role: "model", parts: [{ text: "a" }] }], false],
])("%s: what ends %s %j is remembered: %s", (dialect, list, turns, remembered) => {
  const memory = new CountedPrompts();
  const own = scope({ provider: "openai", upstream: dialect });
  const told = prefixes({ [list]: turns, note: SYSTEM }, own, dialect) as NonNullable<ReturnType<typeof prefixes>>;
  memory.remember(told, 7, NOW);
  expect(memory.find(told, NOW)?.tokens ?? null).toBe(remembered ? 7 : null);
});

test("of many prompts the oldest are forgotten", () => {
  const memory = new CountedPrompts();
  const told = (n: number) => prefixes(messages([said("user", `${n}`)])) as NonNullable<ReturnType<typeof prefixes>>;
  for (let n = 0; n <= 4_096; n++) memory.remember(told(n), 1, NOW);
  expect([0, 1, 4_096].map((n) => memory.find(told(n), NOW) !== null)).toEqual([false, true, true]);
});

test("a prompt of 100 KB is told apart in well under a millisecond", () => {
  const turns = Array.from({ length: 50 }, (_, n) => said(n % 2 === 0 ? "user" : "assistant", "word ".repeat(400)));
  const body = messages(turns);
  const times = Array.from({ length: 60 }, () => {
    const begun = performance.now();
    prefixes(body);
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  console.info(`${JSON.stringify(body).length} bytes: ${times[30]?.toFixed(3)} ms`);
  // A machine under load gets room.
  expect(times[5]).toBeLessThan(2);
});
