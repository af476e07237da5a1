import { describe, expect, test } from "vitest";
import { A, B, C, type Failure, failing, LIMIT_REACHED, routeOf, status } from "./routed.ts";
import { type Answer, CHAT_ANSWER, eachTest, type World } from "./world.ts";

/** Further attempts: what the Ledger may say to them, and which follow. */

let world: World;
eachTest((fresh) => {
  world = fresh;
  failing(world, {});
});

const models = () => world.sent.map(({ body }) => String(body.model));
const house = (more: object = {}, headers: Record<string, string> = {}) => world.chat("house", more, headers);
const hi = { messages: [{ role: "user", content: "hi" }] };
const down = () => ({ "gpt-4.1": [status(503), status(503)] });
const result = () => world.settled[0]?.result;
const told = () => result()?.tries?.map(({ model, outcome, reason }) => [model, outcome, reason]);

describe("strictly", () => {
  const strict = { "x-gaia-strict": "true" };

  test("only a target that loses nothing is asked", async () => {
    world.routes = [routeOf([B, A])];
    const response = await house({ seed: 7 }, strict);
    expect([response.status, models()]).toEqual([200, ["gpt-4.1"]]);
    expect(told()?.[0]).toEqual(["claude-haiku-4-5", "skipped", "translation_loss"]);
  });

  test("nor after a failure", async () => {
    world.routes = [routeOf([A, B])];
    failing(world, { "gpt-4.1": [status(429, { "retry-after": "7" })] });
    expect((await house({ seed: 7 }, strict)).status).toBe(429);
    expect(models()).toEqual(["gpt-4.1"]);
  });

  test.each([
    [[B], "translation_loss"],
    [[B, "google/gemini-2.5-flash"], "no_target"],
  ])("where %j would lose something nobody is", async (targets, code) => {
    world.routes = [routeOf(targets)];
    const response = await house({ logit_bias: { 1: 1 } }, strict);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code } }]);
    expect([world.sent, world.asked]).toEqual([[], []]);
  });
});

describe("the Ledger says to a further attempt", () => {
  test("that it is cooling: another is asked", async () => {
    world.routes = [routeOf([A, B, C])];
    failing(world, down());
    const cooling = [{ target: `${B}@`, until: Date.now() + 60_000 }];
    world.answers = [{}, { ok: false, code: "cooling", cooling }];
    expect((await house()).status).toBe(200);
    expect(models()).toEqual(["gpt-4.1", "gpt-4.1-mini"]);
    expect(world.asked.map(({ target, replaces }) => [target, replaces])).toEqual([
      [`${A}@`, null],
      [`${B}@`, 1],
      [`${C}@`, 1],
    ]);
    expect(told()).toEqual([
      ["gpt-4.1", "failed", "server_error"],
      ["claude-haiku-4-5", "skipped", "cooling"],
      ["gpt-4.1-mini", "answered", null],
    ]);
    expect(world.settled).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ["that another route holds", { ok: false, code: "use_route", route: routeOf([C], { version: 2 }) }],
    ["that its key is disabled", { ok: false, code: "key_disabled" }],
  ])("%s: the failure is the answer", async (_, answer) => {
    world.routes = [routeOf([A, B])];
    failing(world, down());
    world.answers = [{}, answer];
    expect((await house()).status).toBe(503);
    expect(models()).toEqual(["gpt-4.1"]);
    expect(world.settled).toHaveLength(1);
    expect(result()).toMatchObject({ outcome: "provider_error", status: 503, attempts: 1, tries: null });
  });

  test("that a route was changed: the next request goes by the new one", async () => {
    world.routes = [routeOf([A, B])];
    failing(world, down());
    world.answers = [{}, { ok: false, code: "use_route", route: routeOf([C], { version: 2 }) }];
    await house();
    await house();
    expect(models()).toEqual(["gpt-4.1", "gpt-4.1-mini"]);
  });

  test("that a limit has a cheaper model: that one is asked in its place", async () => {
    world.routes = [routeOf([A, B])];
    failing(world, down());
    world.answers = [{}, { ok: false, code: "use_model", model: C, limitId: "lim_000000000000" }];
    const response = await house();
    expect([response.status, models()]).toEqual([200, ["gpt-4.1", "gpt-4.1-mini"]]);
    expect(response.headers.get("x-gaia-warnings")).toBe("model_substituted@model");
    expect(world.asked.map(({ substituted, replaces }) => [substituted, replaces])).toEqual([
      [false, null],
      [false, 1],
      [true, 1],
    ]);
  });
});

test("a limit's cheaper model takes the place of a route: no other is asked after it", async () => {
  world.routes = [routeOf([A, B])];
  failing(world, { "gpt-4.1-mini": [status(503)] });
  world.answers = [{ ok: false, code: "use_model", model: C, limitId: "lim_000000000000" }];
  expect((await house()).status).toBe(503);
  expect(models()).toEqual(["gpt-4.1-mini"]);
  expect(world.asked.map(({ alternatives }) => alternatives)).toEqual([true, false]);
  expect(world.settled).toHaveLength(1);
});

describe("a target is one, however often and in whichever spelling it is named", () => {
  const all = () => ({ "gpt-4.1": Array.from({ length: 9 }, () => status(503)) });

  test("by a route and the client's fallbacks: it is asked twice at most", async () => {
    world.routes = [routeOf([A])];
    failing(world, all());
    expect((await house({}, { "x-gaia-fallbacks": `${A}, gpt-4.1` })).status).toBe(503);
    expect(models()).toEqual(["gpt-4.1", "gpt-4.1"]);
  });

  test("by the model and a fallback: it is asked as if there was none", async () => {
    failing(world, all());
    expect((await world.chat(A, {}, { "x-gaia-fallbacks": "gpt-4.1" })).status).toBe(503);
    expect(models()).toEqual(["gpt-4.1"]);
  });
});

describe("a key without limits", () => {
  test("whose call beside the admission fails goes to another target", async () => {
    world.limited = false;
    world.routes = [routeOf([A, B])];
    await house();
    failing(world, down());
    const response = await house();
    expect([response.status, models()]).toEqual([200, ["gpt-4.1", "gpt-4.1", "claude-haiku-4-5"]]);
    expect(response.headers.get("x-gaia-attempts")).toBe("2");
    expect(world.asked.slice(1).map(({ replaces }) => replaces)).toEqual([null, 1]);
    expect(world.settled.map(({ result }) => [result.outcome, result.attempts])).toEqual([
      ["ok", 1],
      ["ok", 2],
    ]);
  });
});

test("embeddings go to another target, in whichever dialect that is", async () => {
  world.routes = [routeOf(["openai/text-embedding-3-small", "google/gemini-embedding-001"])];
  world.provider = async ({ url }) =>
    url.includes("openai") ? status(503)() : Response.json({ embeddings: [{ values: [0.6, 0.8] }] });
  const response = await world.post("/v1/embeddings", { model: "house", input: "x" });
  expect([response.status, await response.json()]).toMatchObject([200, { data: [{ embedding: [0.6, 0.8] }] }]);
  expect(told()).toMatchObject([
    ["text-embedding-3-small", "failed", "http_503"],
    ["gemini-embedding-001", "answered", null],
  ]);
  expect(world.settled).toHaveLength(1);
});

test("a client that leaves while a further attempt is admitted: it is settled once, and nothing more is sent", async () => {
  const leaving = new AbortController();
  world.routes = [routeOf([A, B])];
  failing(world, down());
  world.meanwhile = () => {
    if (world.asked.length === 2) leaving.abort();
  };
  await world.post("/v1/chat/completions", { model: "house", ...hi }, {}, leaving.signal);
  expect([models(), world.asked.length]).toEqual([["gpt-4.1"], 2]);
  expect(world.settled.map(({ result }) => result.outcome)).toEqual(["client_gone"]);
});

test("what a limit has no room for costs what the failed attempt did, and no less", async () => {
  world.routes = [routeOf([A, B])];
  const error = { message: "no", type: "server_error", code: null };
  const billed: Failure = () => Response.json({ ...CHAT_ANSWER, error });
  failing(world, { "gpt-4.1": [billed] });
  world.answers = [{}, LIMIT_REACHED];
  await house();
  const withAnother = result()?.costNano;
  world.routes = [routeOf([A], { name: "hause" })];
  failing(world, { "gpt-4.1": [billed] });
  world.answers = [{}, LIMIT_REACHED];
  await world.chat("hause");
  expect(withAnother).toBeGreaterThan(0);
  expect(world.settled[1]?.result.costNano).toBe(withAnother);
});
