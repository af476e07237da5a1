import { describe, expect, test } from "vitest";
import { A, B, C, type Failure, failing as failingAt, LIMIT_REACHED, routeOf, silence, status } from "./routed.ts";
import { eachTest, type World } from "./world.ts";

/** A request of a route: which targets are asked, and what is told and settled in the end. */

let world: World;
eachTest((fresh) => {
  world = fresh;
  failing({});
});

/** The provider answers as usual, but for the first calls of the models named. */
const failing = (first: Record<string, Failure[]>) => failingAt(world, first);
const models = () => world.sent.map(({ body }) => String(body.model));
const result = () => world.settled[0]?.result;
const house = (more: object = {}) => world.chat("house", more);

describe("a route's name", () => {
  test("that means nothing else is asked for, once", async () => {
    world.routes = [routeOf([A])];
    expect((await house()).status).toBe(200);
    expect((await house()).status).toBe(200);
    expect(models()).toEqual(["gpt-4.1", "gpt-4.1"]);
    expect(world.asked[0]).toMatchObject({ route: { id: "rte_000000000000", version: 1 }, target: "openai/gpt-4.1@" });
    expect(world.asked[0]?.draft).toMatchObject({ routeId: "rte_000000000000", requestedModel: "house" });
  });

  test("has what its requests use told that not every model has", async () => {
    world.routes = [routeOf([A])];
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
    const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
    const asked = { messages: [{ role: "user", content: [image, image] }], tools };
    await house(asked);
    await house();
    await world.chat(A, asked);
    expect(world.asked.map(({ draft }) => draft.uses)).toEqual([["image_input", "tools"], undefined, undefined]);
  });

  test("that is nobody's is a 404, and asked for again only later", async () => {
    expect((await world.chat("nobodys")).status).toBe(404);
    expect(world.asked).toEqual([]);
  });

  test("that is a model's too is known by the Ledger", async () => {
    const route = routeOf([B], { name: A });
    world.answers = [{ ok: false, code: "use_route", route }];
    const response = await world.chat(A);
    expect([response.status, response.headers.get("x-gaia-model")]).toEqual([200, "claude-haiku-4-5"]);
    expect(world.asked.map(({ route }) => route)).toEqual([null, { id: route.id, version: 1 }]);
    expect(models()).toEqual(["claude-haiku-4-5"]);
  });

  test("that means a target again is told, too", async () => {
    world.answers = [{ ok: false, code: "use_route", route: routeOf([B], { name: A }) }];
    await world.chat(A);
    world.answers = [{ ok: false, code: "use_route", route: null }];
    await world.chat(A);
    expect(models()).toEqual(["claude-haiku-4-5", "gpt-4.1"]);
  });

  test("a key without limits does not send before it is known what the name means", async () => {
    world.limited = false;
    world.routed = true;
    await world.chat(C);
    world.answers = [{ ok: false, code: "use_route", route: routeOf([B], { name: A }) }];
    await world.chat(A);
    expect(models()).toEqual(["gpt-4.1-mini", "claude-haiku-4-5"]);
  });
});

describe("another target is asked", () => {
  test.each<[string, Failure, string]>([
    ["500", status(500), "server_error"],
    ["502", status(502), "server_error"],
    ["503", status(503), "server_error"],
    ["529", status(529), "server_error"],
    ["429", status(429), "server_error"],
    ["408", status(408), "server_error"],
    ["401: the gateway's own key", status(401), "server_error"],
    ["402", status(402), "server_error"],
    ["a connection refused", () => Promise.reject(new Error("refused")), "upstream_unreachable"],
    ["headers that never come", silence, "upstream_timeout"],
    ["a redirect", () => new Response(null, { status: 307, headers: { location: "http://x.test" } }), "upstream_error"],
    ["a web page", () => new Response("<html>", { headers: { "content-type": "text/html" } }), "malformed"],
    ["JSON that breaks off", () => new Response('{"id":'), "malformed"],
  ])("after %s", async (_, failure, reason) => {
    world.routes = [routeOf([A, B])];
    failing({ "gpt-4.1": [failure] });
    const response = await house();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-gaia-model": "claude-haiku-4-5",
      "x-gaia-attempts": "2",
    });
    expect(models()).toEqual(["gpt-4.1", "claude-haiku-4-5"]);
    expect(world.asked.map(({ replaces }) => replaces)).toEqual([null, 1]);
    expect(world.asked.map(({ draft }) => draft.eventId)[0]).toBe(world.asked[1]?.draft.eventId);
    expect(world.settled).toHaveLength(1);
    expect(result()).toMatchObject({
      ...{ outcome: "ok", attempts: 2 },
      tries: [
        { provider: "openai", model: "gpt-4.1", outcome: "failed", reason },
        { provider: "anthropic", model: "claude-haiku-4-5", outcome: "answered", reason: null, status: 200 },
      ],
    });
  });

  test.each([400, 404, 413, 422])("not after %i: nobody would answer that", async (code) => {
    world.routes = [routeOf([A, B])];
    failing({ "gpt-4.1": [status(code)] });
    expect((await house()).status).toBe(code);
    expect(models()).toEqual(["gpt-4.1"]);
    expect(world.settled).toHaveLength(1);
    expect(result()).toMatchObject({ outcome: "provider_error", status: code, tries: null });
  });

  test("not where the client named the target itself", async () => {
    failing({ "gpt-4.1": [status(500)] });
    expect((await world.chat(A)).status).toBe(500);
    expect(models()).toEqual(["gpt-4.1"]);
  });

  test("after a prompt that is too long, only one that takes more", async () => {
    world.routes = [routeOf(["openai/gpt-3.5-turbo", "openai/gpt-3.5-turbo-16k", A])];
    const long = () =>
      Response.json({ error: { message: "too long", code: "context_length_exceeded" } }, { status: 400 });
    failing({ "gpt-3.5-turbo": [long] });
    expect((await house()).status).toBe(200);
    expect(models()[0]).toBe("gpt-3.5-turbo");
    expect(models().at(-1)).not.toBe("gpt-3.5-turbo");
  });
});

describe("the same target", () => {
  test("is asked twice where it is the only one", async () => {
    world.routes = [routeOf([A])];
    failing({ "gpt-4.1": [status(500), status(500)] });
    expect((await house()).status).toBe(500);
    expect(models()).toEqual(["gpt-4.1", "gpt-4.1"]);
    expect(result()).toMatchObject({ attempts: 2, outcome: "provider_error", status: 500 });
  });

  test("is not asked twice while it asks to be left alone", async () => {
    world.routes = [routeOf([A])];
    failing({ "gpt-4.1": [status(429, { "retry-after": "7" })] });
    const response = await house();
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(models()).toEqual(["gpt-4.1"]);
  });

  test("is asked again after the others: four times in all", async () => {
    world.routes = [routeOf([A, B, C])];
    const always = Array.from({ length: 4 }, () => status(503));
    failing({ "gpt-4.1": always, "claude-haiku-4-5": [...always], "gpt-4.1-mini": [...always] });
    expect((await house()).status).toBe(503);
    expect(models()).toEqual(["gpt-4.1", "claude-haiku-4-5", "gpt-4.1-mini", "gpt-4.1"]);
  });
});

describe("what only a later target refuses", () => {
  test("does not end a request that an outage has sent there", async () => {
    world.routes = [routeOf([A, B, C])];
    failing({ "gpt-4.1": [status(503)], "claude-haiku-4-5": [status(400)] });
    expect((await house()).status).toBe(200);
    expect(models()).toEqual(["gpt-4.1", "claude-haiku-4-5", "gpt-4.1-mini"]);
  });

  test("does not hide that it will pass, where nobody is left", async () => {
    world.routes = [routeOf([{ model: A, credential: null, weight: 1 }, B])];
    const unwell = [status(503, { "retry-after": "3" })];
    failing({ "gpt-4.1": unwell, "claude-haiku-4-5": [status(400)] });
    const response = await house();
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "3"]);
    expect(models()).toEqual(["gpt-4.1", "claude-haiku-4-5"]);
    expect(result()).toMatchObject({ outcome: "provider_error", status: 503, attempts: 2 });
    expect(result()?.tries?.map((one) => [one.status, one.costNano])).toEqual([
      [503, 0],
      [400, 0],
    ]);
  });
});

describe("what failed attempts may have cost", () => {
  test("is held beside the next, and part of the cost", async () => {
    world.routes = [routeOf([A, B])];
    failing({ "gpt-4.1": [silence] });
    await house();
    const failed = result()?.failedCostNano ?? 0;
    expect(failed).toBeGreaterThan(0);
    expect(result()?.tries?.map(({ costNano }) => costNano)[0]).toBe(failed);
    const [, answered] = result()?.tries ?? [];
    expect(result()?.costNano).toBe(failed + (answered?.costNano ?? 0));
    // Another route to the second target, whose name is as long.
    world.routes = [routeOf([B], { name: "hause" })];
    await world.chat("hause");
    expect(world.asked[1]?.bound.costNano).toBe((world.asked[2]?.bound.costNano ?? 0) + failed);
  });

  test("is nothing where it was refused", async () => {
    world.routes = [routeOf([A, B])];
    failing({ "gpt-4.1": [status(503)] });
    await house();
    expect(result()?.failedCostNano).toBe(0);
  });
});

describe("no other attempt follows", () => {
  test("that a limit has no room for: the failure is the answer, and settled", async () => {
    world.routes = [routeOf([A, B])];
    world.answers = [{}, LIMIT_REACHED];
    failing({ "gpt-4.1": [status(503)] });
    expect((await house()).status).toBe(503);
    expect(models()).toEqual(["gpt-4.1"]);
    expect(world.settled).toHaveLength(1);
    expect(result()).toMatchObject({ outcome: "provider_error", status: 503, attempts: 1 });
  });

  test("where the client has left", async () => {
    world.routes = [routeOf([A, B])];
    const leaving = new AbortController();
    failing({
      "gpt-4.1": [
        () => {
          leaving.abort();
          return status(503)();
        },
      ],
    });
    const body = { model: "house", messages: [{ role: "user", content: "hi" }] };
    await world.post("/v1/chat/completions", body, {}, leaving.signal);
    expect(models()).toEqual(["gpt-4.1"]);
    expect(world.settled).toHaveLength(1);
    expect(result()).toMatchObject({ outcome: "client_gone" });
  });
});

describe("targets that cannot serve", () => {
  test("are passed over, and the row says why", async () => {
    world.routes = [routeOf([{ model: A, credential: "nowhere-configured", weight: 1 }, B])];
    await house();
    expect(models().length).toBe(1);
  });

  test("all of them: the client hears why", async () => {
    world.routes = [routeOf([B, "anthropic/claude-sonnet-4-5"])];
    const response = await world.post("/v1/embeddings", { model: "house", input: "x" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "no_target", param: "model" } });
    expect(world.asked).toEqual([]);
  });
});

describe("fallbacks of the client's own", () => {
  test("in a header, in any dialect", async () => {
    failing({ "gpt-4.1": [status(500)] });
    const response = await world.chat(A, {}, { "x-gaia-fallbacks": `${B}, ${C}` });
    expect([response.status, models()]).toEqual([200, ["gpt-4.1", "claude-haiku-4-5"]]);
  });

  test.each([[{ model: A, models: [A, B] }], [{ models: [A, B] }], [{ model: A, models: [B] }]])(
    "in OpenRouter's list: %j",
    async (body) => {
      failing({ "gpt-4.1": [status(500)] });
      const response = await world.post("/v1/chat/completions", {
        ...body,
        messages: [{ role: "user", content: "hi" }],
      });
      expect([response.status, models()]).toEqual([200, ["gpt-4.1", "claude-haiku-4-5"]]);
      expect(world.sent.every(({ body }) => !("models" in body))).toBe(true);
    },
  );

  test("OpenRouter reads its list itself", async () => {
    await world.chat("openrouter/openai/gpt-4.1", { models: ["anthropic/claude-haiku-4.5"] });
    expect(world.sent[0]?.body.models).toEqual(["anthropic/claude-haiku-4.5"]);
  });

  test.each([
    [{ "x-gaia-fallbacks": "nobodys" }, {}, "x-gaia-fallbacks"],
    [{}, { models: "openai/gpt-4.1" }, "models"],
    [{}, { models: [A, "nobodys"] }, "models[1]"],
    [{}, { models: Array.from({ length: 10 }, (_, at) => `openai/m${at}`) }, "models"],
  ])("that are none: %j %j", async (headers, more, param) => {
    const response = await world.chat(A, more, headers as Record<string, string>);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(((await response.json()) as { error: { param: string } }).error.param).toBe(param);
    expect(world.sent).toEqual([]);
  });
});

describe("health", () => {
  test("a target that asks to be left alone is, and the Ledger is told", async () => {
    world.routes = [routeOf([A, B])];
    failing({ "gpt-4.1": [status(429, { "retry-after": "7" })] });
    await house();
    expect(world.cooled).toEqual([{ target: "openai/gpt-4.1@", until: expect.any(Number), reason: "rate_limit" }]);
    await house();
    expect(models()).toEqual(["gpt-4.1", "claude-haiku-4-5", "claude-haiku-4-5"]);
    expect(world.settled[1]?.result.tries).toMatchObject([
      { outcome: "skipped", reason: "cooling" },
      { outcome: "answered" },
    ]);
  });

  test("what others have told the Ledger counts here", async () => {
    world.routes = [routeOf([A, B])];
    world.answers = [
      { ok: false, code: "cooling", cooling: [{ target: "openai/gpt-4.1@", until: Date.now() + 60_000 }] },
    ];
    await house();
    expect(models()).toEqual(["claude-haiku-4-5"]);
    expect(world.asked.map(({ target, alternatives }) => [target, alternatives])).toEqual([
      ["openai/gpt-4.1@", true],
      ["anthropic/claude-haiku-4-5@", false],
    ]);
  });

  test("where all are cooling the soonest to be well is asked", async () => {
    world.routes = [routeOf([A, B])];
    const until = Date.now() + 60_000;
    const cooling = [
      { target: "openai/gpt-4.1@", until: until + 1_000 },
      { target: "anthropic/claude-haiku-4-5@", until },
    ];
    world.answers = [{ ok: false, code: "cooling", cooling }];
    await house();
    expect(models()).toEqual(["claude-haiku-4-5"]);
  });

  test("five failures in a row open the breaker of a target", async () => {
    world.routes = [routeOf([A, B])];
    failing({ "gpt-4.1": Array.from({ length: 99 }, () => status(500)) });
    for (let i = 0; i < 8; i++) expect((await house()).status).toBe(200);
    expect(models().filter((model) => model === "gpt-4.1")).toHaveLength(5);
    expect(world.settled.at(-1)?.result.tries?.[0]).toMatchObject({ outcome: "skipped", reason: "breaker_open" });
  });
});
