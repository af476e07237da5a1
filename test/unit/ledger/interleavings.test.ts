import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { AdmitAnswer, AdmitRequest, Admitted } from "../../../worker/ledger/contract.ts";
import { checkInvariants, checkStandings } from "./invariants.ts";
import { Linearization } from "./linearization.ts";
import { MemorySubject } from "./memory-subject.ts";
import { KEYS, lineOf, tree } from "./tree.ts";
import { eventIdOf, requestOf, result, World } from "./world.ts";

/** `LEDGER_SEED=… npx vitest …` replays a run. */
const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));

const [KEY] = KEYS as [string];
const PATIENCE_MS = 2_000;

const limit = (nodeId: string, metric: LimitRecord["metric"], window: LimitRecord["window"], amount: number) => ({
  ...{ id: `lim_${nodeId.slice(-6)}${metric.slice(0, 3)}${window.slice(0, 3)}`, nodeId, metric, window, amount },
  ...{ mode: "block" as const, thresholds: [50, 80, 100], override: null, fallback: null, removed: false },
});

const isGranted = (answer: AdmitAnswer | Error | null | undefined): answer is Admitted =>
  answer != null && "ok" in answer && answer.ok;

type Step =
  | { do: "admit"; key: number; cap: number; patience: number }
  | { do: "settle"; nth: number; output: number }
  | { do: "limit"; at: number; metric: LimitRecord["metric"]; amount: number; pushed: boolean }
  | { do: "ring" }
  | { do: "pass"; milliseconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("admit" as const),
      key: fc.nat(KEYS.length - 1),
      cap: fc.constantFrom(10, 500, 3_000),
      patience: fc.constantFrom(0, PATIENCE_MS),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("settle" as const), nth: fc.nat(9), output: fc.nat(400) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("limit" as const),
      at: fc.nat(4),
      metric: fc.constantFrom("output_tokens" as const, "requests" as const, "concurrent_requests" as const),
      amount: fc.constantFrom(0, 2, 4, 4_000),
      pushed: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ring" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass" as const), milliseconds: fc.constantFrom(300, 1_700, 95_000) }),
  },
);

/** A Ledger of which the scheduler decides when each load, drain and wait comes to its end. */
function begin(scheduler: fc.Scheduler, limits: LimitRecord[]) {
  const world = new World({
    ...{ snapshotEvery: 4, configuration: { ...tree(), limits } },
    delay: (promise, what) => (what === "sleep" ? promise : scheduler.schedule(promise, what)),
  });
  const follower = new Linearization(world);
  const asked: { request: AdmitRequest; answer: AdmitAnswer | Error | null }[] = [];
  const admit = async (keyId: string, cap: number, patience: number, least = 1) => {
    const bound = { inputTokens: 10, outputTokens: cap, costNano: 10 + cap };
    const output = { requested: cap, assumed: cap, candidates: 1, picoEach: 1_000, least };
    const base = requestOf(keyId, world.now, { eventId: eventIdOf(asked.length), bound });
    const one = { request: { ...base, output, patience }, answer: null as AdmitAnswer | Error | null };
    asked.push(one);
    follower.asks(one.request);
    // Nobody is admitted under a first configuration that is known to be outdated.
    one.answer = await world.core.admit(one.request).catch((error: Error) => error);
  };
  const pass = async (milliseconds: number) => {
    follower.configured();
    world.now += milliseconds;
    await world.wake();
  };
  return { world, follower, asked, admit, pass };
}

describe("in whatever order loads, drains, waits and calls come to their ends", () => {
  test(`every admission fits where it was made, seed ${seed}`, { timeout: 120_000 }, async () => {
    console.info(`ledger interleavings: LEDGER_SEED=${seed}`);
    let [admitted, refused] = [0, 0];
    const limits = fc.constantFrom(3_000, 4_000, 9_000);
    const property = fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { maxLength: 24, size: "max" }),
      limits,
      async (scheduler, steps, amount) => {
        const nodes = lineOf(KEY);
        const ledger = begin(scheduler, [
          limit(nodes[1] as string, "output_tokens", "hour", amount),
          limit(nodes[5] as string, "output_tokens", "total", 2 * amount),
        ]);
        const { world, follower, asked, admit, pass } = ledger;
        const subject = new MemorySubject(world);
        const act = async (one: Step): Promise<unknown> => {
          switch (one.do) {
            case "admit":
              return admit(KEYS[one.key] as string, one.cap, one.patience);
            case "settle": {
              const { request, answer } = asked[one.nth % Math.max(1, asked.length)] ?? {};
              if (request === undefined || !isGranted(answer)) return;
              const { eventId } = request.draft;
              const used = { inputUncached: 1, cacheRead: 0, cacheWrite: 0, output: one.output, costNano: one.output };
              return world.core.settle([{ handle: answer.handle, eventId, result: result(world.now, used) }]);
            }
            case "limit": {
              const node = nodes[one.at + 1] as string;
              const window = one.metric === "concurrent_requests" ? "now" : "day";
              const change = world.postgres.commit({ limits: [limit(node, one.metric, window, one.amount)] });
              // Refused where loads that began before it do not show it; the administrator tries again, or the next drain tells.
              return one.pushed ? world.core.configure(change).catch(() => {}) : null;
            }
            case "ring":
              return world.ring();
            case "pass":
              return pass(one.milliseconds);
          }
        };
        const started = steps.map((one) => scheduler.schedule(Promise.resolve(), one.do).then(() => act(one)));
        await scheduler.waitIdle();
        await pass(PATIENCE_MS);
        await scheduler.waitIdle();
        await Promise.all(started);
        if (follower.failure !== null) throw follower.failure;
        follower.configured();
        const seen = await subject.observe();
        checkInvariants(follower.model.events, seen, new Map());
        checkStandings(follower.model, seen, world.now);
        for (const { answer } of asked) {
          if (answer === null) throw new Error("somebody still waits");
          if (answer instanceof Error) {
            expect(answer.message).toContain("is not to be had yet");
            continue;
          }
          if (answer.ok) admitted++;
          else refused++;
          if (answer.ok || answer.code !== "limit") continue;
          const { settled, held, needed, amount: allowed } = answer.limit;
          if (settled + held + needed <= allowed) throw new Error("what fits was refused");
        }
        await subject.close();
      },
    );
    await fc.assert(property, { seed, numRuns: 1_500 });
    expect(admitted).toBeGreaterThan(1_500);
    expect(refused).toBeGreaterThan(500);
  });
});

describe("B7", () => {
  test("of any number of requests at once exactly those that fit are admitted", { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(
      fc.scheduler(),
      fc.record({
        amount: fc.integer({ min: 0, max: 1_200 }),
        each: fc.integer({ min: 40, max: 300 }),
        level: fc.nat(5),
      }),
      fc.integer({ min: 0, max: 20 }),
      async (scheduler, { amount, each, level }, patient) => {
        const { world, follower, asked, admit, pass } = begin(scheduler, [
          limit(lineOf(KEY)[level] as string, "output_tokens", "month", amount),
        ]);
        const all = Array.from({ length: 60 }, (_, nth) => nth).map(async (nth) => {
          await scheduler.schedule(Promise.resolve(), "call");
          await admit(KEY, each, nth < patient ? PATIENCE_MS : 0, each);
        });
        await scheduler.waitIdle();
        const fit = Math.floor(amount / each);
        const granted = asked.filter(({ answer }) => isGranted(answer));
        expect(granted).toHaveLength(fit);
        expect(world.core.health().open).toBe(fit);
        const [first] = granted;
        if (first !== undefined && isGranted(first.answer)) {
          const one = { handle: first.answer.handle, eventId: first.request.draft.eventId };
          const used = { inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: each, costNano: 0 };
          const answers = world.core.settle(Array(50).fill({ ...one, result: result(world.now, used) }));
          expect(answers).toEqual(["settled", ...Array(49).fill("repeat")]);
          expect(world.core.counters.of(KEY).settled).toMatchObject({ requests: 1, outputTokens: each });
        }
        await pass(PATIENCE_MS);
        await scheduler.waitIdle();
        await Promise.all(all);
        expect(asked.filter(({ answer }) => isGranted(answer))).toHaveLength(fit);
        expect(follower.failure).toBeNull();
        world.storage.close();
      },
    );
    await fc.assert(property, { seed, numRuns: 300 });
  });
});
