import { Lexer } from "marked";

/** Letters of a block that grows above which it is not parsed at each step. */
export const LONG_BLOCK = 8_192;

/** Quotes and lists that stand in each other at a line's beginning, up to the deepest that is looked into, and beyond it. */
const TOO_DEEP =
  /^([ \t]*(?:(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*){16})((?:(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*)+)/gm;

/** Whether quotes or lists of a block stand in each other so deep that it is shown as it is written. */
export const isTooDeep = (raw: string): boolean => raw.search(TOO_DEEP) >= 0;

/**
 * A text that grows, in blocks: what is settled never changes again and is parsed once; only the last block may still become
 * something else.
 */
export interface Blocks {
  settled: readonly string[];
  /** How much of the text the settled blocks are, in UTF-16 units. */
  length: number;
  /** The block that grows. */
  tail: string;
  /** How long the tail was when it was last looked through. */
  looked: number;
}

export const NO_BLOCKS: Blocks = { settled: [], length: 0, tail: "", looked: 0 };

/**
 * The blocks of a text of which `before` was a beginning. Only the tail is looked through; one that is long only when it has
 * grown by half or has had a blank line, so that all steps together take time in proportion to the text.
 */
export function growBlocks(before: Blocks, text: string): Blocks {
  const tail = text.slice(before.length);
  const isLong = tail.length > LONG_BLOCK;
  if (isLong && tail.length < before.looked * 1.5 && !tail.slice(Math.max(0, before.tail.length - 1)).includes("\n\n"))
    return { ...before, tail };
  const raws = blocksOf(tail);
  const settled = raws.slice(0, -1);
  const length = settled.reduce((sum, raw) => sum + raw.length, 0);
  return {
    settled: settled.length > 0 ? [...before.settled, ...settled] : before.settled,
    length: before.length + length,
    tail: tail.slice(length),
    looked: tail.length - length,
  };
}

/** All blocks of a text that has ended. */
export const endBlocks = (blocks: Blocks): readonly string[] =>
  blocks.tail.trim() === "" ? blocks.settled : [...blocks.settled, ...blocksOf(blocks.tail)];

/** A text's blocks as they are written, blank lines with the block before them. Inline marks are not looked at: that is what is slow. */
function blocksOf(text: string): string[] {
  const raws: string[] = [];
  let at = 0;
  for (const { type, raw } of lex(text)) {
    const written = text.slice(at, at + raw.length);
    at += raw.length;
    if (type === "space" && raws.length > 0) raws[raws.length - 1] += written;
    else raws.push(written);
  }
  if (at < text.length) raws.push(text.slice(at));
  return raws;
}

/**
 * A text's tokens, as long as the text. The lexer calls itself for what stands in something, with all of the rest: what is too
 * deep it does not see, and where it fails all the same (lists by indents of hundreds of letters) the rest is one block.
 */
function lex(text: string): readonly { type: string; raw: string }[] {
  const lexer = new Lexer({ gfm: true });
  const seen = text
    // Its rules know only this kind of line end.
    .replace(/\r\n|\r/g, (end) => (end.length === 2 ? " \n" : "\n"))
    .replace(TOO_DEEP, (_, shallow: string, deep: string) => shallow + "x".repeat(deep.length));
  try {
    return lexer.blockTokens(seen, lexer.tokens);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return lexer.tokens;
  }
}
