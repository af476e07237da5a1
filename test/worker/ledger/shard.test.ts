import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestHarness } from "wrangler";
import type { LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { Settlement } from "../../../worker/ledger/contract.ts";
import type { Observation } from "../../unit/ledger/subject.ts";
import { TEAM } from "../../unit/ledger/tree.ts";
import { eventIdOf, ROOT, requestOf, result } from "../../unit/ledger/world.ts";
import { startLedgers, WorkerdSubject } from "./workerd-subject.ts";

/** Two levels below the team. */
const KEY = "key_squad0000000";
const COST = 70_000;

const budget = (amount: number): LimitRecord[] => [
  {
    ...{ id: "lim_team00000000", nodeId: TEAM, metric: "cost", window: "month", amount, mode: "block" },
    ...{ thresholds: [], override: null, fallback: null, removed: false },
  },
];

let harness: TestHarness;
beforeAll(async () => {
  harness = await startLedgers();
});
afterAll(() => harness?.close());

/** Time is workerd's own, and so are the alarms. */
async function begun(name: string): Promise<WorkerdSubject> {
  const subject = await new WorkerdSubject(harness, name).begin(null);
  await subject.limits(budget(10 ** 12));
  return subject;
}

let events = 0;
const asked = () => requestOf(KEY, Date.now(), { eventId: eventIdOf(++events) });

/** Admits at the shard; null where it has no room. */
async function near(subject: WorkerdSubject): Promise<Settlement | null> {
  const request = asked();
  const answer = await subject.shardAdmit(request);
  if (answer.ok) return { handle: answer.handle, eventId: request.draft.eventId, result: result(Date.now()) };
  expect(answer.code).toBe("elsewhere");
  return null;
}

/** Asks until a lease has come. */
async function warm(subject: WorkerdSubject): Promise<Settlement> {
  for (;;) {
    const settlement = await near(subject);
    if (settlement !== null) return settlement;
  }
}

/** Waits for what an alarm will do. */
async function until<T>(look: () => Promise<T>, is: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (is(seen)) return seen;
  }
}

const settledAt = (subject: WorkerdSubject, requests: number) =>
  until(
    () => subject.observe(),
    ({ counters }) => (counters[`${TEAM} total`]?.settled.requests ?? 0) >= requests,
  );

const takenOf = ({ counters }: Observation): number => {
  const count = counters[`${TEAM} total`];
  return count === undefined ? 0 : count.settled.costNano + count.held.costNano;
};

describe("a regional shard in workerd", () => {
  test("admits nearby and settles; its own alarm reports to the Ledger and drains to Postgres", async () => {
    const subject = await begun("near");
    const first = await warm(subject);
    const others = await Promise.all(Array.from({ length: 5 }, () => warm(subject)));
    expect(await subject.shardSettle([first, ...others])).toEqual(Array(6).fill("settled"));
    const { counters } = await settledAt(subject, 6);
    expect(counters[`${TEAM} total`]?.settled).toMatchObject({ requests: 6, costNano: 6 * first.result.costNano });
    expect(counters[`${ROOT} total`]?.settled.requests).toBe(6);
    await until(
      () => subject.observe(),
      ({ stored }) => stored.size === 6,
    );
  });

  test("an evicted shard or Ledger has lost nothing of what the shard admitted", async () => {
    const subject = await begun("evicted");
    const [first, second, third] = [await warm(subject), await warm(subject), await warm(subject)];
    await subject.shardSettle([first]);
    await subject.evictShard();
    expect(await subject.shardSettle([second])).toEqual(["settled"]);
    await subject.evict();
    expect(await subject.shardSettle([first, third])).toEqual(["repeat", "settled"]);
    const seen = await settledAt(subject, 3);
    await subject.evict();
    // What was told since its last snapshot is held again until it is told again: together it is the same.
    expect(takenOf(await subject.observe())).toBe(takenOf(seen));
    expect(await near(subject)).not.toBeNull();
  });

  test("both evicted under load: every request is settled once, at one of the two", async () => {
    const subject = await begun("load");
    const answers: string[] = [];
    let admitted = 0;
    const client = async () => {
      for (let i = 0; i < 25; i++) {
        const request = asked();
        const answer = await subject.shardAdmit(request).catch(() => ({ ok: false as const }));
        const own = answer.ok ? answer : await subject.admit(request);
        if (!own.ok) throw new Error(`refused: ${own.code}`);
        admitted++;
        const settlement = { handle: own.handle, eventId: request.draft.eventId, result: result(Date.now()) };
        const settle = () => (answer.ok ? subject.shardSettle([settlement]) : subject.settle([settlement]));
        answers.push(...(await settle().catch(settle)));
      }
    };
    const evictions = async () => {
      for (let i = 0; i < 6; i++) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        // Only what is running can be evicted.
        await (i % 2 === 0 ? subject.shardHealth() : subject.observe());
        await (i % 2 === 0 ? subject.evictShard() : subject.evict());
      }
    };
    await Promise.all([client(), client(), client(), client(), evictions()]);
    expect(admitted).toBe(100);
    expect(answers.filter((answer) => answer === "settled" || answer === "repeat")).toHaveLength(100);
    await until(
      () => subject.observe(),
      ({ stored }) => stored.size === 100,
    );
  });

  test("a change reaches it by its id while it reports, and holds at its next request", async () => {
    const subject = await begun("recalled");
    const running = [await warm(subject)];
    for (let i = 0; i < 5; i++) running.push(await warm(subject));
    const change = await subject.limits(budget(COST));
    const since = Date.now();
    const [settled] = await Promise.all([
      subject.shardSettle(running.splice(1)),
      subject.configure(change),
      ...Array.from({ length: 20 }, () => near(subject)),
    ]);
    // Far below the 3 s after which the Ledger would have gone on without the shard.
    expect(Date.now() - since).toBeLessThan(2_500);
    expect(settled).toEqual(Array(5).fill("settled"));
    const request = asked();
    expect(await subject.shardAdmit(request)).toEqual({ ok: false, code: "elsewhere" });
    expect(await subject.admit(request)).toMatchObject({ ok: false, code: "limit" });
    expect((await subject.shardHealth()).configVersion).toBe(change.version);
  });

  test("writes at most 0.3 rows a request at the Ledger, and 3.1 at the shard, alarms apart", async () => {
    const subject = await begun("rows");
    await subject.shardSettle([await warm(subject)]);
    const healths = async () => [(await subject.observe()).health, await subject.shardHealth()];
    const before = await healths();
    const requests = 600;
    for (let done = 0; done < requests; done += 20) {
      await subject.shardSettle(await Promise.all(Array.from({ length: 20 }, () => warm(subject))));
    }
    await until(
      () => subject.shardHealth(),
      ({ waiting }) => waiting === 0,
    );
    const after = await healths();
    const each = (of: "rowsWritten" | "alarmsSet") =>
      after.map((health, which) => (health[of] - (before[which]?.[of] ?? 0)) / requests);
    const [rows, alarms] = [each("rowsWritten"), each("alarmsSet")];
    console.info(`rows a request at the Ledger and the shard: ${rows.join(", ")}; alarms: ${alarms.join(", ")}`);
    expect(rows[0]).toBeLessThanOrEqual(0.3);
    expect(rows[1]).toBeLessThanOrEqual(3.1);
  });
});
