import { afterEach, describe, expect, test } from "vitest";
import { ask, HOUR, limit, push, ROOT_KEY, refusal, start, use, world } from "./limit-world.ts";
import { BEGINNING, ROOT } from "./world.ts";

afterEach(() => world.storage.close());

describe("a bucket", () => {
  test("fills again as time passes, and says when there will be room", async () => {
    start([limit(ROOT, "requests", "minute", 6)]);
    await use(ROOT_KEY, { requests: 6 });
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ reason: "rate", resetsAt: BEGINNING + 10_000 });
    world.now += 10_000;
    await use(ROOT_KEY, {});
    expect((await ask(ROOT_KEY)).ok).toBe(false);
  });

  test("a request larger than the whole bucket is not told to wait", async () => {
    start([limit(ROOT, "input_tokens", "minute", 50)]);
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ reason: "exhausted" });
  });

  test.each([true, false])("is what it was after a restart (snapshot: %s)", async (snapshot) => {
    start([limit(ROOT, "requests", "hour", 60)]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 10 * 60_000;
    await use(ROOT_KEY, { requests: 15 });
    if (snapshot) await world.pass(5_000);
    const before = world.core.limits([ROOT]);
    world.evict();
    expect(world.core.limits([ROOT])).toEqual(before);
    expect(before[0]).toMatchObject({ settled: 35 });
  });
});

describe("a bucket whose limit changes", () => {
  const settled = () => world.core.limits([ROOT])[0]?.settled;

  test("is what it was after a restart: what flowed off did so under the old amount", async () => {
    const hourly = limit(ROOT, "requests", "hour", 60);
    start([hourly]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 10 * 60_000;
    await use(ROOT_KEY, { requests: 1 });
    world.now += 10 * 60_000;
    await push({ limits: [{ ...hourly, amount: 120 }] });
    expect(settled()).toBe(11);
    world.now += 60_000;
    expect(settled()).toBe(9);
    world.evict();
    expect(settled()).toBe(9);
  });

  test("is not filled again by a lower amount", async () => {
    const hourly = limit(ROOT, "requests", "hour", 60);
    start([hourly]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 29 * 60_000;
    await push({ limits: [{ ...hourly, amount: 6 }] });
    expect(settled()).toBe(1);
  });

  test("is not filled again when an override ends", async () => {
    start([limit(ROOT, "requests", "hour", 6, { override: { amount: 60, until: BEGINNING + 20 * 60_000 } })]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 30 * 60_000;
    expect(settled()).toBe(9);
  });

  test("is what it was after a restart though the clock had gone back", async () => {
    start([limit(ROOT, "requests", "hour", 60)]);
    await use(ROOT_KEY, { requests: 30 });
    world.setBack(HOUR);
    await use(ROOT_KEY, { requests: 10 });
    world.evict();
    expect(settled()).toBe(40);
  });

  test("begins empty when it is made, also after a restart", async () => {
    start([]);
    await use(ROOT_KEY, { requests: 5 });
    await push({ limits: [limit(ROOT, "requests", "hour", 60)] });
    await use(ROOT_KEY, {});
    world.evict();
    expect(settled()).toBe(1);
  });
});
