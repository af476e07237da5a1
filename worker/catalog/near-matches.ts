import { listModels } from "./models.ts";

/** A longer name is not a slip of the keyboard, and the distance costs its length times each candidate's. */
const LONGEST_NAME = 96;

/** Levenshtein distance: the fewest single-character insertions, deletions and replacements from `a` to `b`. */
const editDistance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
};

/** `gpt6` and `claude-opus-5.5` are `gpt-6…` and `claude-opus-5-5` written another way. */
const withoutSeparators = (name: string): string => name.toLowerCase().replace(/[-._\s]/g, "");

/**
 * Names the client may have meant, nearest first, for the message of a 404. A name with a slash is compared with whole
 * ids, a bare one with the vendors' own names. A candidate that begins with the name comes before any slip; beyond
 * a third of the name's length nothing is near.
 */
export const nearMatches = (name: string, limit: number): string[] => {
  if (name.length > LONGEST_NAME) return [];
  const wanted = withoutSeparators(name);
  if (wanted.length === 0) return [];
  const whole = wanted.includes("/");
  const furthest = Math.max(2, Math.floor(wanted.length / 3));
  return listModels()
    .filter((model) => whole || model.provider !== "openrouter")
    .map((model) => {
      const candidate = whole ? model.id : model.upstreamId;
      const compared = withoutSeparators(candidate);
      const slips = editDistance(wanted, compared);
      return { candidate, distance: compared.startsWith(wanted) ? Math.min(slips, 0.5) : slips };
    })
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
};
