/** The last round trips an isolate has measured to a Ledger. */
const KEPT = 8;
/** Farther than this a shard is asked first, in milliseconds. */
const FAR_MS = 20;
/** Admissions a second, seen by one isolate, beyond which one object should not carry all of them. */
const BUSY_A_SECOND = 150;

interface Seen {
  trips: number[];
  /** Admissions in the second that is running, and in the one before. */
  second: number;
  count: number;
  before: number;
}

/** How far each Ledger is from this isolate, and how busy this isolate keeps it. */
export class Distances {
  readonly #seen = new Map<string, Seen>();

  /** An admission took so long; one that waited for others says nothing of the distance. */
  note(ledger: string, milliseconds: number): void {
    const { trips } = this.#of(ledger);
    trips.push(milliseconds);
    if (trips.length > KEPT) trips.shift();
  }

  /** An admission is about to be asked for. */
  count(ledger: string, now: number): void {
    const seen = this.#of(ledger);
    const second = Math.floor(now / 1000);
    if (second !== seen.second) {
      seen.before = second === seen.second + 1 ? seen.count : 0;
      seen.second = second;
      seen.count = 0;
    }
    seen.count++;
  }

  /** Whether a shard should be asked before this Ledger. The shortest trip is the way itself; the rest is load. */
  isFar(ledger: string): boolean {
    const { trips, count, before } = this.#of(ledger);
    if (Math.max(count, before) > BUSY_A_SECOND) return true;
    return trips.length > 0 && Math.min(...trips) > FAR_MS;
  }

  #of(ledger: string): Seen {
    const known = this.#seen.get(ledger);
    if (known !== undefined) return known;
    const seen = { trips: [], second: 0, count: 0, before: 0 };
    this.#seen.set(ledger, seen);
    return seen;
  }
}
