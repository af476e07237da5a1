import { type Blind, type Column, isHidden, type Thread, type Turn } from "./thread.ts";

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

/** The columns as a turn shows them: those that joined later come last. */
export function placed(turn: Turn, columns: readonly Column[]): readonly Column[] {
  const order = turn.blind?.order;
  if (order === undefined) return columns;
  const place = ({ id }: Column) => (order.includes(id) ? order.indexOf(id) : order.length);
  return [...columns].sort((one, other) => place(one) - place(other));
}
