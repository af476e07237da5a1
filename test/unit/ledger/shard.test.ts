import { afterEach, describe, expect, test } from "vitest";
import type { LimitRecord, TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import { BOUND, limit, type Running, ShardWorld } from "./shard-world.ts";
import { KEYS, organization, ROOT, SQUAD, TEAM, tenant } from "./world.ts";

const [ROOT_KEY, , SQUAD_KEY] = KEYS as [string, string, string];

/** So long after its last request nothing is lent for a key any more. */
const COLD = 300_000;

let world: ShardWorld;
const start = (limits: LimitRecord[], more: Partial<TenantConfiguration> = {}) => {
  world = new ShardWorld({ ...tenant(), limits, ...more });
};
afterEach(() => world.close());

/** Admits until the shard does by itself. */
async function warm(key = SQUAD_KEY): Promise<Running> {
  const first = await world.admit(world.request(key, BOUND));
  // As an isolate does that hears of the limits for the first time.
  await world.shard.prepare(world.request(key, BOUND));
  await world.settled();
  const second = await world.admit(world.request(key, BOUND));
  expect([first?.at, second?.at]).toEqual(["ledger", "shard"]);
  world.settle(first as Running, BOUND);
  return second as Running;
}

const settledAt = (node: string) => world.ledger.core.counters.of(node).settled;
const heldAt = (node: string) => world.ledger.core.counters.of(node).held;

describe("a regional shard", () => {
  test("borrows after the first request and admits by itself from then on", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6), limit(ROOT, "requests", "minute", 1_000)]);
    const before = world.calls.lease;
    const running = [await warm()];
    for (let i = 0; i < 3; i++) running.push((await world.admit(world.request(SQUAD_KEY, BOUND))) as Running);
    expect(running.every(({ at }) => at === "shard")).toBe(true);
    expect(world.calls.lease - before).toBeLessThanOrEqual(2);
    for (const one of running) world.settle(one, { inputTokens: 10, outputTokens: 5, costNano: 100 });
    await world.pass(COLD);
    expect(settledAt(TEAM)).toEqual({ requests: 5, inputTokens: 140, outputTokens: 70, costNano: 1_400 });
    expect(heldAt(TEAM)).toEqual({ requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 });
    expect(world.shard.health()).toMatchObject({ open: 0, waiting: 0, leases: 0 });
    expect(world.ledger.postgres.events.size).toBe(5);
    expect(world.armedAt).toBeNull();
  });

  test("tells isolates that a limit stands above the key, or they would not ask before they send", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    await warm();
    expect(await world.shard.admit(world.request(SQUAD_KEY, BOUND))).toMatchObject({ principal: { limited: true } });
  });

  test("never holds more than an eighth of what is left, and nothing below a tenth of the limit", async () => {
    start([limit(ROOT, "cost", "total", 16_000)]);
    await world.admit(world.request(ROOT_KEY, { ...BOUND, costNano: 2_001 }));
    await world.shard.prepare(world.request(ROOT_KEY, { ...BOUND, costNano: 2_001 }));
    // An eighth of the 16,000 is less than the request needs.
    expect(heldAt(ROOT).costNano).toBe(2_001);
    await world.pass(3_000);
    await world.admit(world.request(ROOT_KEY, BOUND));
    await world.settled();
    expect(heldAt(ROOT).costNano).toBe(2_001 + 1_000 + Math.floor((16_000 - 2_001) / 8));
    await world.pass(3_000);
    await world.admit(world.request(ROOT_KEY, { ...BOUND, costNano: 11_000 }));
    await world.settled();
    const held = heldAt(ROOT).costNano;
    await world.pass(3_000);
    await world.admit(world.request(ROOT_KEY, { ...BOUND, costNano: 100 }));
    await world.settled();
    expect(heldAt(ROOT).costNano).toBeLessThanOrEqual(held + 100);
  });

  test("what a limit far above would not bear is not lent", async () => {
    start([limit(SQUAD, "cost", "total", 10 ** 9), limit(ROOT, "cost", "total", 1_500)]);
    const first = (await world.admit(world.request(SQUAD_KEY, BOUND))) as Running;
    await world.shard.prepare(world.request(SQUAD_KEY, BOUND));
    expect(await world.admit(world.request(SQUAD_KEY, BOUND))).toBeNull();
    world.settle(first, { costNano: 400 });
    await world.pass(3_000);
    expect((await world.admit(world.request(SQUAD_KEY, BOUND)))?.at).toBe("ledger");
  });

  test("a changed configuration holds at its next request", async () => {
    const budget = limit(TEAM, "cost", "month", 10 ** 6);
    start([budget]);
    const running = await warm();
    const change = {
      rootId: ROOT,
      previous: 1,
      version: 2,
      organizations: [],
      keys: [],
      prices: [],
      webhooks: [],
      routes: [],
      models: [],
    };
    world.ledger.postgres.configuration = {
      ...world.ledger.postgres.configuration,
      version: 2,
      limits: [{ ...budget, amount: 0 }],
    };
    await world.ledger.core.configure({ ...change, limits: [{ ...budget, amount: 0 }] });
    expect(await world.admit(world.request(SQUAD_KEY, BOUND))).toBeNull();
    // What is under way goes on and is held; what was not used is given back.
    expect(heldAt(TEAM).costNano).toBe(1_000);
    expect(world.settle(running, BOUND)).toBe("settled");
    await world.pass(2_000);
    expect(heldAt(TEAM).costNano).toBe(0);
  });

  test("a revoked key is refused at its next request", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    await warm();
    await world.ledger.core.configure(world.ledger.postgres.change(SQUAD_KEY, { revoked: true }));
    const request = world.request(SQUAD_KEY, BOUND);
    expect(await world.shard.admit(request)).toEqual({ ok: false, code: "elsewhere" });
    expect(await world.ledger.core.admit(request)).toEqual({ ok: false, code: "invalid_api_key" });
  });

  test("an archived branch is refused at its next request, and admitted again when it is restored", async () => {
    start([limit(ROOT, "cost", "month", 10 ** 6)]);
    const open = await warm();
    const archive = (archived: boolean) => {
      const { organizations } = world.ledger.postgres.configuration;
      const team = organizations.filter(({ id }) => id === TEAM).map((one) => ({ ...one, archived }));
      return world.ledger.core.configure(world.ledger.postgres.commit({ organizations: team }));
    };
    await archive(true);
    const request = world.request(SQUAD_KEY, BOUND);
    expect(await world.shard.admit(request)).toEqual({ ok: false, code: "elsewhere" });
    expect(await world.ledger.core.admit(request)).toEqual({ ok: false, code: "organization_archived" });
    expect(await world.admit(world.request(SQUAD_KEY, BOUND))).toBeNull();
    expect(world.settle(open, BOUND)).toBe("settled");
    await archive(false);
    expect((await world.admit(world.request(SQUAD_KEY, BOUND)))?.at).toBe("ledger");
  });

  test("a branch that is moved counts for its new line at its next request, and what is open for the old one", async () => {
    const other = organization("org_other000", ROOT, "Other");
    start([limit(ROOT, "cost", "month", 10 ** 6)], { organizations: [...tenant().organizations, other] });
    const open = await warm();
    await world.settled();
    const team = settledAt(TEAM).requests;
    const { organizations } = world.ledger.postgres.configuration;
    const moved = organizations.filter(({ id }) => id === SQUAD).map((one) => ({ ...one, parentId: other.id }));
    await world.ledger.core.configure(world.ledger.postgres.commit({ organizations: moved }));
    const later = (await world.admit(world.request(SQUAD_KEY, BOUND))) as Running;
    world.settle(open, BOUND);
    world.settle(later, BOUND);
    await world.pass(COLD);
    expect([settledAt(TEAM).requests - team, settledAt(other.id).requests]).toEqual([1, 1]);
    expect([heldAt(TEAM).requests, heldAt(other.id).requests, heldAt(ROOT).requests]).toEqual([0, 0, 0]);
  });

  test("a strict key is the Ledger's alone", async () => {
    const keys = tenant().keys.map((key) => (key.id === SQUAD_KEY ? { ...key, strict: true } : key));
    start([limit(TEAM, "cost", "month", 10 ** 6)], { keys });
    for (let i = 0; i < 2; i++) {
      const request = world.request(SQUAD_KEY, BOUND);
      await world.shard.prepare(request);
      expect((await world.admit(request))?.at).toBe("ledger");
    }
    expect(heldAt(TEAM).costNano).toBe(2_000);
  });

  test("one that has just begun lets nobody wait until it knows the tenant", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    world.ledger.postgres.weather = "hang";
    expect(await world.shard.admit(world.request(SQUAD_KEY, BOUND))).toEqual({ ok: false, code: "elsewhere" });
  });

  test("does not refuse a key that was made since it last heard of the configuration", async () => {
    const keys = tenant().keys.filter(({ id }) => id !== SQUAD_KEY);
    start([limit(TEAM, "cost", "month", 10 ** 6)], { keys });
    await world.shard.prepare(world.request(ROOT_KEY, BOUND));
    expect((await world.admit(world.request(ROOT_KEY, BOUND)))?.at).toBe("ledger");
    const { postgres } = world.ledger;
    postgres.configuration = { ...postgres.configuration, keys: tenant().keys };
    await world.ledger.core.configure(postgres.change(SQUAD_KEY, {}));
    await warm();
  });

  test("says that a limit stands above the key, as the Ledger does", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    await warm();
    expect(await world.shard.admit(world.request(SQUAD_KEY, BOUND))).toMatchObject({ principal: { limited: true } });
  });

  test("an admission that is told again is found again, though nothing else would fit", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    await warm();
    let last = world.request(SQUAD_KEY, BOUND);
    let answer = await world.shard.admit(last);
    while (answer.ok) {
      const next = world.request(SQUAD_KEY, { ...BOUND, costNano: 5_000 });
      const more = await world.shard.admit(next);
      if (!more.ok) break;
      [last, answer] = [next, more];
    }
    expect(await world.shard.admit(last)).toMatchObject({ ok: true, handle: answer.ok && answer.handle });
  });

  test("what was lent under a configuration that has changed meanwhile is given back", async () => {
    const budget = limit(TEAM, "cost", "month", 10 ** 6);
    start([budget]);
    let arrive = () => {};
    world.slow = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const first = (await world.admit(world.request(SQUAD_KEY, BOUND))) as Running;
    void world.shard.prepare(world.request(SQUAD_KEY, BOUND));
    await world.settled();
    expect(world.ledger.core.counters.of(TEAM).held.costNano).toBeGreaterThan(1_000);
    const changed = [{ ...budget, amount: 0 }];
    const { postgres } = world.ledger;
    postgres.configuration = { ...postgres.configuration, version: 2, limits: changed };
    const change = {
      rootId: ROOT,
      previous: 1,
      version: 2,
      organizations: [],
      keys: [],
      prices: [],
      webhooks: [],
      routes: [],
      models: [],
    };
    await world.ledger.core.configure({ ...change, limits: changed });
    arrive();
    await world.settled();
    expect(await world.shard.admit(world.request(SQUAD_KEY, BOUND))).toEqual({ ok: false, code: "elsewhere" });
    world.settle(first, BOUND);
    await world.pass(COLD);
    expect(heldAt(TEAM).costNano).toBe(0);
  });

  test("dies and comes back: what it admitted is told all the same", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const running = await warm();
    world.settle(running, BOUND);
    world.evictShard();
    await world.pass(COLD);
    expect(settledAt(TEAM).costNano).toBe(2_000);
    expect(heldAt(TEAM).costNano).toBe(0);
  });

  test("silent for too long it is charged in full, and corrected when it is heard of again", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const running = await warm();
    const lent = heldAt(TEAM).costNano;
    world.way = "cut";
    world.settle(running, { costNano: 10 });
    await world.pass(200_000);
    expect(settledAt(TEAM).costNano).toBe(1_000 + lent);
    world.way = "open";
    await world.pass(120_000);
    expect(settledAt(TEAM).costNano).toBe(1_010);
  });

  test("a slice whose grant was never heard of is given back", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    world.way = "deaf";
    const first = (await world.admit(world.request(SQUAD_KEY, BOUND))) as Running;
    await world.shard.prepare(world.request(SQUAD_KEY, BOUND));
    expect(heldAt(TEAM).costNano).toBeGreaterThan(1_000);
    world.way = "open";
    world.settle(first, BOUND);
    await world.pass(5_000);
    expect(heldAt(TEAM).costNano).toBe(0);
  });

  test("the Ledger dies and comes back: nothing is counted twice", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const running = [await warm(), (await world.admit(world.request(SQUAD_KEY, BOUND))) as Running];
    world.settle(running[0] as Running, BOUND);
    await world.pass(1_000);
    world.ledger.evict();
    world.settle(running[1] as Running, BOUND);
    await world.pass(COLD);
    world.ledger.evict();
    expect(settledAt(TEAM).costNano).toBe(3_000);
    expect(heldAt(TEAM).costNano).toBe(0);
  });

  test("keeps what was lent for a key that comes again within minutes, at few rows", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6), limit(TEAM, "requests", "day", 1_000)]);
    world.settle(await warm(), BOUND);
    const before = world.ledger.core.health().rowsWritten;
    for (let i = 0; i < 3; i++) {
      await world.pass(100_000);
      const request = world.request(SQUAD_KEY, BOUND);
      const answer = await world.shard.admit(request);
      if (!answer.ok) throw new Error(`refused: ${answer.code}`);
      // What clients are told of their limits is not older than the lease's last extension.
      const { settled, held } = world.ledger.core.counters.of(TEAM);
      expect(answer.rates).toMatchObject([{ metric: "requests", remaining: 1_000 - settled.requests - held.requests }]);
      world.settle({ at: "shard", handle: answer.handle, request }, BOUND);
    }
    expect(world.ledger.core.health().rowsWritten - before).toBeLessThanOrEqual(3);
    await world.pass(COLD);
    expect(heldAt(TEAM).costNano).toBe(0);
    expect(world.armedAt).toBeNull();
  });

  test.each([
    [
      "little is left",
      async () => void (await world.ledger.core.admit(world.request(ROOT_KEY, { ...BOUND, costNano: 480_000 }))),
    ],
    [
      "the shard has not heard of a change",
      async () => {
        world.way = "cut";
        const { postgres } = world.ledger;
        await world.ledger.core.configure(postgres.change(ROOT_KEY, {}));
        postgres.configuration = { ...postgres.configuration, version: 1 };
        world.way = "open";
      },
    ],
  ])("does not keep it for longer where %s", async (_, happens) => {
    start([limit(ROOT, "cost", "month", 10 ** 6)]);
    world.settle(await warm(), BOUND);
    await happens();
    await world.pass(25_000);
    expect((await world.shard.admit(world.request(SQUAD_KEY, BOUND))).ok).toBe(true);
    await world.pass(6_000);
    expect((await world.shard.admit(world.request(SQUAD_KEY, BOUND))).ok).toBe(false);
  });

  test("admits any number by a limit of concurrent requests, but no more at once than was lent", async () => {
    start([limit(TEAM, "concurrent_requests", "now", 32)]);
    const running = [await warm()];
    expect(world.ledger.core.counters.running(TEAM)).toBe(3);
    for (let i = 0; i < 100; i++) {
      const one = (await world.admit(world.request(SQUAD_KEY, BOUND))) as Running;
      await world.settled();
      expect(one.at).toBe("shard");
      running.push(one);
      if (running.length > 3) world.settle(running.shift() as Running, BOUND);
    }
    expect(world.ledger.core.counters.running(TEAM)).toBeLessThanOrEqual(16);
    world.way = "cut";
    let near = 0;
    while ((await world.shard.admit(world.request(SQUAD_KEY, BOUND))).ok) near++;
    expect(near + running.length).toBeLessThanOrEqual(world.ledger.core.counters.running(TEAM));
  });

  test("writes few rows at the Ledger", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 9), limit(ROOT, "requests", "day", 10 ** 6)]);
    world.settle(await warm(), BOUND);
    const before = world.ledger.core.health().rowsWritten;
    let near = 0;
    for (let i = 0; i < 1_000; i++) {
      const running = (await world.admit(world.request(SQUAD_KEY, BOUND))) as Running;
      if (running.at === "shard") near++;
      await world.settled();
      await world.pass(20);
      world.settle(running, BOUND);
    }
    await world.pass(60_000);
    const rows = (world.ledger.core.health().rowsWritten - before) / 1_000;
    console.info(`rows a request at the Ledger: ${rows}, admitted nearby: ${near} of 1000`);
    expect(near).toBeGreaterThan(900);
    expect(rows).toBeLessThanOrEqual(0.3);
  });
});
