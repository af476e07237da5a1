import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { A, B, type Failure, failing, LIMIT_REACHED, routeOf, silence, status } from "./routed.ts";
import { type Answer, eachTest, type World } from "./world.ts";

/** What a request tells of its targets' health, and that a breaker waits for no report that never comes. */

let world: World;
const leaving = { now: new AbortController() };
eachTest((fresh) => {
  world = fresh;
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  leaving.now = new AbortController();
});
afterEach(() => void vi.useRealTimers());

const models = () => world.sent.map(({ body }) => String(body.model));
/** Which models the next request of a route asks. */
async function askedBy(model = "house"): Promise<string[]> {
  const before = world.sent.length;
  await world.chat(model);
  return models().slice(before);
}

const hi = { messages: [{ role: "user", content: "hi" }] };
/** A request whose client can leave. */
const leave = (model = "house") => {
  const { now } = leaving;
  leaving.now = new AbortController();
  return world.post("/v1/chat/completions", { model, ...hi }, {}, now.signal);
};

const always = (failure: Failure) => Array.from({ length: 99 }, () => failure);

/** Five requests have failed at A, and its breaker has been open for as long as it is at first: the next call is a probe. */
async function ailing(targets = [A, B]): Promise<void> {
  world.routes = [routeOf(targets), routeOf([A], { name: "only" }), routeOf([A, B], { name: "other" })];
  failing(world, { "gpt-4.1": always(status(500)) });
  for (let count = 0; count < 5; count++) await world.chat("only");
  expect(await askedBy()).toEqual(["claude-haiku-4-5"]);
  vi.setSystemTime(Date.now() + 13_000);
  failing(world, {});
}

describe("a probe that is not made is left to the next request", () => {
  test("which is the first to be asked again", async () => {
    await ailing();
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });

  test("where a limit refuses the request", async () => {
    await ailing();
    world.answers = [LIMIT_REACHED];
    expect(await askedBy()).toEqual([]);
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });

  test("where the key may not write", async () => {
    await ailing();
    world.permissions = ["read"];
    await world.chat(B);
    world.permissions = ["read", "write"];
    expect((await world.chat("house")).status).toBe(403);
    // What was remembered of the key is over.
    vi.setSystemTime(Date.now() + 60_000);
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });

  test("where the Ledger is away", async () => {
    await ailing();
    const { meanwhile } = world;
    world.meanwhile = () => {
      throw new Error("away");
    };
    expect((await world.chat("house")).status).toBe(503);
    world.meanwhile = meanwhile;
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });

  test.each<[string, Answer]>([
    ["another route holds", { ok: false, code: "use_route", route: routeOf([B], { version: 2 }) }],
    ["a limit has a cheaper model", { ok: false, code: "use_model", model: B, limitId: "lim_000000000000" }],
    ["others know that it is cooling", { ok: false, code: "cooling", cooling: [{ target: `${A}@`, until: 0 }] }],
  ])("where %s", async (_, answer) => {
    await ailing();
    if ("cooling" in answer) answer.cooling[0] = { target: `${A}@`, until: Date.now() + 1_000 };
    world.answers = [answer];
    expect(await askedBy()).toEqual(["claude-haiku-4-5"]);
    vi.setSystemTime(Date.now() + 1_000);
    expect(await askedBy("other")).toEqual(["gpt-4.1"]);
  });

  test("where a further attempt is refused by a limit", async () => {
    await ailing([B, A]);
    failing(world, { "claude-haiku-4-5": [status(503)] });
    world.answers = [{}, LIMIT_REACHED];
    expect(await askedBy()).toEqual(["claude-haiku-4-5"]);
    expect(await askedBy("other")).toEqual(["gpt-4.1"]);
  });

  test("where the client leaves while a further attempt is admitted", async () => {
    await ailing([B, A]);
    failing(world, { "claude-haiku-4-5": [status(503)] });
    const asked = world.asked.length;
    const { now } = leaving;
    world.meanwhile = () => {
      if (world.asked.length > asked + 1) now.abort();
    };
    const before = world.sent.length;
    await leave();
    expect(models().slice(before)).toEqual(["claude-haiku-4-5"]);
    expect(await askedBy("other")).toEqual(["gpt-4.1"]);
  });

  test("where a target cannot serve the request", async () => {
    await ailing([A, B]);
    world.routes = [routeOf([A, "openai/text-embedding-3-small"], { name: "vectors" })];
    await world.post("/v1/embeddings", { model: "vectors", input: "x" });
    expect(models().at(-1)).toBe("text-embedding-3-small");
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });

  test("where the client has left before it was sent", async () => {
    await ailing();
    const { now } = leaving;
    world.meanwhile = () => now.abort();
    const before = world.sent.length;
    await leave();
    expect(models().slice(before)).toEqual([]);
    world.meanwhile = () => {};
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });

  test("where the client leaves while it is made", async () => {
    await ailing();
    const { now } = leaving;
    failing(world, { "gpt-4.1": [leaves(now)] });
    await leave();
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });
});

/** The client leaves while the provider has not answered. */
const leaves =
  (client: AbortController): Failure =>
  (sent) => {
    const pending = silence(sent);
    client.abort();
    return pending;
  };

describe("nothing is told against a target", () => {
  test("by clients that leave", async () => {
    world.routes = [routeOf([A, B])];
    for (let count = 0; count < 6; count++) {
      failing(world, { "gpt-4.1": [leaves(leaving.now)] });
      await leave();
    }
    failing(world, {});
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });

  test("by what the request itself is to blame for", async () => {
    world.routes = [routeOf([A, B])];
    failing(world, { "gpt-4.1": always(status(400)) });
    for (let count = 0; count < 6; count++) await world.chat("house");
    failing(world, {});
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });
});

describe("a count of tokens tells nothing for a target", () => {
  const count = () => world.post("/v1/messages/count_tokens", { model: "only", ...hi });

  test.each<[string, Failure, string | undefined]>([
    ["that its provider could not make", status(500), "estimated"],
    ["that its provider made", () => Response.json({ input_tokens: 7 }), undefined],
  ])("%s", async (_, counter, told) => {
    world.routes = [routeOf([B], { name: "only" }), routeOf([B, A])];
    failing(world, { "claude-haiku-4-5": always(status(500)) });
    for (let tries = 0; tries < 5; tries++) await askedBy("only");
    failing(world, { "claude-haiku-4-5": [counter] });
    const counted = await count();
    expect([counted.status, counted.headers.get("x-gaia-token-count")]).toEqual([200, told ?? null]);
    // The same again is remembered, and asks nobody.
    if (told === undefined) expect((await count()).headers.get("x-gaia-token-count")).toBe("cached");
    expect(await askedBy()).toEqual(["gpt-4.1"]);
  });
});
