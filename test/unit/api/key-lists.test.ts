import { describe, expect, test } from "vitest";
import { type Answer, CHAT_ANSWER, eachTest, type World } from "./world.ts";

/** What is told the Ledger for a key's allow-lists, and that nothing is sent before it has said yes to them. */

let world: World;
eachTest((fresh) => {
  world = fresh;
  world.limited = false;
});

/** How many calls of a request its provider gets though the Ledger refuses it: one where it does not wait to send. */
async function sentInSpite(headers: Record<string, string> = {}): Promise<number> {
  const before = world.sent.length;
  world.answers = [{ ok: false, code: "key_disabled" }];
  expect((await world.chat("openai/gpt-4.1", {}, headers)).status).toBe(401);
  return world.sent.length - before;
}

/** The same once this isolate has seen the key accepted. */
async function sentInSpiteOnceKnown(headers: Record<string, string> = {}): Promise<number> {
  expect((await world.chat("openai/gpt-4.1")).status).toBe(200);
  return sentInSpite(headers);
}

describe("a key without limits", () => {
  test("does not wait to send, once it is known", async () => {
    expect([await sentInSpite(), await sentInSpiteOnceKnown()]).toEqual([0, 1]);
  });

  test("with allow-lists waits for the Ledger's yes", async () => {
    world.restricted = true;
    expect(await sentInSpiteOnceKnown()).toBe(0);
  });

  test("in a web page waits for the Ledger's yes", async () => {
    expect(await sentInSpiteOnceKnown({ origin: "https://app.example.com" })).toBe(0);
    expect(await sentInSpiteOnceKnown({ origin: "http://localhost" })).toBe(1);
  });

  test.each<[string, Answer, number, string]>([
    ["revoked", { ok: false, code: "invalid_api_key" }, 401, "invalid_api_key"],
    ["disabled", { ok: false, code: "key_disabled" }, 401, "key_disabled"],
    ["given a list of networks", { ok: false, code: "ip_not_allowed", address: "203.0.113.7" }, 403, "ip_not_allowed"],
    [
      "given a list of models",
      { ok: false, code: "model_not_allowed", name: "openai/gpt-4.1", param: "model", allowed: ["openai/*"] },
      403,
      "model_not_allowed",
    ],
  ])(
    "that was %s meanwhile is refused at the next request, and not a byte of an answer goes out",
    async (_, no, status, code) => {
      await world.chat("openai/gpt-4.1");
      world.answers = [no];
      world.provider = async () => Response.json({ ...CHAT_ANSWER, id: "secret" });
      const response = await world.chat("openai/gpt-4.1");
      expect(response.status).toBe(status);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ error: { code } });
      expect(text).not.toContain("secret");
      expect(world.sent.slice(1).every(({ signal }) => signal.aborted)).toBe(true);
      // Nor does the next one go out before the Ledger has said yes again.
      expect(await sentInSpite()).toBe(0);
    },
  );
});

describe("what the Ledger is told", () => {
  const named = () => world.asked.at(-1)?.named.map(({ name, meaning, param }) => [name, meaning, param]);

  test.each<[string, string, object, Record<string, string>, (string | null)[][]]>([
    ["a model", "openai/gpt-4.1", {}, {}, [["openai/gpt-4.1", "openai/gpt-4.1", "model"]]],
    ["a bare name", "gpt-4.1", {}, {}, [["gpt-4.1", "openai/gpt-4.1", "model"]]],
    [
      "fallbacks of the header and of the body",
      "gpt-4.1",
      { models: ["openai/gpt-4.1-mini"] },
      { "x-gaia-fallbacks": "anthropic/claude-haiku-4-5" },
      [
        ["gpt-4.1", "openai/gpt-4.1", "model"],
        ["anthropic/claude-haiku-4-5", "anthropic/claude-haiku-4-5", "x-gaia-fallbacks"],
        ["openai/gpt-4.1-mini", "openai/gpt-4.1-mini", "models[0]"],
      ],
    ],
    [
      "those that OpenRouter reads itself",
      "openrouter/openai/gpt-4.1",
      { models: ["anthropic/claude-haiku-4.5"] },
      {},
      [
        ["openrouter/openai/gpt-4.1", "openrouter/openai/gpt-4.1", "model"],
        ["openrouter/anthropic/claude-haiku-4.5", "openrouter/anthropic/claude-haiku-4.5", "models[0]"],
      ],
    ],
  ])("%s", async (_, model, more, headers, expected) => {
    await world.chat(model, more, headers);
    expect(named()).toEqual(expected);
  });

  test.each<[string, Record<string, string>, object]>([
    ["nothing", {}, { address: null, origin: null }],
    [
      "Cloudflare's word for the client",
      { "cf-connecting-ip": "203.0.113.7" },
      { address: "203.0.113.7", origin: null },
    ],
    ["a page of another origin", { origin: "https://a.example" }, { address: null, origin: "https://a.example" }],
    ["a page that hides its origin", { origin: "null" }, { address: null, origin: "null" }],
    ["a page of the gateway's own", { origin: "http://localhost" }, { address: null, origin: null }],
    ["a header that anybody writes", { "x-forwarded-for": "203.0.113.7" }, { address: null, origin: null }],
  ])("of where it comes from: %s", async (_, headers, from) => {
    await world.chat("openai/gpt-4.1", {}, headers);
    expect(world.asked.at(-1)?.from).toEqual(from);
  });
});

describe("a refusal", () => {
  test.each<[Answer, RegExp, string | null]>([
    [
      { ok: false, code: "model_not_allowed", name: "m", param: "models[2]", allowed: ["openai/*", "smart"] },
      /'m'\. It may ask for: openai\/\*, smart\.$/,
      "models[2]",
    ],
    [
      {
        ...{ ok: false, code: "model_not_allowed", name: "m", param: "model" },
        allowed: Array.from({ length: 13 }, (_, at) => `openai/${at}`),
      },
      /openai\/9 and 3 more\.$/,
      "model",
    ],
    [{ ok: false, code: "ip_not_allowed", address: "203.0.113.7" }, /from 203\.0\.113\.7\./, null],
    [{ ok: false, code: "ip_not_allowed", address: null }, /address is not known/, null],
    [{ ok: false, code: "origin_not_allowed", origin: "https://a.example" }, /pages of https:\/\/a\.example\./, null],
  ])("%j says what is allowed, or what to do", async (no, message, param) => {
    world.answers = [no];
    const response = await world.chat("openai/gpt-4.1");
    expect(response.status).toBe(403);
    expect(response.headers.get("x-should-retry")).toBe("false");
    const { error } = (await response.json()) as { error: { message: string; param: string | null } };
    expect(error.message).toMatch(message);
    expect(error.param).toBe(param);
    expect(world.sent).toEqual([]);
  });
});
