import { expect, test } from "vitest";
import { Alarm } from "../../../worker/ledger/alarm.ts";

/** The platform's alarm: whole milliseconds, and one that is set for the time being served is forgotten with it. */
function platform() {
  let at: number | null = null;
  const alarm = new Alarm((due) => {
    at = Math.trunc(due);
  });
  return {
    alarm,
    at: () => at,
    /** Rings at the time it is set for. */
    ring(serve: (now: number) => void) {
      const now = at as number;
      alarm.rings();
      serve(now);
      if (at === now) at = null;
    },
  };
}

test("what is due at a fraction of a millisecond is due when the alarm rings", () => {
  const { alarm, at, ring } = platform();
  alarm.arm([1_000 + 2_000 / 3, null]);
  expect(at()).toBe(1_667);
  ring((now) => expect(now).toBeGreaterThanOrEqual(1_000 + 2_000 / 3));
});

test("one that rings early rings again", () => {
  const { alarm, at, ring } = platform();
  alarm.arm([1_000]);
  // Nothing was due yet by the object's own clock.
  ring(() => alarm.arm([1_000]));
  expect(at()).toBe(1_001);
});

test("what has always been due rings, too: workerd never rings for the time 0", () => {
  const { alarm, at, ring } = platform();
  alarm.arm([1_000]);
  ring(() => {});
  alarm.arm([0]);
  expect(at()).toBeGreaterThan(0);
});

test("is moved earlier and never later, and waits for nothing without reason", () => {
  const { alarm, at } = platform();
  alarm.arm([null]);
  expect([at(), alarm.settings]).toEqual([null, 0]);
  alarm.arm([2_000, 3_000]);
  alarm.arm([2_500]);
  alarm.arm([1_000], 1_500);
  expect([at(), alarm.settings]).toEqual([1_500, 2]);
});
