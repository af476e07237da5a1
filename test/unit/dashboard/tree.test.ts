import { describe, expect, it } from "vitest";
import { drillDown, flattenTree } from "../../../dashboard/pages/organizations/tree.ts";

const node = (id: string, parent: string | null, children = 0) => ({ id, parent_id: parent, children });
const nodes = [node("acme", null, 2), node("product", "acme"), node("platform", "acme", 1), node("ci", "platform")];
const shown = (open: string[], among = nodes) =>
  flattenTree(among, (id) => open.includes(id)).map(({ node: { id }, level, open: isOpen }) => [id, level, isOpen]);

describe("flattenTree", () => {
  it.each([
    { name: "closed", open: [], rows: [["acme", 1, false]] },
    {
      name: "open one level",
      open: ["acme"],
      rows: [
        ["acme", 1, true],
        ["product", 2, null],
        ["platform", 2, false],
      ],
    },
    {
      name: "open to the ground",
      open: ["acme", "platform"],
      rows: [
        ["acme", 1, true],
        ["product", 2, null],
        ["platform", 2, true],
        ["ci", 3, null],
      ],
    },
    { name: "open below one that is closed", open: ["platform"], rows: [["acme", 1, false]] },
  ])("$name", ({ open, rows }) => expect(shown(open)).toEqual(rows));

  it("begins where the reader's part of the tree begins", () =>
    expect(shown(["platform"], nodes.slice(1))).toEqual([
      ["product", 1, null],
      ["platform", 1, true],
      ["ci", 2, null],
    ]));
});

describe("drillDown", () => {
  const all = flattenTree(nodes, (id) => id !== "product");
  const drilled = (opened: string[]) => {
    const { rows, above } = drillDown(all, opened);
    return { rows: rows.map(({ node: { id }, level, open }) => [id, level, open]), above: above.map(({ id }) => id) };
  };

  it("begins at the highest", () =>
    expect(drilled([])).toEqual({
      rows: [
        ["acme", 1, true],
        ["product", 2, null],
        ["platform", 2, false],
      ],
      above: [],
    }));

  it("shows the last that was opened and is known, under what is above it", () =>
    expect(drilled(["platform", "gone"])).toEqual({
      rows: [
        ["platform", 2, true],
        ["ci", 3, null],
      ],
      above: ["acme"],
    }));

  it("shows nothing of nothing", () => expect(drillDown([], ["acme"])).toEqual({ rows: [], above: [] }));
});
