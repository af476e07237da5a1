import { afterEach, describe, expect, test, vi } from "vitest";
import { StorageError } from "../../../worker/errors.ts";
import { notice, webhook } from "./announcer-notices.ts";
import { AnnouncerWorld } from "./announcer-world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let world: AnnouncerWorld;
const start = (webhooks?: ConstructorParameters<typeof AnnouncerWorld>[0]): AnnouncerWorld => {
  world = new AnnouncerWorld(webhooks);
  return world;
};
afterEach(() => world.storage.close());

describe("the log", () => {
  test("waits in the Ledger while Postgres is away, and no delivery is repeated for it", async () => {
    start();
    world.databaseFailure = new StorageError("connection refused", null);
    world.script.set("whk_one", [500, 200]);
    world.announce(notice("k", world.now));
    await world.pass(HOUR);
    expect(world.sent).toHaveLength(2);
    expect(world.rows.size).toBe(0);
    expect(world.stored("delivery")).toHaveLength(1);
    expect(world.logged("webhook.log_failed").length).toBeGreaterThan(10);
    world.evict();
    await world.pass(HOUR);
    world.databaseFailure = null;
    await world.pass(2 * MINUTE);
    expect([...world.rows.values()].map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 200],
    ]);
    expect(world.sent).toHaveLength(2);
    expect(world.stored("delivery")).toEqual([]);
    expect(world.armedAt).toBeNull();
  });

  test("a backlog of any length is recorded", async () => {
    start();
    world.databaseFailure = new StorageError("connection refused", null);
    for (let nth = 0; nth < 1_010; nth++) world.announce(notice(`${nth}`, world.now));
    await world.pass(SECOND / 2);
    expect(world.sent).toHaveLength(1_010);
    world.databaseFailure = null;
    await world.pass(2 * MINUTE);
    expect(world.rows.size).toBe(1_010);
    expect(Math.max(...world.batches.map(({ length }) => length))).toBe(50);
    expect(world.stored("delivery")).toEqual([]);
  });

  test("an attempt made while earlier ones are being recorded is recorded next", async () => {
    start();
    const { promise, resolve } = Promise.withResolvers<void>();
    world.databaseAnswers = promise;
    world.script.set("whk_one", [500, 200]);
    world.announce(notice("k", world.now));
    const ringing = world.ring();
    await vi.waitFor(() => expect(world.batches).toHaveLength(1));
    world.now += 5 * SECOND;
    await world.ring();
    await vi.waitFor(() => expect(world.sent).toHaveLength(2));
    resolve();
    await ringing;
    expect(world.batches.map((batch) => batch.map(({ attempt }) => attempt))).toEqual([[1], [2]]);
    expect(world.stored("delivery")).toEqual([]);
  });

  test("a lost acknowledgement is absorbed", async () => {
    start();
    [world.databaseFailure, world.ackLost] = [new StorageError("connection reset", null), true];
    world.announce(notice("k", world.now));
    await world.pass(SECOND / 2);
    world.databaseFailure = null;
    await world.pass(MINUTE);
    expect(world.batches).toHaveLength(2);
    expect(world.rows.size).toBe(1);
    expect(world.stored("delivery")).toEqual([]);
  });

  test("rows that Postgres has are not sent again with the next attempt", async () => {
    start();
    world.script.set("whk_one", [500, 500, 200]);
    world.announce(notice("k", world.now));
    await world.pass(HOUR);
    expect(world.batches.map((batch) => batch.map(({ attempt }) => attempt))).toEqual([[1], [2], [3]]);
  });

  test("one that Postgres will never take is dropped alone", async () => {
    const webhooks = Array.from({ length: 5 }, (_, nth) => webhook(`whk_${nth}`));
    start(webhooks);
    world.databaseFailure = new StorageError("connection refused", null);
    for (const key of ["a", "b"]) world.announce(notice(key, world.now));
    await world.pass(SECOND / 2);
    world.databaseFailure = null;
    [world.poison, world.poisonFailure] = ["whk_3", new StorageError("invalid text", "22P05")];
    await world.pass(MINUTE);
    expect(world.rows.size).toBe(8);
    expect(world.logged("webhook.log_refused")).toHaveLength(2);
    expect(world.stored("delivery")).toEqual([]);
  });

  test("a table that is missing yet drops nothing", async () => {
    start();
    world.databaseFailure = new StorageError("no such table", "42P01");
    world.announce(notice("k", world.now));
    await world.pass(HOUR);
    expect(world.logged("webhook.log_refused")).toEqual([]);
    world.databaseFailure = null;
    await world.pass(2 * MINUTE);
    expect(world.rows.size).toBe(1);
  });
});

describe("a full disk", () => {
  test("an attempt that cannot be noted is not repeated at once, and noted with the next", async () => {
    start();
    world.script.set("whk_one", [500, 200]);
    world.announce(notice("k", world.now));
    world.storage.failWrites = true;
    await world.pass(3 * SECOND);
    expect(world.sent).toHaveLength(1);
    expect(world.logged("webhook.run_failed").length).toBeGreaterThan(0);
    world.storage.failWrites = false;
    await world.pass(2 * MINUTE);
    expect(world.sent).toHaveLength(2);
    expect([...world.rows.values()].map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 200],
    ]);
    expect(world.stored("delivery")).toEqual([]);
  });

  test("stops what is due behind it as well", async () => {
    start();
    for (let nth = 0; nth < 20; nth++) world.announce(notice(`${nth}`, world.now));
    world.storage.failWrites = true;
    await world.ring();
    expect(world.sent).toHaveLength(1);
    world.storage.failWrites = false;
    await world.pass(MINUTE);
    expect(world.sent).toHaveLength(20);
    expect(world.stored("delivery")).toEqual([]);
  });
});
