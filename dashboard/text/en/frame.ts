import { texts as common } from "./common.ts";
import { texts as shell } from "./shell.ts";

/** What every page reads before its own: one file, and so one question. */
export const texts = { common, shell };
