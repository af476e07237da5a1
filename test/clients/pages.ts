import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../../docs/clients");

/** A fenced block of a page. */
export interface Block {
  language: string;
  text: string;
  /** The line it begins in, from 1. */
  line: number;
}

/** The pages about clients, by file name. */
export const pageNames = (): string[] => readdirSync(FOLDER).filter((name) => name.endsWith(".md"));

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(FOLDER, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ 1: language = "", 2: block = "", index }) => ({
    language,
    text: block,
    line: text.slice(0, index).split("\n").length,
  }));
}

/** The page's only block in a language, e.g. the file a user is told to write. */
export function onlyBlock(page: string, language: string, containing = ""): string {
  const found = blocksOf(page).filter((block) => block.language === language && block.text.includes(containing));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${page} has ${found.length} blocks of ${language} with ${JSON.stringify(containing)}`);
  return only.text;
}
