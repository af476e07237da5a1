import { parseJson } from "../lib/json.ts";

/** Whether a text is a whole JSON object, so that nothing more can belong to it. */
export const isWholeJson = (text: string): boolean => text.endsWith("}") && parseJson(text) !== undefined;
