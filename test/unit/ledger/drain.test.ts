import { afterEach, describe, expect, test } from "vitest";
import { StorageError } from "../../../worker/errors.ts";
import { organization, ROOT, World } from "./world.ts";

let world: World;
const start = (options?: ConstructorParameters<typeof World>[0]): World => {
  world = new World(options);
  return world;
};
afterEach(() => world.storage.close());

async function settled(count: number): Promise<{ handle: number; eventId: string }[]> {
  const requests: { handle: number; eventId: string }[] = [];
  for (let i = 0; i < count; i++) requests.push(await world.admitted());
  for (const request of requests) world.settle(request);
  return requests;
}

const sizes = () => world.postgres.batches.map((batch) => batch.length);

describe("batches", () => {
  test("events travel in batches of at most 200, in order of sequence, a quarter of a second after the first", async () => {
    start();
    const requests = await settled(450);
    await world.pass(249);
    expect(sizes()).toEqual([]);
    await world.pass(1);
    expect(sizes()).toEqual([200, 200, 50]);
    const sent = world.postgres.batches.flat().map(({ eventId }) => eventId);
    expect(sent).toEqual(requests.map(({ eventId }) => eventId));
  });

  test("what settles while a batch is under way is sent next, and one batch travels at a time", async () => {
    start();
    const [first, second] = [await world.admitted(), await world.admitted()];
    world.settle(second);
    world.postgres.weather = "hang";
    world.now += 250;
    const ringing = world.ring();
    await world.postgres.hung;
    world.settle(first);
    expect(world.armedAt).toBeNull();
    await world.core.alarm();
    expect(sizes()).toEqual([1]);
    world.postgres.weather = "fine";
    world.postgres.release("fine");
    await ringing;
    expect(world.postgres.batches.map((batch) => batch.map(({ eventId }) => eventId))).toEqual([
      [second.eventId],
      [first.eventId],
    ]);
    expect(world.core.health().waiting).toBe(0);
  });

  test("a correction made while its expired row is under way is not taken for sent", async () => {
    start();
    const request = await world.admitted();
    world.postgres.weather = "hang";
    world.now += 90_000;
    await world.ring();
    world.now += 250;
    const ringing = world.ring();
    await world.postgres.hung;
    expect(world.settle(request)).toBe("corrected");
    world.postgres.weather = "fine";
    world.postgres.release("fine");
    await ringing;
    expect([...world.postgres.events.keys()]).toEqual([`${request.eventId}/0`, `${request.eventId}/1`]);
  });

  test("a correction counts as an event of its own", async () => {
    start();
    const requests: { handle: number; eventId: string }[] = [];
    for (let i = 0; i < 150; i++) requests.push(await world.admitted());
    world.now += 90_000;
    await world.ring();
    for (const request of requests) expect(world.settle(request)).toBe("corrected");
    await world.pass(1_000);
    expect(sizes()).toEqual([200, 100]);
    expect(world.postgres.events.size).toBe(300);
  });

  test("large rows make smaller batches", async () => {
    start();
    for (let i = 0; i < 150; i++) world.settle(await world.admitted(), { rawUsage: "x".repeat(60_000) });
    await world.pass(250);
    expect(sizes()).toHaveLength(3);
    expect(world.postgres.events.size).toBe(150);
  });
});

describe("failures", () => {
  test("back-off doubles from one second to sixty; the rows stay and drain when Postgres is back", async () => {
    start();
    await settled(3);
    world.postgres.weather = "down";
    const attempts: number[] = [];
    await world.pass(250);
    for (let i = 0; i < 9; i++) {
      attempts.push((world.armedAt as number) - world.now);
      await world.pass((world.armedAt as number) - world.now);
    }
    // Chance stands at its middle here: three quarters of the full wait.
    expect(attempts).toEqual([1_000, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000]);
    world.postgres.weather = "fine";
    await world.pass(45_000);
    expect(world.postgres.events.size).toBe(3);
    expect(world.core.health().waiting).toBe(0);
    expect(world.armedAt).toBeNull();
  });

  test("an hour's outage loses nothing and the alarm stays armed", async () => {
    start();
    world.postgres.weather = "down";
    const requests: string[] = [];
    for (let minute = 0; minute < 60; minute++) {
      requests.push(...(await coldSafe(10)));
      await world.pass(60_000);
      expect(world.armedAt).not.toBeNull();
    }
    world.postgres.weather = "fine";
    await world.pass(60_000);
    expect([...world.postgres.events.keys()].sort()).toEqual(requests.map((id) => `${id}/0`).sort());
    expect(world.core.counters.of(ROOT).settled.requests).toBe(600);
  });

  async function coldSafe(count: number): Promise<string[]> {
    const { weather } = world.postgres;
    if (world.core.health().configVersion === null) world.postgres.weather = "fine";
    const requests = await settled(count);
    world.postgres.weather = weather;
    return requests.map(({ eventId }) => eventId);
  }

  test("a lost acknowledgement is absorbed: sent twice, stored once, then gone", async () => {
    start({ snapshotEvery: 8 });
    await settled(8);
    world.postgres.weather = "ack lost";
    await world.pass(250);
    expect(world.core.health().waiting).toBe(8);
    world.postgres.weather = "fine";
    await world.pass(60_000);
    expect(sizes()).toEqual([8, 8]);
    expect([...world.postgres.rollup.values()]).toMatchObject([{ requests: 8 }]);
    expect(world.storage.inspect("SELECT * FROM journal")).toEqual([]);
  });

  test.each([0, 57, 199])("row %i of 200 is poison: 199 are stored, it is buried and reported", async (index) => {
    start({ snapshotEvery: 50 });
    const requests = await settled(200);
    const { eventId, handle } = requests[index] as { eventId: string; handle: number };
    world.postgres.poison.add(eventId);
    await world.pass(250);
    expect(world.postgres.events.size).toBe(199);
    expect(world.storage.inspect("SELECT seq, reason FROM dead")).toEqual([
      { seq: handle, reason: `invalid input in ${eventId}` },
    ]);
    expect(world.logged("ledger.event_buried")).toMatchObject([
      { level: "error", event_id: eventId, sqlstate: "22P02" },
    ]);
    expect(world.core.health().waiting).toBe(0);
    await world.pass(600_000);
    world.evict();
    expect(world.core.counters.of(ROOT).settled.requests).toBe(200);
  });

  test.each([
    ["a column that a migration has yet to add", new StorageError("no such column", "42703")],
    ["an error nobody has classified", new TypeError("undefined is not a function")],
    ["a deadlock", new StorageError("deadlock detected", "40P01")],
  ])("%s is no row's fault: nothing is buried", async (_, error) => {
    start();
    await settled(3);
    const record = world.postgres.recordEvents;
    world.postgres.recordEvents = () => Promise.reject(error);
    await world.pass(30_000);
    expect(world.storage.inspect("SELECT * FROM dead")).toEqual([]);
    world.postgres.recordEvents = record;
    await world.pass(60_000);
    expect(world.postgres.events.size).toBe(3);
  });
});

describe("a restart", () => {
  test("in an outage, too, finds a snapshot of all but the last settlements", async () => {
    start({ snapshotEvery: 10 });
    await world.admitted();
    world.postgres.weather = "down";
    await settled(35);
    const [header] = world.storage.inspect<{ body: string }>("SELECT body FROM snapshot ORDER BY part");
    expect(JSON.parse(header?.body as string)).toMatchObject({ number: 4, nextSeq: 37 });
    world.evict();
    expect(world.core.counters.of(ROOT).settled.requests).toBe(35);
    expect(world.core.health()).toMatchObject({ open: 1, waiting: 35 });
  });

  test("sends again at most what one snapshot covers", async () => {
    start();
    for (let i = 0; i < 1_000; i++) {
      await settled(1);
      await world.pass(1);
    }
    await world.pass(10_000);
    world.postgres.batches.length = 0;
    world.evict();
    await world.pass(10_000);
    expect(world.postgres.batches.flat().length).toBeLessThan(256);
    expect(world.postgres.events.size).toBe(1_000);
    expect(world.core.counters.of(ROOT).settled.requests).toBe(1_000);
  });

  test("a quiet tenant sends again fewer than 32", async () => {
    start();
    await settled(40);
    await world.pass(10_000);
    world.postgres.batches.length = 0;
    world.evict();
    await world.pass(10_000);
    expect(world.postgres.batches).toEqual([]);
  });

  test("more counters than one part of the snapshot holds come back as they were", async () => {
    const organizations = Array.from({ length: 700 }, (_, i) => organization(`org_${i}`, ROOT, `${i}`));
    const configuration = {
      rootId: ROOT,
      version: 1,
      organizations: [organization(ROOT, null, "Root"), ...organizations],
      limits: [],
      prices: [],
      webhooks: [],
      routes: [],
      models: [],
      keys: organizations.map(({ id }, i) => ({
        ...KEY,
        id: `key_${i}`,
        organizationId: id,
        mac: `key_${i}`.padEnd(64, "f"),
      })),
    };
    start({ configuration });
    for (let i = 0; i < 700; i++) world.settle(await world.admitted(`key_${i}`), { costNano: i });
    world.evict();
    for (let i = 0; i < 700; i += 99) {
      expect(world.core.counters.of(`key_${i}`).settled).toMatchObject({ requests: 1, costNano: i });
      expect(world.core.counters.of(`org_${i}`).settled).toMatchObject({ requests: 1, costNano: i });
    }
    expect(world.core.counters.of(ROOT).settled).toMatchObject({ requests: 700, costNano: (699 * 700) / 2 });
  });

  const KEY = {
    permissions: ["write" as const],
    disabled: false,
    revoked: false,
    expiresAt: null,
    strict: false,
    previous: null,
    models: null,
    ipRanges: null,
    origins: null,
    name: "",
  };

  test("a snapshot that cannot be written costs nothing but time", async () => {
    start({ snapshotEvery: 4 });
    await settled(3);
    const request = await world.admitted();
    const { transactionSync } = world.storage;
    world.storage.transactionSync = () => {
      throw new Error("disk I/O error");
    };
    expect(world.settle(request)).toBe("settled");
    expect(world.logged("ledger.snapshot_failed")).toHaveLength(1);
    world.storage.transactionSync = transactionSync;
    await world.pass(1_000);
    world.evict();
    expect(world.core.counters.of(ROOT).settled.requests).toBe(4);
    expect(world.postgres.events.size).toBe(4);
  });
});
