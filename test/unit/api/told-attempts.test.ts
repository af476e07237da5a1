import { describe, expect, test } from "vitest";
import type { RouteRecord } from "../../../worker/canonical/tenant.ts";
import { A, B, C, type Failure, failing, routeOf, silence, status } from "./routed.ts";
import { eachTest, type World } from "./world.ts";

/** What the client, and the request's row, are told of attempts that failed. */

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

describe("the gateway's own credential is not the client's business", () => {
  const SAID: Record<number, string> = { 401: "authentication_error", 402: "billing_error", 403: "permission_error" };
  const refused = (code: number): Failure[] => {
    const error = { message: "Incorrect API key: sk-secret", type: SAID[code], code: null };
    const answer = () => Response.json({ type: "error", error }, { status: code });
    return [answer, answer];
  };

  test.each<[number, target: string, model: string, code: string]>([
    [401, A, "gpt-4.1", "provider_authentication"],
    [403, A, "gpt-4.1", "provider_authentication"],
    [402, A, "gpt-4.1", "provider_billing"],
    [401, B, "claude-haiku-4-5", "provider_authentication"],
  ])("%i of a route's last target %s is a 502", async (upstream, target, model, code) => {
    world.routes = [routeOf([C, target])];
    failing(world, { "gpt-4.1-mini": [status(429, { "retry-after": "7" })], [model]: refused(upstream) });
    const response = await house();
    const text = await response.text();
    expect([response.status, JSON.parse(text).error.code]).toEqual([502, code]);
    expect(text).not.toContain("Incorrect");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ "x-gaia-provider": `${target.split("/")[0]} (simulated)`, "x-gaia-attempts": "2" },
      ...{ "x-gaia-upstream-status": String(upstream), "x-should-retry": "false" },
    });
    expect(result()).toMatchObject({ outcome: "provider_error", status: 502, costNano: 0 });
    expect(told()?.at(-1)?.slice(0, 2)).toEqual([model, "failed"]);
  });

  test("nor where the client names fallbacks", async () => {
    failing(world, { "gpt-4.1": refused(401), "gpt-4.1-mini": refused(401) });
    const response = await world.chat(A, {}, { "x-gaia-fallbacks": C });
    expect([response.status, models()]).toEqual([502, ["gpt-4.1", "gpt-4.1-mini"]]);
  });

  test("in the envelope of the client's dialect", async () => {
    world.routes = [routeOf([B])];
    failing(world, { "claude-haiku-4-5": refused(401) });
    const response = await world.post("/v1/messages", { model: "house", max_tokens: 9, ...hi });
    expect([response.status, await response.json()]).toMatchObject([
      502,
      { type: "error", error: { type: "api_error" } },
    ]);
  });

  test("also where a vendor says 400", async () => {
    world.routes = [routeOf(["google/gemini-3.6-flash"])];
    const error = { code: 400, status: "INVALID_ARGUMENT", message: "API key not valid. Please pass a valid API key." };
    world.provider = async () => Response.json({ error }, { status: 400 });
    for (const response of [
      await house(),
      await world.post("/v1beta/models/house:generateContent", { contents: [{ parts: [{ text: "hi" }] }] }),
    ]) {
      expect(response.status).toBe(502);
      expect(response.headers.get("x-gaia-upstream-status")).toBe("400");
    }
  });

  test.each(["openai/text-embedding-3-small", "google/gemini-embedding-001"])("of embeddings at %s", async (model) => {
    world.routes = [routeOf([model])];
    world.provider = async () => Response.json({ error: { message: "no", code: 401 } }, { status: 401 });
    const response = await world.post("/v1/embeddings", { model: "house", input: "x" });
    expect([response.status, await response.json()]).toMatchObject([
      502,
      { error: { code: "provider_authentication" } },
    ]);
  });

  test("but is, as the provider says it, for who names provider and model", async () => {
    failing(world, { "gpt-4.1": refused(401) });
    const response = await world.chat(A);
    expect([response.status, await response.json()]).toMatchObject([401, { error: { type: "authentication_error" } }]);
    expect(result()).toMatchObject({ status: 401 });
  });
});

describe("the headers are those of the last attempt", () => {
  const headers = (response: Response) =>
    ["x-gaia-provider", "x-gaia-model", "x-gaia-attempts", "x-gaia-warnings"].map((name) => response.headers.get(name));
  const openai = "openai (simulated)";
  const anthropic = "anthropic (simulated)";
  const refusing: Failure = () => Promise.reject(new Error("refused"));

  test.each<[string, RouteRecord, Record<string, Failure[]>, (string | null)[]]>([
    ["an answer, relayed", routeOf([B, A]), { "claude-haiku-4-5": [status(503)] }, [openai, "gpt-4.1", "2", null]],
    ["an answer, translated", routeOf([A, B]), down(), [anthropic, "claude-haiku-4-5", "2", "param_dropped@seed"]],
    [
      "a failure that it tells",
      routeOf([B, A]),
      { "claude-haiku-4-5": [status(400)] },
      [anthropic, "claude-haiku-4-5", "1", "param_dropped@seed"],
    ],
    [
      "an earlier failure, which will pass",
      routeOf([B, A]),
      { "claude-haiku-4-5": [status(503, { "retry-after": "3" })], "gpt-4.1": [status(400)] },
      [anthropic, "claude-haiku-4-5", "2", "param_dropped@seed"],
    ],
    [
      "a failure to reach it",
      routeOf([A, B]),
      { ...down(), "claude-haiku-4-5": [refusing, refusing] },
      [anthropic, "claude-haiku-4-5", "4", "param_dropped@seed"],
    ],
    [
      "a failure to reach it in time",
      routeOf([B, A]),
      { "claude-haiku-4-5": [status(429, { "retry-after": "7" })], "gpt-4.1": [silence, silence] },
      [openai, "gpt-4.1", "3", null],
    ],
  ])("%s", async (_, route, failures, expected) => {
    world.routes = [route];
    failing(world, failures);
    expect(headers(await house({ seed: 7 }))).toEqual(expected);
  });
});

describe("the row tells of targets that were passed over", () => {
  const picture = "data:image/png;base64,iVBORw0KGgo=";
  const sees = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: picture } }] }] };
  const blind = "openai/gpt-audio-mini";

  test("before the one that answers", async () => {
    world.routes = [routeOf([blind, A])];
    await house(sees);
    expect(told()).toEqual([
      ["gpt-audio-mini", "skipped", "image_input"],
      ["gpt-4.1", "answered", null],
    ]);
  });

  test("between two attempts", async () => {
    world.routes = [routeOf([A, blind, B])];
    failing(world, down());
    await house(sees);
    expect(told()).toEqual([
      ["gpt-4.1", "failed", "server_error"],
      ["gpt-audio-mini", "skipped", "image_input"],
      ["claude-haiku-4-5", "answered", null],
    ]);
  });

  test("after the last one, which failed", async () => {
    world.routes = [routeOf([A, blind])];
    failing(world, { "gpt-4.1": [status(429, { "retry-after": "7" })] });
    expect((await house(sees)).status).toBe(429);
    expect(told()).toEqual([
      ["gpt-4.1", "failed", "server_error"],
      ["gpt-audio-mini", "skipped", "image_input"],
    ]);
    expect(result()).toMatchObject({ attempts: 1, failedCostNano: 0 });
  });

  test("for length alone: the first is asked all the same", async () => {
    world.routes = [routeOf([blind, "openai/gpt-audio"])];
    const content = "word ".repeat(190_000);
    const response = await house({ messages: [{ role: "user", content }] });
    expect([response.status, models()]).toEqual([200, ["gpt-audio-mini"]]);
    expect(told()).toEqual([
      ["gpt-audio-mini", "skipped", "context_length"],
      ["gpt-audio", "skipped", "context_length"],
      ["gpt-audio-mini", "answered", null],
    ]);
  });
});
