import type { Losses, Warning } from "../../canonical/losses.ts";

/** Losses and notes as a client reads them in `x-gaia-warnings`, and as the request's record keeps them. */

/** Bytes of the header. */
const MAXIMUM_HEADER = 2000;
const MAXIMUM_RECORDED = 50;
const MAXIMUM_TEXT = 200;

const spelled = ({ code, path }: Warning): string => (path === "" ? code : `${code}@${path}`).slice(0, MAXIMUM_TEXT);

/** Paths may hold a client's own names: what a header cannot carry is escaped, and so is the separator. */
const headerSafe = (text: string): string =>
  text.replace(/[^\x21-\x7e]|[;%]/gu, (character) => {
    try {
      return encodeURIComponent(character) === character
        ? `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
        : encodeURIComponent(character);
    } catch {
      return "%EF%BF%BD";
    }
  });

/** `code@path; code@path; …`, null without losses. What does not fit is counted. */
export function warningsHeader(losses: Losses): string | null {
  const all = losses.told.map((warning) => headerSafe(spelled(warning)));
  if (all.length === 0) return null;
  let header = "";
  for (const [index, one] of all.entries()) {
    const next = header === "" ? one : `${header}; ${one}`;
    if (next.length > MAXIMUM_HEADER) return `${header}; and ${all.length - index + losses.omitted} more`;
    header = next;
  }
  return losses.omitted === 0 ? header : `${header}; and ${losses.omitted} more`;
}

/** The same for the record. */
export const recordedWarnings = (losses: Losses): string[] => losses.told.slice(0, MAXIMUM_RECORDED).map(spelled);
