import { type Blocks, endBlocks, growBlocks, isTooDeep, LONG_BLOCK, NO_BLOCKS } from "./markdown-blocks.ts";
import { readMarks } from "./marks.ts";
import { letGo } from "./out-of-sight.ts";
import { inTurn, noTurn } from "./pictures.ts";

/** A block longer than this is shown as it is written: to look for marks in it would hold up the page. */
const LONGEST_PARSED = 32_768;
const BLOCKS_A_GROUP = 32;

/** Blocks that stand together, so that what changes among them moves no others. It cuts off what leaves it, and is larger by what shows the focus. */
const GROUP = "-mx-1 space-y-2 p-1 [contain:content]";
/** Each block reads in its own direction, and nothing in it can turn the order of what is around it. */
const BLOCK = "min-w-0 space-y-2 break-words [unicode-bidi:isolate]";

function place(block: HTMLElement, raw: string, most: number): void {
  const marks = raw.length > most || isTooDeep(raw) ? null : readMarks(raw);
  block.replaceChildren(marks ?? raw);
  block.classList.toggle("whitespace-pre-wrap", marks === null);
}

function newBlock(): HTMLElement {
  const block = document.createElement("div");
  block.dir = "auto";
  block.className = BLOCK;
  return block;
}

/**
 * A text with its marks in `root`, as it grows: blocks that are settled are read once and stay as they are. `onWhole` is called
 * when a text that grows no more stands there to its end.
 */
export function growingText(
  root: HTMLElement,
  onWhole: () => void,
): { show(text: string, isGrowing: boolean): void; end(): void } {
  let [wanted, isGrowing] = ["", true];
  let blocks: Blocks = NO_BLOCKS;
  let ended: readonly string[] | null = null;
  /** How much of the text has been looked through; how many of its blocks stand in the page. */
  let [seen, placed] = [0, 0];
  let group: HTMLElement | null = null;
  const tail = newBlock();
  let shownTail = "";

  /** The group that the next block belongs to. */
  function openGroup(): HTMLElement {
    if (group === null || placed % BLOCKS_A_GROUP === 0) {
      if (group === null || group.childElementCount > 0) {
        group = document.createElement("div");
        group.className = GROUP;
        root.append(group);
        letGo(group);
      }
    }
    return group;
  }

  /** One step, and whether there are more. */
  function step(): boolean {
    if (seen < wanted.length) {
      blocks = growBlocks(blocks, wanted);
      seen = wanted.length;
      return true;
    }
    if (!isGrowing) ended ??= endBlocks(blocks);
    const settled = ended ?? blocks.settled;
    if (placed < settled.length) {
      // What grew until now may be the beginning of this block.
      tail.remove();
      shownTail = "";
      const block = newBlock();
      place(block, settled[placed] ?? "", LONGEST_PARSED);
      openGroup().append(block);
      placed += 1;
      return true;
    }
    if (ended !== null) onWhole();
    else if (blocks.tail !== shownTail) {
      shownTail = blocks.tail;
      if (shownTail.trim() === "") tail.remove();
      else {
        place(tail, shownTail, LONG_BLOCK);
        if (!tail.isConnected) openGroup().append(tail);
      }
    }
    return false;
  }

  return {
    show(text, growing) {
      if (text.length < seen || (ended !== null && text !== wanted)) {
        // Another text.
        root.replaceChildren();
        [blocks, ended, seen, placed, group, shownTail] = [NO_BLOCKS, null, 0, 0, null, ""];
      }
      [wanted, isGrowing] = [text, growing];
      inTurn(step);
    },
    end: () => noTurn(step),
  };
}
