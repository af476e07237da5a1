import { expect, test } from "vitest";
import { CHAT_ANSWER, CLAUDE_ANSWER, eachTest, type World } from "./world.ts";

/** A conversation through the gateway: what the Ledger is asked to hold for its second request. */

let world: World;
eachTest((fresh) => {
  world = fresh;
  world.provider = async () => Response.json(CLAUDE_ANSWER);
});

const said = (role: string, content: string) => ({ role, content });
const FIRST = [said("user", "Read a.txt")];
const MORE = [said("assistant", "yes"), said("user", "And now?")];
const SYSTEM = "You are an agent. ".repeat(1_000);
const ask = (messages: object[], headers: Record<string, string> = {}, more: object = {}) =>
  world.post(
    "/v1/messages",
    { model: "anthropic/claude-haiku-4-5", max_tokens: 900, system: SYSTEM, messages, ...more },
    headers,
  );
const held = () => world.asked.map(({ bound }) => bound.inputTokens);

/** What the provider counted, and everything new at a token a byte; far below the 18,000 bytes of the instructions. */
const MOST = CLAUDE_ANSWER.usage.input_tokens + 300;

test("the second is held by what the provider counted of the first", async () => {
  await ask(FIRST);
  await ask([...FIRST, ...MORE]);
  const [first, second] = held() as [number, number];
  expect(first).toBeGreaterThan(18_000);
  expect(second).toBeGreaterThan(1_000);
  expect(second).toBeLessThan(MOST);
  expect(world.asked[1]?.bound.costNano).toBeLessThan(world.asked[0]?.bound.costNano ?? 0);
  expect(world.settled).toHaveLength(2);
});

test("also where it is told to another vendor's model", async () => {
  world.provider = async () => Response.json(CHAT_ANSWER);
  await ask(FIRST, {}, { model: "openai/gpt-5-mini" });
  await ask([...FIRST, ...MORE], {}, { model: "openai/gpt-5-mini" });
  expect(held()[1]).toBeLessThan(MOST + 512);
});

test.each<[string, () => Promise<unknown>]>([
  ["under other switches", () => ask([...FIRST, ...MORE], { "anthropic-beta": "interleaved-thinking-2025-05-14" })],
  ["with other instructions", () => ask([...FIRST, ...MORE], {}, { system: `${SYSTEM}!` })],
])("not %s", async (_, again) => {
  await ask(FIRST);
  await again();
  expect(held()[1]).toBeGreaterThan(18_000);
});

test.each<[string, () => Promise<Response>]>([
  ["an answer that tells no usage", async () => Response.json({ ...CLAUDE_ANSWER, usage: undefined })],
  ["a failure", async () => Response.json({ type: "error", error: { type: "api_error" } }, { status: 500 })],
])("nothing is learned of %s", async (_, provider) => {
  world.provider = provider;
  await ask(FIRST);
  await ask([...FIRST, ...MORE]);
  expect(held()[1]).toBeGreaterThan(18_000);
});

test("nor of a key that nothing limits", async () => {
  world.limited = false;
  await ask(FIRST);
  world.limited = true;
  await ask([...FIRST, ...MORE]);
  expect(held()[1]).toBeGreaterThan(18_000);
});
