import type { Column, Thread, Turn } from "./thread.ts";

/** In place of a column's id: no answer was better than the others. */
export const TIE = "tie";

/** Answers whose models are hidden until one has voted, and what was voted. */
export interface Blind {
  /** Ids of the columns as their answers stand, the first as A. */
  order: string[];
  /** The id of the column that answered best, or `TIE`; null: not voted yet. */
  vote: string | null;
}

/** Ids in an order that nobody can tell from the one they had. */
function shuffled(ids: readonly string[]): string[] {
  const order = [...ids];
  for (let at = order.length - 1; at > 0; at--) {
    // Of so few the remainder favours none by more than one in a thousand million.
    const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
    const other = drawn % (at + 1);
    [order[at], order[other]] = [order[other] as string, order[at] as string];
  }
  return order;
}

/**
 * How a question's answers are hidden; undefined: they are not, since nobody wants it or there is nothing to compare. After a
 * turn that nobody voted on, each model keeps its letter: the talk goes on.
 */
export function blindFor({ isBlind, columns }: Thread, before: Turn | undefined): Blind | undefined {
  if (!isBlind || columns.length < 2) return undefined;
  const ids = columns.map(({ id }) => id);
  const kept = before && isHidden(before) ? before.blind?.order : undefined;
  const isSame = kept?.length === ids.length && ids.every((id) => kept.includes(id));
  return { order: isSame && kept ? kept : shuffled(ids), vote: null };
}

/** Whether a turn does not say yet which model answered what. */
export const isHidden = ({ blind }: Turn): boolean => blind?.vote === null;

/** The columns as a turn shows them: those that joined later come last. */
export function placed(turn: Turn, columns: readonly Column[]): readonly Column[] {
  const order = turn.blind?.order;
  if (order === undefined) return columns;
  const place = ({ id }: Column) => (order.includes(id) ? order.indexOf(id) : order.length);
  return [...columns].sort((one, other) => place(one) - place(other));
}

export const letterAt = (place: number): string => String.fromCharCode(65 + place);

/** The letter of a column in a turn that is or was hidden; null: it has none. */
export function letterOf({ blind }: Turn, column: string): string | null {
  const place = blind?.order.indexOf(column) ?? -1;
  return place < 0 ? null : letterAt(place);
}
