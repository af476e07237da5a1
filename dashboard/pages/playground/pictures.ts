/** Of a picture's time, what all columns together may take to read marks, in milliseconds: the rest is the browser's to lay out and draw. */
const WORK_MS = 6;

const work = new Set<() => boolean>();
let isAsked = false;

function ask(): void {
  if (!isAsked) requestAnimationFrame(draw);
  isAsked = true;
}

function draw(): void {
  isAsked = false;
  const until = performance.now() + WORK_MS;
  // Who has more to do goes behind the others, and is come to again as long as there is time.
  for (const step of work) {
    work.delete(step);
    if (step()) work.add(step);
    if (performance.now() >= until) break;
  }
  if (work.size > 0) ask();
}

/**
 * Calls `step` before the next picture, and on as long as it answers that there is more: all who wait take turns, and what no
 * picture has time for is done before a later one.
 */
export function inTurn(step: () => boolean): void {
  work.add(step);
  ask();
}

/** `step` is not wanted any more. */
export const noTurn = (step: () => boolean): boolean => work.delete(step);
