import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Blocks,
  endBlocks,
  growBlocks,
  LONG_BLOCK,
  NO_BLOCKS,
} from "../../../dashboard/pages/playground/markdown-blocks.ts";

/** A text as it arrives, some letters at a time. */
function arrive(text: string, step: number): Blocks {
  let blocks = NO_BLOCKS;
  for (let end = step; end < text.length + step; end += step) blocks = growBlocks(blocks, text.slice(0, end));
  return blocks;
}

const TEXT =
  "# Title\n\nA *paragraph*\nof two lines.\n\n- one\n- two\n\n  more of two\n\n```js\nconst a = `\n\n`;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end.";

describe("a text that grows", () => {
  test.each([1, 3, 7, 50, 1000])("is settled block by block, %s letters at a time", (step) => {
    expect(endBlocks(arrive(TEXT, step)).map((block) => block.trim().split("\n")[0])).toEqual([
      "# Title",
      "A *paragraph*",
      "- one",
      "```js",
      "| a | b |",
      "The end.",
    ]);
  });

  test("what is settled stays the same, and nothing is lost", () => {
    const piece = fc.constantFrom(
      "# h\n",
      "\n\n",
      "- x\n",
      "word ",
      "```\n",
      "> q\n",
      "\r\n",
      "| a |\n",
      "**",
      "1. y\n",
      "    code\n",
      "[a]: b\n",
      "<div>\n",
      "\t",
      "é",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (pieces, step) => {
        const text = pieces.join("");
        let blocks = NO_BLOCKS;
        for (let end = step; end < text.length + step; end += step) {
          const next = growBlocks(blocks, text.slice(0, end));
          expect(next.settled.slice(0, blocks.settled.length)).toEqual(blocks.settled);
          expect(next.settled.join("") + next.tail).toBe(text.slice(0, end));
          blocks = next;
        }
        expect(endBlocks(blocks).join("").trimEnd()).toBe(text.trimEnd());
      }),
      { numRuns: 300 },
    );
  });

  test.each<[name: string, deep: string]>([
    ["quotes", `${">".repeat(20_000)} deep`],
    ["quotes and lists", `${"> - ".repeat(10_000)} deep`],
    ["lists", `${"- ".repeat(20_000)} deep`],
  ])("%s that stand in each other without end are a block, and what follows has its own", (_, deep) => {
    const text = `# Title\n\n${deep}\n\nA paragraph.\n\n${deep}\n\nThe end.`;
    const blocks = endBlocks(arrive(text, 30_000));
    expect(blocks.join("")).toBe(text);
    expect(blocks.map((block) => block.trim())).toEqual([
      "# Title",
      deep.trim(),
      "A paragraph.",
      deep.trim(),
      "The end.",
    ]);
  });

  test("a long block is looked through a few times, not at each step", () => {
    const step = 100;
    let [blocks, looks] = [NO_BLOCKS, 0];
    const text = "**a** ".repeat(20_000);
    for (let end = step; end <= text.length; end += step) {
      const next = growBlocks(blocks, text.slice(0, end));
      if (end > LONG_BLOCK && next.looked !== blocks.looked) looks += 1;
      blocks = next;
    }
    expect(looks).toBeLessThan(12);
    expect(blocks.tail).toBe(text);
  });
});
