import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createThrottle, type Throttle } from "../../worker/auth/throttle.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";

const WINDOW = 15 * 60_000;
const NOW = Date.UTC(2026, 10, 1);
const PEPPERS = { current: "1", secrets: { "1": "a pepper for tests of forty characters .." } };

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`delete from sign_in_failures`;
});

/** Another isolate each time: what they share is the database. */
const throttle = (): Throttle => createThrottle(db.database, PEPPERS);

/** Seconds to wait; 0 when the attempt may be made. */
const begin = async (account: string | null, address: string, now: number): Promise<number> => {
  try {
    await throttle().begin({ account, address }, now);
    return 0;
  } catch (error) {
    if (!(error instanceof Error && "retryAfter" in error && "code" in error)) throw error;
    expect(error.code).toBe("too_many_attempts");
    expect(error.message).toBe(`Too many failed attempts. Try again in ${String(error.retryAfter)} seconds.`);
    return Number(error.retryAfter);
  }
};

describe("a throttle", () => {
  it("lets five failures of an account from one address through, then tells how long to wait", async () => {
    for (let attempt = 0; attempt < 5; attempt++) expect(await begin("a@b.c", "::1", NOW + attempt * 1000)).toBe(0);
    expect(await begin("a@b.c", "::1", NOW + 5000)).toBe((WINDOW - 5000) / 1000);
    expect(await begin("a@b.c", "::2", NOW + 5000)).toBe(0);
    expect(await begin("b@b.c", "::1", NOW + 5000)).toBe(0);
  });

  it("does not count what it refused, so that waiting ends", async () => {
    for (let attempt = 0; attempt < 20; attempt++) await begin("a@b.c", "::1", NOW + attempt);
    expect(await begin("a@b.c", "::1", NOW + WINDOW - 1)).toBe(1);
    expect(await begin("a@b.c", "::1", NOW + WINDOW)).toBe(0);
  });

  it("lets no more than five of twenty at the same time through", async () => {
    const waits = await Promise.all(Array.from({ length: 20 }, () => begin("a@b.c", "::1", NOW)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
    expect(waits.filter((wait) => wait === WINDOW / 1000)).toHaveLength(15);
  });

  it("forgets an account's failures from an address once the password was right", async () => {
    for (let attempt = 0; attempt < 5; attempt++) await begin("a@b.c", "::1", NOW);
    await throttle().succeed({ account: "a@b.c", address: "::1" }, NOW);
    expect(await begin("a@b.c", "::1", NOW)).toBe(0);
  });

  it("never slows down who is always right", async () => {
    for (let attempt = 0; attempt < 120; attempt++) {
      expect(await begin("a@b.c", "::1", NOW)).toBe(0);
      await throttle().succeed({ account: "a@b.c", address: "::1" }, NOW);
    }
  });

  it("stops one account being guessed from many addresses", async () => {
    const waits: number[] = [];
    for (let index = 0; index < 60; index++) waits.push(await begin("a@b.c", `::${index}`, NOW));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(50);
  });

  it("stops one address from guessing at many accounts and links, and others go on", async () => {
    const waits: number[] = [];
    for (let index = 0; index < 120; index++) waits.push(await begin(index % 2 ? null : `${index}@b.c`, "::1", NOW));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(100);
    expect(await begin("119@b.c", "::2", NOW)).toBe(0);
  });

  it("writes down neither e-mail nor IP addresses, and removes what is stale", async () => {
    await begin("a@b.c", "192.0.2.1", NOW);
    const text = JSON.stringify(await db.sql`select * from sign_in_failures`);
    expect(text).not.toMatch(/a@b|192\.0/);
    await begin("b@b.c", "192.0.2.2", NOW + 2 * WINDOW);
    await throttle().succeed({ account: "b@b.c", address: "192.0.2.2" }, NOW + 2 * WINDOW);
    expect(await db.sql`select count(*)::int as n from sign_in_failures`).toEqual([{ n: 3 }]);
  });
});
