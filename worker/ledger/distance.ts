/** The last round trips an isolate has measured to a Ledger. */
const KEPT = 8;
/** Farther than this a shard is asked first, in milliseconds. */
const FAR_MS = 20;
/** Admissions a second, seen by one isolate, beyond which one object should not carry all of them. */
const BUSY_A_SECOND = 150;
/** Once busy, a Ledger counts as busy until so long after the last busy second: a rate near the edge would switch to and fro. */
const BUSY_MS = 10_000;
/** A first trip may have woken the Ledger: so many tell the way. Then it is measured once a minute, for networks change. */
const ENOUGH_TRIPS = 3;
const TRIP_MS = 60_000;
const EARLY_MS = 500;

interface Seen {
  trips: number[];
  measuredAt: number;
  /** Admissions in the second that is running. */
  second: number;
  count: number;
  busyUntil: number;
}

/** How far each Ledger is from this isolate, and how busy this isolate keeps it. */
export class Distances {
  readonly #seen = new Map<string, Seen>();

  /** A call took so long; one that waited for others says nothing of the distance. */
  note(ledger: string, milliseconds: number, now: number): void {
    const seen = this.#of(ledger);
    seen.measuredAt = now;
    seen.trips.push(milliseconds);
    if (seen.trips.length > KEPT) seen.trips.shift();
  }

  /** An admission is about to be asked for. */
  count(ledger: string, now: number): void {
    const seen = this.#of(ledger);
    const second = Math.floor(now / 1000);
    if (second !== seen.second) {
      seen.second = second;
      seen.count = 0;
    }
    seen.count++;
    if (seen.count > BUSY_A_SECOND) seen.busyUntil = now + BUSY_MS;
  }

  /** Whether a shard should be asked before this Ledger. The shortest trip is the way itself; the rest is load. */
  isFar(ledger: string, now: number): boolean {
    const { trips, busyUntil } = this.#of(ledger);
    return now < busyUntil || (trips.length > 0 && Math.min(...trips) > FAR_MS);
  }

  /** Whether the way should be measured although nobody has to go it. Once it is true, a measurement is taken to be under way. */
  isToMeasure(ledger: string, now: number): boolean {
    const seen = this.#of(ledger);
    if (now - seen.measuredAt < (seen.trips.length < ENOUGH_TRIPS ? EARLY_MS : TRIP_MS)) return false;
    seen.measuredAt = now;
    return true;
  }

  #of(ledger: string): Seen {
    const known = this.#seen.get(ledger);
    if (known !== undefined) return known;
    const seen = { trips: [], measuredAt: Number.NEGATIVE_INFINITY, second: 0, count: 0, busyUntil: 0 };
    this.#seen.set(ledger, seen);
    return seen;
  }
}
