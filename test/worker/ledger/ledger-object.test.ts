import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestHarness } from "wrangler";
import { KEYS } from "../../unit/ledger/tree.ts";
import { eventIdOf, ROOT, requestOf, result } from "../../unit/ledger/world.ts";
import { startLedgers, WorkerdSubject } from "./workerd-subject.ts";

let harness: TestHarness;
beforeAll(async () => {
  harness = await startLedgers();
});
afterAll(() => harness?.close());

const ledger = (name: string, now: number | null, snapshotEvery?: number) =>
  new WorkerdSubject(harness, name).begin(now, snapshotEvery);

async function admitted(subject: WorkerdSubject, nth: number, now: number) {
  const eventId = eventIdOf(nth);
  const answer = await subject.admit(requestOf(KEYS[nth % 3] as string, now, { eventId }));
  if (!answer.ok) throw new Error(`refused: ${answer.code}`);
  return { handle: answer.handle, eventId, result: result(now) };
}

describe("the Ledger in workerd", () => {
  test("writes at most 3.1 rows a request by workerd's own count, alarms apart", async () => {
    const now = Date.UTC(2040, 0);
    const subject = await ledger("rows", now);
    await admitted(subject, 0, now);
    const before = (await subject.observe()).health;
    const requests = 512;
    for (let first = 1; first <= requests; first += 32) {
      const open = await Promise.all(Array.from({ length: 32 }, (_, i) => admitted(subject, first + i, now)));
      await subject.settle(open);
      await subject.setTime(now + first * 1_000);
      await subject.ring();
    }
    const { health, stored } = await subject.observe();
    const rows = (health.rowsWritten - before.rowsWritten) / requests;
    console.info(`rows a request: ${rows}, alarms: ${(health.alarmsSet - before.alarmsSet) / requests}`);
    expect(stored.size).toBeGreaterThanOrEqual(requests);
    expect(rows).toBeGreaterThan(2.5);
    expect(rows).toBeLessThanOrEqual(3.1);
  });

  test("drains by its own alarm", async () => {
    const subject = await ledger("alarm", null);
    const settlement = await admitted(subject, 1, Date.now());
    await subject.settle([settlement]);
    let seen = await subject.observe();
    while (seen.stored.size === 0) seen = await subject.observe();
    expect([...seen.stored.keys()]).toEqual([`${settlement.eventId}/0`]);
    while (seen.health.waiting > 0) seen = await subject.observe();
    expect(seen.armedAt).toBeNull();
  });

  test("an evicted one has lost its memory and nothing else", async () => {
    const now = Date.UTC(2040, 0);
    const subject = await ledger("evicted", now);
    await subject.settle([await admitted(subject, 1, now)]);
    await admitted(subject, 2, now);
    const before = await subject.observe();
    await subject.evict();
    await subject.weather("down");
    const after = await subject.observe();
    expect(before.health.rowsWritten).toBeGreaterThan(3);
    expect(after.health).toEqual({ open: 1, waiting: 1, configVersion: 1, rowsWritten: 0, alarmsSet: 1 });
    expect(after.counters).toEqual(before.counters);
    expect(after.counters[`${ROOT} total`]?.settled.requests).toBe(1);
  });

  test("an unknown root leaves no table", async () => {
    const subject = await ledger("unknown", null);
    const request = { ...requestOf(KEYS[0] as string, Date.now(), { eventId: eventIdOf(1) }), rootId: "org_nobody00" };
    expect(await subject.admit(request)).toEqual({ ok: false, code: "invalid_api_key" });
    const storage = await harness.getWorker().getDurableObjectStorage("TestLedger", { name: "unknown" });
    expect(await storage.exec("SELECT name FROM sqlite_master WHERE name IN ('journal', 'tenant')")).toEqual([]);
  });

  test.each(["global", "eu", "us"] as const)("is reached by the client with jurisdiction %s", async (jurisdiction) => {
    const subject = await ledger("reached", null);
    expect(await subject.clientHealth(jurisdiction)).toMatchObject({ open: 0, waiting: 0 });
  });

  test("settlements of many requests at once travel together, and each request gets its answer", async () => {
    const now = Date.UTC(2040, 0);
    const subject = await ledger("batched", now);
    const open = await Promise.all(Array.from({ length: 60 }, (_, nth) => admitted(subject, nth, now)));
    const repeated = [...open, ...open];
    const answers = await Promise.all(repeated.map((settlement) => subject.settleInBatch(settlement)));
    expect(answers.filter((answer) => answer === "settled")).toHaveLength(60);
    expect(answers.filter((answer) => answer === "repeat")).toHaveLength(60);
    expect(await subject.settleCalls()).toBeLessThan(60);
    expect((await subject.observe()).health).toMatchObject({ open: 0, waiting: 60 });
  });
});
