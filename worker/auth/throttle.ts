/** Failures remembered for this long. */
const WINDOW_MS = 15 * 60_000;
/** Subjects remembered at once; an isolate's memory is shared by everything it serves. */
const MAXIMUM_SUBJECTS = 10_000;

/** Failures allowed in a window, by what they are counted for. An office behind one address shares `address`. */
const LIMITS = { accountAtAddress: 5, account: 50, address: 100 } as const;

/** Slows down guessing. Counts in one isolate's memory: enough against one guesser, who meets few isolates. */
export interface Throttle {
  /**
   * Counts one attempt as failed, before it is tried, so that attempts in parallel cannot slip by. Returns 0, or the whole
   * seconds to wait when there were too many (the attempt must not be made then).
   */
  begin(email: string, address: string, now: number): number;
  /** The attempt was right: takes back what `begin` counted, and what failed before it from that address. */
  succeed(email: string, address: string): void;
}

/** A throttle with its own memory. */
export function createThrottle(): Throttle {
  /** Times of failures by subject, oldest first. */
  const failures = new Map<string, number[]>();

  const recent = (subject: string, now: number): number[] =>
    (failures.get(subject) ?? []).filter((time) => time > now - WINDOW_MS);

  const subjects = (email: string, address: string) => [
    { subject: `both ${address} ${email}`, limit: LIMITS.accountAtAddress },
    { subject: `account ${email}`, limit: LIMITS.account },
    { subject: `address ${address}`, limit: LIMITS.address },
  ];

  function remember(subject: string, times: number[]): void {
    // Set anew, so that the map's order is that of use and the first entry is the one to forget.
    failures.delete(subject);
    if (times.length > 0) failures.set(subject, times);
    if (failures.size <= MAXIMUM_SUBJECTS) return;
    const oldest = failures.keys().next();
    if (!oldest.done) failures.delete(oldest.value);
  }

  return {
    begin(email, address, now) {
      const counted = subjects(email, address).map((row) => ({ ...row, times: recent(row.subject, now) }));
      let wait = 0;
      for (const { times, limit } of counted) {
        const freeing = times[times.length - limit];
        if (freeing !== undefined) wait = Math.max(wait, Math.ceil((freeing + WINDOW_MS - now) / 1000));
      }
      if (wait === 0) for (const { subject, times } of counted) remember(subject, [...times, now]);
      return wait;
    },
    succeed(email, address) {
      for (const { subject, limit } of subjects(email, address)) {
        const times = failures.get(subject) ?? [];
        remember(subject, limit === LIMITS.accountAtAddress ? [] : times.slice(0, -1));
      }
    },
  };
}
