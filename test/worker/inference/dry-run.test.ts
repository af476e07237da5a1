import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";

/** `POST /api/routes/dry-run`: where a request would go, and why; whatever is asked, no provider hears of it. */

let gateway: Gateway;
let team: string;
beforeAll(async () => {
  gateway = await startGateway({
    bindings: {
      // Of OpenRouter the operator has one credential by name, and no default one.
      PROVIDER_CREDENTIALS: JSON.stringify({ openrouter: { eu: { api_key: "k" } } }),
      UPSTREAM_RETRY_FLOOR: "1000",
    },
  });
  team = String((await manage("POST", "/api/organizations", { name: "Team" })).body.id);
});
afterAll(() => gateway?.stop());

interface Told {
  provider: string;
  model: string;
  credential: string | null;
  from: string;
  outcome: string;
  reason: string | null;
  message: string | null;
  dialect: string | null;
  warnings: string[];
}

interface Answer {
  status: number;
  body: {
    id?: string;
    model: string;
    route: { id: string; organization_id: string; inherited: boolean } | null;
    message: string;
    targets: Told[];
    error?: { code: string; param: string | null; message: string };
  };
}

async function manage(method: string, path: string, body: object): Promise<Answer> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

type RouteTarget = string | { model: string; credential?: string; weight?: number };

async function put(name: string, targets: RouteTarget[], more: object = {}): Promise<string> {
  const given = targets.map((one) => (typeof one === "string" ? { model: one } : one));
  const answer = await manage("PUT", "/api/routes", { name, strategy: "ordered", targets: given, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return String(answer.body.id);
}

const dryRun = (model: string, more: object = {}) => manage("POST", "/api/routes/dry-run", { model, ...more });

/** What would become of each target, in order. */
const outcomes = ({ body }: Answer): string[] =>
  body.targets.map(
    ({ provider, model, outcome, reason }) => `${provider}/${model} ${outcome}${reason === null ? "" : `: ${reason}`}`,
  );

/** How many calls the simulator has heard. */
async function heard(): Promise<number> {
  const response = await fetch(`${gateway.simulator.url}/_simulator/requests?limit=1000`);
  return ((await response.json()) as { data: unknown[] }).data.length;
}

/** A real request, and which model served it. */
async function ask(model: string, headers: Record<string, string> = {}): Promise<string | null> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.headers.get("x-gaia-model");
}

const PICTURE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SEES = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: PICTURE } }] }] };

describe("a route of several targets", () => {
  test("each is told with what would become of it, and nobody is asked", async () => {
    const targets = ["openai/gpt-audio-mini", "anthropic/claude-haiku-4-5", "openai/gpt-4.1"];
    const id = await put("several", [{ model: "openrouter/m", credential: "eu" }, ...targets]);
    // The operator has taken a credential away that a route still names.
    await gateway.database
      .sql`update routes set targets = jsonb_set(targets, '{0,credential}', '"gone"') where id = ${id}`;
    const before = await heard();
    const { status, body } = await dryRun("several", { request: { ...SEES, seed: 7 } });
    expect(await heard()).toBe(before);
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: "several", route: { id, inherited: false } });
    const none = { credential: null, from: "route", message: null, warnings: [] as string[] };
    expect(body.targets).toEqual([
      {
        ...{ ...none, provider: "openrouter", model: "m", credential: "gone", outcome: "skipped", dialect: null },
        ...{ reason: "provider_not_configured", message: expect.stringContaining("credential") },
      },
      {
        ...{ ...none, provider: "openai", model: "gpt-audio-mini", outcome: "skipped", dialect: null },
        ...{ reason: "image_input", message: expect.stringContaining("image input") },
      },
      {
        ...{ ...none, provider: "anthropic", model: "claude-haiku-4-5", outcome: "first", reason: null },
        ...{ dialect: "anthropic-messages", warnings: ["param_dropped@seed"] },
      },
      {
        ...{ ...none, provider: "openai", model: "gpt-4.1", outcome: "next", reason: null, dialect: "openai-chat" },
      },
    ]);
    expect(body.message).toBe(
      "This request would go to anthropic/claude-haiku-4-5, because it is the first target of the route 'several' that can serve it. openrouter/m with the credential 'gone' is passed over (provider_not_configured). openai/gpt-audio-mini is passed over (image_input).",
    );
  });

  test("none of which can serve it", async () => {
    await put("deaf", ["anthropic/claude-haiku-4-5", "google/gemini-3.6-flash"], { organization_id: gateway.rootId });
    const { status, body } = await dryRun("deaf", { dialect: "openai-embeddings" });
    expect([status, body.targets.map(({ outcome }) => outcome)]).toEqual([200, ["skipped", "skipped"]]);
    expect(body.message).toMatch(/^This request would go nowhere\. anthropic\/claude-haiku-4-5 is passed over/);
  });

  test("all of which may be too small for it: the first is asked all the same", async () => {
    await put("small", ["openai/gpt-audio-mini", "openai/gpt-audio"]);
    const content = "word ".repeat(190_000);
    const answer = await dryRun("small", { request: { messages: [{ role: "user", content }] } });
    expect(outcomes(answer)).toEqual([
      "openai/gpt-audio-mini first: context_length",
      "openai/gpt-audio skipped: context_length",
    ]);
    expect(answer.body.message).toContain("though it may be too long for it");
  });
});

describe("a draft", () => {
  const draft = { strategy: "ordered", targets: [{ model: "google/gemini-3.6-flash" }, { model: "openai/gpt-4.1" }] };

  test("is tried in place of what is stored, and goes nowhere by it", async () => {
    await put("drafted", ["openai/gpt-4.1"]);
    const answer = await dryRun("drafted", { draft });
    expect([answer.body.route, outcomes(answer)]).toEqual([
      null,
      ["google/gemini-3.6-flash first", "openai/gpt-4.1 next"],
    ]);
    expect(answer.body.message).toContain("the first target of the route 'drafted'");
    expect(await ask("drafted")).toBe("gpt-4.1");
    // Also one of a name that there is not.
    expect(outcomes(await dryRun("nowhere yet", { draft }))).toEqual(outcomes(answer));
    // Once it is stored, a request goes there.
    await manage("PUT", "/api/routes", { name: "drafted", ...draft });
    expect(await ask("drafted")).toBe("gemini-3.6-flash");
  });

  test.each<[object, string, string]>([
    [{ ...draft, targets: [] }, "draft.targets", "invalid_value"],
    [{ ...draft, strategy: "random" }, "draft.strategy", "invalid_value"],
    [{ ...draft, targets: [{ model: "no-provider" }] }, "draft.targets[0].model", "invalid_value"],
    [
      { ...draft, targets: [{ model: "openrouter/m", credential: "gone" }] },
      "draft.targets[0].credential",
      "invalid_value",
    ],
    [{ ...draft, name: "x" }, "draft.name", "unsupported_parameter"],
    [{ ...draft, timeouts: { idle_ms: 1 } }, "draft.timeouts.idle_ms", "invalid_value"],
  ])("is refused as a route would be: %j", async (wrong, param, code) => {
    const { status, body } = await dryRun("drafted", { draft: wrong });
    expect([status, body.error?.param, body.error?.code]).toEqual([400, param, code]);
  });
});

describe("the health of targets, as real requests have left it", () => {
  test("one that asked to be left alone comes after the others", async () => {
    const cooling = "openai/gpt-4.1+status-429+retry-after-200";
    await put("cools", [cooling, "anthropic/claude-haiku-4-5"]);
    expect(outcomes(await dryRun("cools"))[0]).toBe(`${cooling} first`);
    expect(await ask("cools")).toBe("claude-haiku-4-5");
    const answer = await dryRun("cools");
    expect(outcomes(answer)).toEqual(["anthropic/claude-haiku-4-5 first", `${cooling} next: cooling`]);
    expect(answer.body.targets[1]?.message).toMatch(/left alone/);
  });

  test("so does one whose breaker is open; where all are, the first is asked and it is said", async () => {
    const failing = ["openai/gpt-4.1+status-500+text-one", "openai/gpt-4.1+status-500+text-two"];
    await put("breaks", [failing[0] ?? "", "anthropic/claude-haiku-4-5"]);
    for (let count = 0; count < 5; count++) await ask("breaks");
    const answer = await dryRun("breaks");
    expect(outcomes(answer)).toEqual(["anthropic/claude-haiku-4-5 first", `${failing[0]} next: breaker_open`]);
    await put("all break", failing);
    for (let count = 0; count < 5; count++) await ask("all break");
    const all = await dryRun("all break");
    expect(all.body.targets.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["first", "breaker_open"],
      ["next", "breaker_open"],
    ]);
    expect(all.body.message).toContain("though it is ailing: all are");
  });
});

test("a weighted route goes where a real request of the same session goes, each time", async () => {
  const targets = ["openai/gpt-4.1", "anthropic/claude-haiku-4-5", "google/gemini-3.6-flash"];
  await put(
    "weighted",
    targets.map((model, index) => ({ model, weight: index + 1 })),
    { strategy: "weighted" },
  );
  const firsts = new Set<string>();
  for (let count = 0; count < 12; count++) {
    const session = `session ${count}`;
    const answers = await Promise.all([1, 2].map(() => dryRun("weighted", { session })));
    const [first = ""] = answers.map(({ body }) => body.targets[0]?.model);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await ask("weighted", { "x-gaia-session": session })).toBe(first);
    firsts.add(first);
  }
  expect([...firsts].sort()).toEqual(["claude-haiku-4-5", "gemini-3.6-flash", "gpt-4.1"]);
  // Without a name, a conversation is known by its beginning: here the same as that of `ask`.
  const { body } = await dryRun("weighted");
  expect(await ask("weighted")).toBe(body.targets[0]?.model);
  expect(body.message).toContain("its conversation falls to it by the weights of the route 'weighted'");
  expect((await dryRun("weighted", { session: "名前 🔑" })).status).toBe(200);
});

describe("a name without a route", () => {
  test("is that of a model", async () => {
    const answer = await dryRun("openai/gpt-4.1");
    expect([answer.body.route, outcomes(answer)]).toEqual([null, ["openai/gpt-4.1 first"]]);
    expect(answer.body.targets[0]).toMatchObject({ from: "model", dialect: "openai-chat" });
    expect(answer.body.message).toBe("This request would go to openai/gpt-4.1, because its model names this target.");
  });

  test("is that of a model with fallbacks, in the order in which they would be asked", async () => {
    const fallbacks = ["anthropic/claude-haiku-4-5", "openai/gpt-4.1", "anthropic/claude-haiku-4-5"];
    const answer = await dryRun("openai/gpt-audio-mini", { fallbacks, request: { ...SEES, models: ["google/m"] } });
    expect(outcomes(answer)).toEqual([
      "openai/gpt-audio-mini skipped: image_input",
      "anthropic/claude-haiku-4-5 first",
      "openai/gpt-4.1 next",
      "google/m next",
    ]);
    expect(answer.body.targets.map(({ from }) => from)).toEqual(["model", "fallback", "fallback", "fallback"]);
    expect(answer.body.message).toContain("because it is the first of the fallbacks that can serve it");
  });

  test("may be a bare one", async () => {
    expect(outcomes(await dryRun("gpt-4.1"))).toEqual(["openai/gpt-4.1 first"]);
  });
});

test.each([
  ["openai-chat", "openai-chat", "anthropic-messages"],
  ["openai-responses", "openai-responses", "anthropic-messages"],
  ["anthropic-messages", "openai-chat", "anthropic-messages"],
  ["google-generate-content", "openai-chat", "anthropic-messages"],
])("a client of %s has the smallest request there is, if none is given", async (dialect, ...spoken) => {
  await put("for all", ["openai/gpt-4.1", "anthropic/claude-haiku-4-5"]);
  const { status, body } = await dryRun("for all", { dialect });
  expect([status, body.targets.map((target) => target.dialect)]).toEqual([200, spoken]);
  expect(body.targets.flatMap(({ warnings }) => warnings)).toEqual([]);
});

test("so has one of embeddings, whose targets are others", async () => {
  await put("vectors", ["openai/gpt-4.1", "openai/text-embedding-3-small", "google/gemini-embedding-001"]);
  const answer = await dryRun("vectors", { dialect: "openai-embeddings" });
  expect(outcomes(answer)).toEqual([
    "openai/gpt-4.1 skipped: embeddings",
    "openai/text-embedding-3-small first",
    "google/gemini-embedding-001 next",
  ]);
});

test("a route holds below its organization, and the nearest one of a name", async () => {
  const above = await put("inherited", ["openai/gpt-4.1"]);
  const asked = () => dryRun("inherited", { organization_id: team });
  expect((await asked()).body).toMatchObject({
    ...{ route: { id: above, organization_id: gateway.rootId, inherited: true }, targets: [{ provider: "openai" }] },
  });
  const own = await put("inherited", ["anthropic/claude-haiku-4-5"], { organization_id: team });
  expect((await asked()).body).toMatchObject({
    ...{ route: { id: own, organization_id: team, inherited: false }, targets: [{ provider: "anthropic" }] },
  });
  expect((await dryRun("inherited")).body.route).toMatchObject({ id: above, inherited: false });
});

describe("refused in the words of the management API", () => {
  const text = "x".repeat(257);

  test.each<[what: string, body: object, status: number, code: string, param: string]>([
    ["an unknown model", { model: "nobodys" }, 404, "model_not_found", "model"],
    [
      "an unknown model of Gemini",
      { model: "nobodys", dialect: "google-generate-content" },
      404,
      "model_not_found",
      "model",
    ],
    ["an unknown fallback", { fallbacks: ["openai/x", "nobodys"] }, 404, "model_not_found", "fallbacks[1]"],
    ["a fallback beyond Latin", { fallbacks: ["名前"] }, 404, "model_not_found", "fallbacks[0]"],
    ["an unknown model in the list", { request: { models: ["nobodys"] } }, 404, "model_not_found", "request.models[0]"],
    ["a list that is none", { request: { models: 1 } }, 400, "invalid_value", "request.models"],
    ["no model", { model: undefined }, 400, "missing_required_parameter", "model"],
    ["a model of 257 characters", { model: text }, 400, "invalid_value", "model"],
    ["an unknown dialect", { dialect: "openai" }, 400, "invalid_value", "dialect"],
    ["a request that is none", { request: "hi" }, 400, "invalid_type", "request"],
    ["a list for a request", { request: [] }, 400, "invalid_type", "request"],
    ["a request without turns", { request: { messages: [] } }, 400, "missing_required_parameter", "request.messages"],
    ["turns that are none", { request: { messages: "hi" } }, 400, "invalid_type", "request.messages"],
    ["nine fallbacks", { fallbacks: Array(9).fill("openai/x") }, 400, "invalid_value", "fallbacks"],
    ["a session of 257 characters", { session: text }, 400, "invalid_value", "session"],
    ["an unknown field", { dialects: [] }, 400, "unsupported_parameter", "dialects"],
  ])("%s", async (_, given, status, code, param) => {
    const answer = await dryRun("openai/gpt-4.1", given);
    expect(answer).toMatchObject({ status, body: { error: { code, param } } });
    expect(Object.keys(answer.body)).toEqual(["error"]);
  });
});

test("an organization of nobody's is not found", async () => {
  const answer = await dryRun("openai/gpt-4.1", { organization_id: "org_00000000" });
  expect(answer).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
});

describe("a request that is none of its dialect is never more than refused", () => {
  const ODD = [null, 0, "", "x", true, [], {}, [null], [[]], [{}], [{ role: 1, content: 1, parts: 1 }], [{ type: {} }]];
  const FIELDS = ["messages", "input", "contents", "system", "tools", "stream", "max_tokens", "generationConfig"];
  const targets = ["openai/gpt-4.1", "anthropic/claude-haiku-4-5", "google/gemini-3.6-flash", "openrouter/m"];

  test.each(["openai-chat", "openai-responses", "openai-embeddings", "anthropic-messages", "google-generate-content"])(
    "%s",
    async (dialect) => {
      await put("any", targets);
      for (const field of [...FIELDS, "models", "conversation", "model", "__proto__", "tool_choice"]) {
        for (const value of ODD) {
          const request = `{"model":"any","dialect":"${dialect}","request":{"${field}":${JSON.stringify(value)}}}`;
          const { status, body } = await manage("POST", "/api/routes/dry-run", JSON.parse(request));
          expect([200, 400], `${request} ${JSON.stringify(body)}`).toContain(status);
        }
      }
    },
  );
});

describe("a credential that the operator has named", () => {
  const targets = (credential?: string) => [{ model: "openai/x" }, { model: "openrouter/m", credential }];

  test("may be in a route, and no other", async () => {
    const refused = await manage("PUT", "/api/routes", { name: "no", strategy: "ordered", targets: targets("us") });
    expect(refused).toMatchObject({
      ...{ status: 400, body: { error: { code: "invalid_value", param: "targets[1].credential" } } },
    });
    // Of a provider that the simulator stands in for it knows every name.
    const named = { model: "anthropic/claude-haiku-4-5", credential: "any" };
    await put("yes", [...targets("eu"), named].slice(1));
    expect(outcomes(await dryRun("yes"))).toEqual(["openrouter/m first", "anthropic/claude-haiku-4-5 next"]);
  });

  test("is what the model lists ask by", async () => {
    await put("by name", [{ model: "openrouter/m", credential: "eu" }]);
    await put("by default", [{ model: "openrouter/m" }]);
    const response = await fetch(`${gateway.url}/v1/models`, {
      headers: { authorization: `Bearer ${gateway.apiKey}` },
    });
    const { data } = (await response.json()) as { data: { id: string }[] };
    const ids = data.map(({ id }) => id);
    expect(ids).toContain("by name");
    expect(ids).not.toContain("by default");
    expect(ids.filter((id) => id.startsWith("openrouter/"))).toEqual([]);
  });
});
