import { beforeAll, expect, test } from "vitest";
import { inTurn, noTurn } from "../../../dashboard/pages/playground/pictures.ts";

const picture = () => new Promise((resolve) => setImmediate(resolve));
/** Holds the thread, as reading marks does. */
const work = (milliseconds: number) => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
};

beforeAll(() => {
  globalThis.requestAnimationFrame = (draw) => {
    setImmediate(() => draw(performance.now()));
    return 0;
  };
});

test("who has more to do takes turns with the others, over as many pictures as it takes, and nothing is left out", async () => {
  const done: string[] = [];
  const stepsOf = (name: string, count: number) => {
    let left = count;
    return () => {
      work(3);
      done.push(name);
      return --left > 0;
    };
  };
  inTurn(stepsOf("long", 6));
  inTurn(stepsOf("short", 2));
  const gone = stepsOf("gone", 2);
  inTurn(gone);
  noTurn(gone);
  await picture();
  await picture();
  // Two or three of them are as much as a picture has time for.
  expect(done.length).toBeLessThan(8);
  await expect.poll(() => done.length).toBe(8);
  expect(done.slice(0, 4)).toEqual(["long", "short", "long", "short"]);
  expect(done.slice(4)).toEqual(Array.from({ length: 4 }, () => "long"));
});
