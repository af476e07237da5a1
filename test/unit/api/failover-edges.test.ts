import { describe, expect, test, vi } from "vitest";
import type { RouteRecord } from "../../../worker/canonical/tenant.ts";
import type { LimitRefusal } from "../../../worker/ledger/contract.ts";
import { CHAT_ANSWER, CLAUDE_ANSWER, eachTest, ROOT, type Sent, type World } from "./world.ts";

/** What a route's requests leave behind where they end otherwise than usual: in holds, in costs, and in what is known of targets. */

let world: World;
eachTest((fresh) => {
  world = fresh;
  world.routes = [routeOf([A, B])];
  answering({});
});

const A = "openai/gpt-4.1";
const B = "anthropic/claude-haiku-4-5";

const routeOf = (targets: string[], name = "house"): RouteRecord => ({
  ...{ id: "rte_000000000000", organizationId: ROOT, name, strategy: "ordered", version: 1, removed: false },
  targets: targets.map((model) => ({ model, credential: null, weight: 1 })),
  timeouts: { headers: null, firstToken: null, idle: null, total: null },
});

type Answer = (sent: Sent) => Response | Promise<Response>;

/** Providers answer as usual, but for calls of the models named. */
function answering(others: Record<string, Answer>): void {
  world.provider = async (sent) => {
    const model = String(sent.body.model ?? sent.url);
    const usual = () => Response.json(sent.url.includes("anthropic") ? CLAUDE_ANSWER : CHAT_ANSWER);
    return (others[model] ?? usual)(sent);
  };
}

const fails = (code: number) => () => Response.json({ error: { message: "no", code: null } }, { status: code });
/** Until the call is given up. */
const silence: Answer = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
const models = () => world.sent.map(({ body }) => String(body.model));
const asked = (more: object = {}) => ({ model: "house", messages: [{ role: "user", content: "hi" }], ...more });
const house = (signal: AbortSignal | null = null) => world.post("/v1/chat/completions", asked(), {}, signal);

const NO_ROOM = {
  ...{ limitId: "lim_000000000000", nodeId: ROOT, nodeName: "Root", metric: "cost", window: "month", amount: 1 },
  ...{ settled: 1, held: 0, needed: 1, reason: "exhausted", resetsAt: null },
} as LimitRefusal;

describe("a client that leaves", () => {
  test("says nothing of the target it has left", async () => {
    for (let i = 0; i < 6; i++) {
      const leaving = new AbortController();
      answering({
        "gpt-4.1": (sent) => {
          setTimeout(() => leaving.abort(), 5);
          return silence(sent);
        },
      });
      await house(leaving.signal);
    }
    answering({});
    await house();
    expect(models()).toEqual(Array.from({ length: 7 }, () => "gpt-4.1"));
  });

  test("while another attempt is admitted is settled where that one is held, and nothing is sent", async () => {
    const leaving = new AbortController();
    world.answers = [{ handle: 1 }, { handle: 2 }];
    world.meanwhile = () => void (world.asked.length === 2 && leaving.abort());
    answering({ "gpt-4.1": silence });
    await house(leaving.signal);
    expect(models()).toEqual(["gpt-4.1"]);
    expect(world.settled.map(({ handle }) => handle)).toEqual([2]);
    const { outcome, costNano, failedCostNano } = world.settled[0]?.result ?? {};
    expect([outcome, costNano]).toEqual(["client_gone", failedCostNano]);
    expect(costNano).toBeGreaterThan(0);
  });

  test("while another attempt is refused is settled once", async () => {
    const leaving = new AbortController();
    world.answers = [{}, { ok: false, code: "limit", limit: NO_ROOM }];
    world.meanwhile = () => void (world.asked.length === 2 && leaving.abort());
    answering({ "gpt-4.1": fails(500) });
    await house(leaving.signal);
    expect(world.settled.map(({ result }) => result.outcome)).toEqual(["client_gone"]);
  });
});

describe("a target that may be well again", () => {
  /** Its breaker has opened, and is half open by now. */
  async function halfOpen(): Promise<void> {
    answering({ "gpt-4.1": fails(500) });
    for (let i = 0; i < 5; i++) await house();
    answering({});
    const later = Date.now() + 15_000;
    vi.spyOn(Date, "now").mockImplementation(() => later);
    world.sent.length = 0;
  }

  test("is found out by the next request", async () => {
    await halfOpen();
    await house();
    expect(models()).toEqual(["gpt-4.1"]);
  });

  test.each<[string, () => void]>([
    ["was refused", () => world.answers.push({ ok: false, code: "limit", limit: NO_ROOM })],
    ["went by another route", () => world.answers.push({ ok: false, code: "use_route", route: routeOf([B]) })],
    [
      "went to a limit's cheaper model",
      () => world.answers.push({ ok: false, code: "use_model", model: B, limitId: "lim_000000000000" }),
    ],
  ])("is found out by the next request also where the one before %s", async (_, answer) => {
    await halfOpen();
    answer();
    await house();
    expect(models()).not.toContain("gpt-4.1");
    world.answers = [{ ok: false, code: "use_route", route: routeOf([A, B]) }];
    await house();
    expect(models()).toContain("gpt-4.1");
  });

  test("is not known to be well by a count that nobody was asked for", async () => {
    const counting = () => world.post("/v1/messages/count_tokens", asked());
    answering({ "gpt-4.1": () => Response.json({ object: "response.input_tokens", input_tokens: 7 }) });
    await counting();
    await halfOpen();
    expect((await counting()).headers.get("x-gaia-token-count")).toBe("cached");
    answering({ "gpt-4.1": fails(500) });
    await house();
    await house();
    expect(models()).toEqual(["gpt-4.1", "claude-haiku-4-5", "claude-haiku-4-5"]);
  });
});

test("counts that are estimated for want of an answer do not hide that a target fails", async () => {
  world.routes = [routeOf([B, A])];
  answering({ "claude-haiku-4-5": fails(500) });
  for (let i = 0; i < 5; i++) {
    await world.post("/v1/messages/count_tokens", asked());
    await house();
  }
  world.sent.length = 0;
  await house();
  expect(models()).toEqual(["gpt-4.1"]);
});

test("calls are counted across attempts, also where the last one asks nobody", async () => {
  world.routes = [routeOf([A, "openrouter/openai/gpt-4.1"])];
  answering({
    "gpt-4.1": () => Response.json({ error: { message: "long", code: "context_length_exceeded" } }, { status: 400 }),
  });
  const response = await world.post("/v1/messages/count_tokens", asked());
  expect(models()).toEqual(["gpt-4.1"]);
  expect([response.headers.get("x-gaia-token-count"), response.headers.get("x-gaia-attempts")]).toEqual([
    "estimated",
    "1",
  ]);
  expect(world.settled[0]?.result.attempts).toBe(1);
});

test("each attempt's status is the provider's, also the last one's", async () => {
  const refused = () => Promise.reject(new Error("refused"));
  answering({ "gpt-4.1": fails(500), "claude-haiku-4-5": refused });
  await house();
  const { status, tries } = world.settled[0]?.result ?? {};
  // Each is asked twice, and the client told 502.
  expect([status, tries?.map((one) => one.status)]).toEqual([502, [500, null, 500, null]]);
});

test("an answer without even a place for one is none, where another target can be asked", async () => {
  answering({ "gpt-4.1": () => Response.json({}) });
  expect((await house()).headers.get("x-gaia-model")).toBe("claude-haiku-4-5");
  expect(await (await world.chat(A)).json()).toEqual({});
});

describe("fallbacks", () => {
  test("that are a target already wanted are not tried beside it", async () => {
    answering({ "gpt-4.1": fails(429) });
    const body = { model: A, models: [A, "gpt-4.1", "openai/gpt-4.1"], messages: [{ role: "user", content: "hi" }] };
    expect((await world.post("/v1/chat/completions", body)).status).toBe(429);
    expect(models()).toEqual(["gpt-4.1"]);
  });

  test.each([["a line\nbreak"], [`openai/${"x".repeat(300)}`]])("must be names: %j", async (name) => {
    const response = await world.chat(A, { models: [B, name] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "models[1]" } });
    expect(world.sent).toEqual([]);
  });

  test("are bounded before they are looked at", async () => {
    const body = { model: A, models: Array.from({ length: 300_000 }, (_, at) => `openai/${at}`) };
    const response = await world.post("/v1/chat/completions", body);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: "models" } }]);
  });
});

test("a request is told everything it is to be planned by, however much that is", async () => {
  const price = null;
  world.answers = [
    { ok: false, code: "use_route", route: routeOf([A, B], A) },
    { ok: false, code: "cooling", cooling: [{ target: "openai/gpt-4.1@", until: Date.now() + 60_000 }] },
    { ok: false, code: "use_price", price },
    { ok: false, code: "use_model", model: "openai/gpt-4.1-mini", limitId: "lim_000000000000" },
    { ok: false, code: "use_price", price },
  ];
  const response = await world.chat(A);
  expect([response.status, models()]).toEqual([200, ["gpt-4.1-mini"]]);
});

test("embeddings that one of several calls failed by cost what the others told", async () => {
  const [google, openai] = ["google/gemini-embedding-001", "openai/text-embedding-3-small"];
  world.routes = [routeOf([google, openai])];
  let calls = 0;
  world.provider = async ({ url }) => {
    if (!url.includes("google"))
      return Response.json({ data: [], model: "m", usage: { prompt_tokens: 1, total_tokens: 1 } });
    return calls++ === 0
      ? Response.json({ embeddings: Array.from({ length: 100 }, () => ({ values: [1, 0] })) })
      : fails(500)();
  };
  const input = Array.from({ length: 200 }, () => "some words to be embedded");
  await world.post("/v1/embeddings", { model: "house", input });
  expect(world.settled[0]?.result.failedCostNano).toBeGreaterThan(0);
});

describe("a key without limits, where routes are", () => {
  /** What is sent before the Ledger answers. */
  async function sentEarly(model: string): Promise<string[]> {
    world.sent.length = 0;
    let early: string[] = [];
    world.meanwhile = () => {
      setImmediate(() => {
        early = models();
      });
    };
    await world.chat(model);
    return early;
  }

  test("sends at once by what its name meant a moment ago, and not by what it meant long ago", async () => {
    Object.assign(world, { limited: false, routed: true });
    expect([await sentEarly("house"), await sentEarly("house")]).toEqual([[], ["gpt-4.1"]]);
    expect([await sentEarly(B), await sentEarly(B)]).toEqual([[], ["claude-haiku-4-5"]]);
    const later = Date.now() + 9_000;
    vi.spyOn(Date, "now").mockImplementation(() => later);
    await world.chat(B);
    vi.spyOn(Date, "now").mockImplementation(() => later + 2_000);
    expect([await sentEarly("house"), await sentEarly(B)]).toEqual([[], ["claude-haiku-4-5"]]);
  });
});
