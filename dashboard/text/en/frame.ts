import { texts as common } from "./common.ts";
import { texts as overview } from "./overview.ts";
import { texts as shell } from "./shell.ts";

/** What every page reads before its own words, with those of the first one: one file, and so one question. */
export const texts = { common, shell, overview };
