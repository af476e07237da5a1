import { afterEach, describe, expect, test } from "vitest";
import { World } from "./world.ts";

let world: World;
const start = (): World => {
  world = new World();
  return world;
};
afterEach(() => world.storage.close());

const MINUTES = 60_000;

describe("the alarm", () => {
  test("a Ledger that nobody calls arms nothing and runs no SQL", async () => {
    start();
    const { statements } = world.storage;
    await world.pass(10 * MINUTES);
    expect([world.alarmsSet, world.storage.statements]).toEqual([0, statements]);
  });

  test("is moved to where a touched hold ends when the clock has gone back", async () => {
    start();
    const [one] = [await world.admitted(), await world.admitted()];
    world.setBack(60 * MINUTES);
    world.core.touch([one.handle]);
    world.core.touch([one.handle + 1]);
    await world.pass(90_000);
    expect(world.core.health().open).toBe(0);
  });

  test("ten minutes after a settled request: no alarm, no SQL", async () => {
    start();
    world.settle(await world.admitted());
    await world.pass(250);
    const before = [world.alarmsSet, world.storage.statements, world.postgres.batches.length];
    expect(world.armedAt).toBeNull();
    await world.pass(10 * MINUTES);
    expect([world.alarmsSet, world.storage.statements, world.postgres.batches.length]).toEqual(before);
  });

  test("ten idle minutes of a restarted Ledger with nothing to do: no alarm, no SQL", async () => {
    start();
    for (let i = 0; i < 40; i++) world.settle(await world.admitted());
    await world.pass(1_000);
    world.evict();
    const before = [world.alarmsSet, world.storage.statements];
    expect(world.armedAt).toBeNull();
    await world.pass(10 * MINUTES);
    expect([world.alarmsSet, world.storage.statements]).toEqual(before);
  });

  test("is armed for the hold, moved earlier by the settlement, and never set for nothing", async () => {
    start();
    const { now } = world;
    const first = await world.admitted();
    expect(world.armedAt).toBe(now + 90_000);
    for (let i = 0; i < 20; i++) await world.admitted();
    expect(world.alarmsSet).toBe(1);
    world.settle(first);
    expect(world.armedAt).toBe(now + 250);
    expect(world.alarmsSet).toBe(2);
  });

  test("after the drain it waits for the next open hold", async () => {
    start();
    const { now } = world;
    const [first] = [await world.admitted(), await world.admitted()];
    world.settle(first);
    await world.pass(250);
    expect(world.armedAt).toBe(now + 90_000);
  });

  test("a touch sets nothing; the alarm finds the hold alive and moves on", async () => {
    start();
    const { now } = world;
    const { handle } = await world.admitted();
    await world.pass(30_000);
    const { statements } = world.storage;
    world.core.touch([handle]);
    expect([world.alarmsSet, world.storage.statements]).toEqual([1, statements]);
    await world.pass(60_000);
    expect(world.armedAt).toBe(now + 120_000);
    expect(world.core.health().open).toBe(1);
  });

  test("a hold that was touched does not keep others from ending", async () => {
    start();
    const [first, second] = [await world.admitted(), await world.admitted()];
    await world.pass(30_000);
    world.core.touch([first.handle]);
    await world.pass(60_000);
    expect([world.settle(second), world.settle(first)]).toEqual(["corrected", "settled"]);
  });

  test("a restarted Ledger arms for what it finds", async () => {
    start();
    await world.admitted();
    await world.pass(30_000);
    world.armedAt = null;
    world.evict();
    expect(world.armedAt).toBe(world.now + 90_000);
  });

  test("never throws, whatever breaks, and comes back to what it could not do", async () => {
    start();
    await world.admitted();
    world.now += 90_000;
    world.storage.failWrites = true;
    await expect(world.ring()).resolves.toBeUndefined();
    expect(world.logged("ledger.alarm_failed")).toHaveLength(1);
    expect(world.armedAt).toBeGreaterThan(world.now);
    world.storage.failWrites = false;
    await world.pass(5_000);
    expect(world.core.health()).toMatchObject({ open: 0, waiting: 0 });
  });
});
