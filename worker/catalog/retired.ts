/** Well-known names their vendors have switched off, with the day: a 404 can then say more than "unknown". */
const RETIRED: Readonly<Record<string, string>> = {
  "claude-opus-4-1": "2026-08-05",
  "gemini-2.0-flash": "2026-06-01",
  "gemini-2.0-flash-lite": "2026-06-01",
  "gpt-3.5-turbo": "2026-10-23",
  "gpt-4": "2026-10-23",
  "gpt-4-turbo": "2026-10-23",
  "gpt-4.1-nano": "2026-10-23",
  "gpt-5-codex": "2026-07-23",
  "gpt-5.1-codex": "2026-07-23",
  "gpt-image-1": "2026-10-23",
  o1: "2026-10-23",
  "o1-pro": "2026-10-23",
  "o3-mini": "2026-10-23",
  "o4-mini": "2026-10-23",
};

/** The day (ISO date) on which the vendor switched a model off, or null when we know of none. */
export const retiredSince = (bareName: string): string | null =>
  Object.hasOwn(RETIRED, bareName) ? (RETIRED[bareName] ?? null) : null;
