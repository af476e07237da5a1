import type { Answer } from "./delivery-send.ts";
import type { LedgerClock } from "./storage.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first attempt, the second and so on; after the eighth it is given up. */
const WAITS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR];
/** Chance adds up to so much of a wait, so that a receiver that comes back is not met by all at once. */
const JITTER = 0.1;
const LONGEST_ASKED_WAIT = 24 * HOUR;

const GONE = 410;
/** Too many requests, and service unavailable: the two that say when to come back. */
const ASKS_TO_WAIT = [429, 503];

export const isDelivered = ({ status }: Answer): boolean => status !== null && status >= 200 && status < 300;

/** Milliseconds from `now`, by `Retry-After` as seconds or a date (RFC 9110 §10.2.3); 0 when it says nothing usable. */
function askedWait(text: string | null, now: number): number {
  if (text === null) return 0;
  const wait = /^\d+$/.test(text) ? Number(text) * SECOND : Date.parse(text) - now;
  return wait > 0 ? Math.min(wait, LONGEST_ASKED_WAIT) : 0;
}

/** When a delivery is tried again after its n-th attempt (from 1) was answered so; null: never. */
export function retryAt(attempts: number, answer: Answer, { now, random }: LedgerClock): number | null {
  const wait = WAITS[attempts - 1];
  if (isDelivered(answer) || answer.status === GONE || wait === undefined) return null;
  const asked = ASKS_TO_WAIT.includes(answer.status ?? 0) ? askedWait(answer.retryAfter, now()) : 0;
  return now() + Math.max(asked, Math.round(wait * (1 + JITTER * random())));
}
