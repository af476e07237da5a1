import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { type FullRow, Visit } from "../sdk/visit.ts";
import { type Heard, LISTENERS, type ListenerId, silence } from "./listeners.ts";
import { putRoute, type RouteInput } from "./put-route.ts";

/**
 * Routes of two targets, the first of which fails: what the caller of every dialect notices of it, whom the gateway asks,
 * and that it is one event however many attempts it took.
 */

interface Attempt {
  outcome: "answered" | "failed" | "skipped";
  status: number | null;
}

type Row = FullRow & { attempts: number; tries: Attempt[] | null };

/** One question to a route, from all sides. */
interface Answered {
  heard: Heard;
  row: Row;
}

/** A route under test: its targets' names, as the provider's books have them. */
interface Scene {
  listener: ListenerId;
  first: string;
  second: string;
  ask(): Promise<Answered>;
  /** How often a target was asked. */
  calls(target: string): Promise<number>;
}

interface Scenario {
  /** Of the fault catalogue. */
  fault: number;
  what: string;
  /** The first target's directives. */
  first: string;
  /** The second's. */
  second?: string;
  /** The first is a host that nobody listens at. */
  refuses?: true;
  timeouts?: RouteInput["timeouts"];
  play(scene: Scene): Promise<void>;
}

/** What the first target says, and the second; the number of the scene follows. */
const FIRST = /^One,of,two,in,scene,\d+$/;
const SECOND = /^Two,of,two,in,scene,\d+$/;

/** The client got the second's answer and noticed nothing; one event tells of both attempts. */
function expectSecond({ heard, row }: Answered, outcomes: Attempt["outcome"][] = ["failed", "answered"]): void {
  expect(heard).toMatchObject({ text: expect.stringMatching(SECOND), error: null, finish: expect.any(String) });
  expect(row).toMatchObject({ outcome: "ok", attempts: outcomes.filter((one) => one !== "skipped").length });
  expect(row.tries?.map(({ outcome }) => outcome)).toEqual(outcomes);
}

/** What had begun went no further than the first, and the client knows. */
function expectBrokenOff(scene: Scene, { heard, row }: Answered): void {
  expect(LISTENERS[scene.listener].isTyped(heard.error)).toBe(true);
  expect(heard.text).toMatch(/^One,/);
  expect(row.attempts).toBe(1);
  expect(row.tokens.output).toBeGreaterThan(0);
}

const movesOn = async (scene: Scene): Promise<void> => {
  expectSecond(await scene.ask());
  expect(await scene.calls(scene.second)).toBe(1);
};

const staysBroken = async (scene: Scene): Promise<void> => {
  expectBrokenOff(scene, await scene.ask());
  expect([await scene.calls(scene.first), await scene.calls(scene.second)]).toEqual([1, 0]);
};

const SCENARIOS: Scenario[] = [
  { fault: 22, what: "refuses the connection", first: "", refuses: true, play: movesOn },
  { fault: 22, what: "hangs up before the headers", first: "hangup", play: movesOn },
  {
    fault: 23,
    what: "429 with Retry-After: 7, and is not asked again",
    first: "status-429+retry-after-7",
    async play(scene) {
      expectSecond(await scene.ask());
      for (let more = 0; more < 2; more += 1) {
        const { heard, row } = await scene.ask();
        expect(heard).toMatchObject({ text: expect.stringMatching(SECOND), error: null });
        expect(row.attempts).toBe(1);
      }
      expect([await scene.calls(scene.first), await scene.calls(scene.second)]).toEqual([1, 3]);
    },
  },
  {
    fault: 24,
    what: "500 five times, and is left alone",
    first: "status-500",
    async play(scene) {
      for (let count = 0; count < 5; count += 1) expectSecond(await scene.ask());
      expect(await scene.calls(scene.first)).toBe(5);
      const { heard, row } = await scene.ask();
      expect([heard.text, row.attempts]).toEqual([expect.stringMatching(SECOND), 1]);
      expect(await scene.calls(scene.first)).toBe(5);
    },
  },
  {
    fault: 25,
    what: "fails as the other does, until neither is healthy: the least bad is asked all the same",
    first: "status-503",
    second: "status-503",
    async play(scene) {
      const all = async () => (await scene.calls(scene.first)) + (await scene.calls(scene.second));
      for (let count = 0; count < 6; count += 1) await scene.ask();
      const before = await all();
      const { heard, row } = await scene.ask();
      expect(LISTENERS[scene.listener].isTyped(heard.error)).toBe(true);
      expect(heard.error).toMatchObject({ status: scene.listener === "messages" ? expect.any(Number) : 503 });
      expect(row).toMatchObject({ outcome: "provider_error", cost_nano: 0 });
      expect(await all()).toBeGreaterThan(before);
    },
  },
  {
    fault: 26,
    what: "headers, then silence",
    first: "silence-0",
    timeouts: { first_token_ms: 500 },
    play: movesOn,
  },
  { fault: 26, what: "no headers at all", first: "hang", timeouts: { headers_ms: 500 }, play: movesOn },
  {
    fault: 27,
    what: "falls silent in the middle",
    first: "silence-MIDDLE",
    timeouts: { idle_ms: 500 },
    play: staysBroken,
  },
  { fault: 28, what: "resets in the middle", first: "reset-MIDDLE+pace-50", play: staysBroken },
  { fault: 29, what: "a web page", first: "html", play: movesOn },
  { fault: 29, what: "nothing", first: "empty", play: movesOn },
  { fault: 29, what: "a stream that ends before anything came", first: "eof-0", play: movesOn },
  { fault: 29, what: "an error in its first event", first: "error-0+status-529", play: movesOn },
  {
    fault: 30,
    what: "no figures",
    first: "no-usage",
    async play(scene) {
      const { heard, row } = await scene.ask();
      // Anthropic's helper wants figures, whoever leaves them out.
      if (heard.error === null) expect(heard.text).toMatch(FIRST);
      else expect(scene.listener).toBe("messages");
      expect(row).toMatchObject({ outcome: "ok", exact: false, attempts: 1 });
    },
  },
  { fault: 33, what: "a redirect to another host", first: "redirect-307", play: movesOn },
];

/** Each client with a route that begins with its own vendor, and ends with another. */
/** `middle`: after so many events of the first target the text has come, and its end has not. */
const CLIENTS: { listener: ListenerId; first: string; second: string; middle: number }[] = [
  { listener: "chatLoop", first: "openai/gpt-4.1", second: "anthropic/claude-haiku-4-5", middle: 2 },
  { listener: "responses", first: "openai/gpt-4.1", second: "google/gemini-3.6-flash", middle: 6 },
  { listener: "messages", first: "anthropic/claude-haiku-4-5", second: "openai/gpt-4.1", middle: 6 },
  { listener: "gemini", first: "google/gemini-3.6-flash", second: "anthropic/claude-haiku-4-5", middle: 1 },
];

let gateway: Gateway;
beforeAll(async () => {
  // Nobody listens at the discard port.
  const nobody = { COMPATIBLE_BASE_URL: "http://127.0.0.1:9", COMPATIBLE_API_KEY: "nobody" };
  // More fails here in ten seconds than an isolate would make up for.
  gateway = await startGateway({ bindings: { ...nobody, UPSTREAM_RETRY_FLOOR: "1000" } });
});
afterAll(() => gateway?.stop());

let scenes = 0;

async function sceneOf({ first, second = "", refuses, timeouts }: Scenario, client: (typeof CLIENTS)[number]) {
  scenes += 1;
  // Health is remembered by the target's name, so that every scene has names of its own.
  const named = (model: string, text: string, directives: string) =>
    `${model}+text-${text},in,scene,${scenes}${directives === "" ? "" : `+${directives}`}`;
  const targets = {
    first: refuses
      ? `compatible/nobody-${scenes}`
      : named(client.first, "One,of,two", first.replace("MIDDLE", String(client.middle))),
    second: named(client.second, "Two,of,two", second),
  };
  const name = `route-${scenes}`;
  await putRoute(gateway, {
    name,
    strategy: "ordered",
    targets: [{ model: targets.first }, { model: targets.second }],
    ...(timeouts !== undefined && { timeouts }),
  });
  const scene: Scene = {
    listener: client.listener,
    ...targets,
    async ask() {
      const visit = new Visit(gateway);
      const heard = silence();
      const sdks = {
        openai: visit.openai().withOptions({ logLevel: "off" }),
        anthropic: visit.anthropic().withOptions({ logLevel: "off" }),
        google: visit.google(),
      };
      await LISTENERS[client.listener]
        .listen(sdks, { model: name, text: visit.marker, tools: false }, heard)
        .catch((error: unknown) => {
          heard.error = error;
        });
      const [row] = await visit.rows();
      return { heard, row: row as Row };
    },
    async calls(target) {
      const model = target.slice(target.indexOf("/") + 1);
      const query = new URLSearchParams({ model, limit: "100" });
      const response = await fetch(`${gateway.simulator.url}/_simulator/requests?${query}`);
      return ((await response.json()) as { data: BookEntry[] }).data.length;
    },
  };
  return scene;
}

describe.each(CLIENTS)("$listener: the first target of a route", (client) => {
  test.concurrent.each(SCENARIOS)("$fault: $what", async (scenario) => {
    await scenario.play(await sceneOf(scenario, client));
  });
});

test("and the Ledger has counted all of it as the events say", async () => {
  const compare = async () => {
    const response = await fetch(`${gateway.url}/api/reconciliations`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    const { outcome, compared, differences } = (await response.json()) as Record<string, unknown>;
    return { outcome, differences, compares: Number(compared) > 0 };
  };
  // What is still on its way to Postgres is no difference, and cannot be compared.
  await expect
    .poll(compare, { interval: 500, timeout: 30_000 })
    .toEqual({ outcome: "agree", differences: [], compares: true });
});
