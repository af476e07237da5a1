import { describe, expect, test } from "vitest";
import { blindFor, placed } from "../../../dashboard/pages/playground/blind.ts";
import { bytesOf, endingOf, shownImage } from "../../../dashboard/pages/playground/images.ts";
import {
  type Column,
  emptyThread,
  isHidden,
  letterOf,
  NO_SETTINGS,
  type Thread,
  TIE,
  type Turn,
} from "../../../dashboard/pages/playground/thread.ts";

const columnsOf = (count: number): Column[] =>
  ["c1", "c2", "c3", "c4"].slice(0, count).map((id) => ({ id, model: `m-${id}`, settings: NO_SETTINGS }));
const threadOf = (count: number, isBlind = true): Thread => ({ ...emptyThread("t", 0, columnsOf(count)), isBlind });
const turnOf = (blind: Turn["blind"]): Turn => ({
  id: "a",
  parent: null,
  text: "",
  attachments: [],
  answers: {},
  blind,
});

describe("a blind vote", () => {
  test.each([
    ["nobody wants it", threadOf(3, false)],
    ["there is nothing to compare", threadOf(1)],
  ])("is none where %s", (_, thread) => {
    expect(blindFor(thread, undefined)).toBeUndefined();
  });

  test("has the columns in any order, whatever theirs is", () => {
    const thread = threadOf(4);
    const orders = Array.from({ length: 400 }, () => blindFor(thread, undefined)?.order ?? []);
    for (const order of orders) expect([...order].sort()).toEqual(["c1", "c2", "c3", "c4"]);
    // Each of 24 orders is missed by 400 drawings once in some twenty million.
    expect(new Set(orders.map((order) => order.join())).size).toBe(24);
  });

  test("keeps the letters until there is a vote, and as long as the columns stay", () => {
    const blind = { order: ["c3", "c1", "c2"], vote: null };
    expect(blindFor(threadOf(3), turnOf(blind))?.order).toEqual(blind.order);
    expect(blindFor(threadOf(4), turnOf(blind))?.order).toHaveLength(4);
    const orders = Array.from({ length: 200 }, () =>
      blindFor(threadOf(3), turnOf({ ...blind, vote: TIE }))?.order.join(),
    );
    expect(new Set(orders).size).toBe(6);
  });

  test("hides until then, and shows the answers in its own order, what came later last", () => {
    const turn = turnOf({ order: ["c3", "c1"], vote: null });
    expect(isHidden(turn)).toBe(true);
    expect(isHidden(turnOf({ order: ["c3", "c1"], vote: TIE }))).toBe(false);
    expect(isHidden(turnOf(undefined))).toBe(false);
    expect(placed(turn, columnsOf(4)).map(({ id }) => id)).toEqual(["c3", "c1", "c2", "c4"]);
    expect(placed(turnOf(undefined), columnsOf(2)).map(({ id }) => id)).toEqual(["c1", "c2"]);
    expect(["c3", "c1", "c2"].map((id) => letterOf(turn, id))).toEqual(["A", "B", null]);
  });
});

describe("an image of an answer", () => {
  test.each<[url: string | undefined, isShown: boolean]>([
    ["data:image/png;base64,AAEC", true],
    ["data:image/jpeg;base64,AAE=", true],
    ["data:image/svg+xml;base64,AAEC", false],
    ["data:text/html;base64,AAEC", false],
    ["data:image/png,AAEC", false],
    ['data:image/png;base64,AA"onerror="x', false],
    ["https://example.com/a.png", false],
    ["javascript:alert(1)", false],
    [undefined, false],
    [`data:image/png;base64,${"A".repeat(17 * 1024 * 1024)}`, false],
  ])("%.40s is shown: %s", (url, isShown) => {
    expect(shownImage(url)).toBe(isShown ? url : null);
  });

  test("is a file by its own bytes", () => {
    expect(bytesOf("data:image/jpeg;base64,AAEC")).toEqual({ bytes: new Uint8Array([0, 1, 2]), type: "image/jpeg" });
    expect(endingOf("data:image/jpeg;base64,AAEC")).toBe("jpg");
    expect(endingOf("data:image/png;base64,AAEC")).toBe("png");
  });
});
