import { describe, expect, it } from "vitest";
import { createThrottle } from "../../../worker/auth/throttle.ts";

const WINDOW = 15 * 60_000;
const NOW = Date.UTC(2026, 10, 1);

describe("a throttle", () => {
  it("lets five failures of an account from one address through, then tells how long to wait", () => {
    const throttle = createThrottle();
    for (let attempt = 0; attempt < 5; attempt++) expect(throttle.begin("a@b.c", "::1", NOW + attempt * 1000)).toBe(0);
    expect(throttle.begin("a@b.c", "::1", NOW + 5000)).toBe((WINDOW - 5000) / 1000);
    expect(throttle.begin("a@b.c", "::2", NOW + 5000)).toBe(0);
    expect(throttle.begin("b@b.c", "::1", NOW + 5000)).toBe(0);
  });

  it("does not count what it refused, so that waiting ends", () => {
    const throttle = createThrottle();
    for (let attempt = 0; attempt < 50; attempt++) throttle.begin("a@b.c", "::1", NOW + attempt);
    expect(throttle.begin("a@b.c", "::1", NOW + WINDOW - 1)).toBe(1);
    expect(throttle.begin("a@b.c", "::1", NOW + WINDOW)).toBe(0);
  });

  it("forgets an account's failures from an address once the password was right", () => {
    const throttle = createThrottle();
    for (let attempt = 0; attempt < 5; attempt++) throttle.begin("a@b.c", "::1", NOW);
    throttle.succeed("a@b.c", "::1");
    expect(throttle.begin("a@b.c", "::1", NOW)).toBe(0);
  });

  it("never slows down who is always right", () => {
    const throttle = createThrottle();
    for (let attempt = 0; attempt < 500; attempt++) {
      expect(throttle.begin("a@b.c", "::1", NOW)).toBe(0);
      throttle.succeed("a@b.c", "::1");
    }
  });

  it("stops one account being guessed from many addresses", () => {
    const throttle = createThrottle();
    const waits = Array.from({ length: 60 }, (_, index) => throttle.begin("a@b.c", `::${index}`, NOW));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(50);
  });

  it("stops one address from guessing at many accounts, and others go on", () => {
    const throttle = createThrottle();
    const waits = Array.from({ length: 120 }, (_, index) => throttle.begin(`${index}@b.c`, "::1", NOW));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(100);
    expect(throttle.begin("119@b.c", "::2", NOW)).toBe(0);
  });

  it("forgets the oldest rather than grow without bound, and not those in use", () => {
    const throttle = createThrottle();
    for (let attempt = 0; attempt < 5; attempt++) throttle.begin("watched@b.c", "::w", NOW);
    for (let index = 0; index < 3000; index++) throttle.begin(`${index}@b.c`, `::${index}`, NOW);
    expect(throttle.begin("watched@b.c", "::w", NOW)).toBeGreaterThan(0);
    for (let index = 3000; index < 6000; index++) throttle.begin(`${index}@b.c`, `::${index}`, NOW);
    expect(throttle.begin("watched@b.c", "::w", NOW)).toBe(0);
  });
});
