import { expect, test } from "vitest";
import { Drains } from "../../../worker/router/drains.ts";

test("no more than a hundred at a time, and those whose request ended unseen make room", () => {
  const drains = new Drains();
  const tickets = Array.from({ length: 100 }, (_, index) => drains.begin(0, 1000 + index));
  expect(new Set(tickets).size).toBe(100);
  expect(drains.begin(500, 1500)).toBeNull();
  drains.end(tickets[5] as number);
  expect(drains.begin(500, 1500)).not.toBeNull();
  expect(drains.begin(500, 1500)).toBeNull();
  expect(drains.begin(1001, 2000)).not.toBeNull();
  expect(drains.begin(1001, 2000)).not.toBeNull();
  expect(drains.begin(1001, 2000)).toBeNull();
});
