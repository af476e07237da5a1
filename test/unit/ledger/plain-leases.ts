import type { LeaseAnswer, LeaseReport, LeaseRequest } from "../../../worker/ledger/contract.ts";
import { addSums, type Sums } from "./fake-postgres.ts";
import { METRICS, NOTHING, placesOf } from "./shard-truth.ts";

const HOLD_MS = 90_000;

interface PlainLease {
  keyId: string;
  startedAt: number;
  slice: Sums;
  used: Sums;
  number: number;
  /** Null once it has ended. */
  deadline: number | null;
}

/** The leases as the Ledger must know them, by what was lent and told. */
export class PlainLeases {
  readonly #known = new Map<string, PlainLease>();

  granted({ id, keyId }: LeaseRequest, { slice }: LeaseAnswer & { ok: true }, now: number): void {
    if (this.#known.has(id)) throw new Error(`B2 ${id} was lent twice`);
    this.#known.set(id, {
      ...{ keyId, startedAt: now, slice, used: { ...NOTHING }, number: 0, deadline: now + HOLD_MS },
    });
  }

  /** To be called before the Ledger hears them. `ended`: leases it has taken for ended before. */
  reported(reports: readonly LeaseReport[], now: number): void {
    for (const { id, number, used, slice, end, away } of reports) {
      if (away !== null && !this.#known.has(id)) {
        const nothing = { slice: { ...NOTHING }, used: { ...NOTHING }, number: 0, deadline: now + HOLD_MS };
        this.#known.set(id, { keyId: away.keyId, startedAt: away.startedAt, ...nothing });
      }
      const lease = this.#known.get(id);
      if (lease === undefined || number <= lease.number || lease.deadline === null) continue;
      lease.number = number;
      lease.used = used;
      lease.slice = slice;
      lease.deadline = end === "open" ? now + HOLD_MS : null;
    }
  }

  rings(now: number): void {
    for (const lease of this.#known.values()) {
      if (lease.deadline !== null && lease.deadline <= now) lease.deadline = null;
    }
  }

  /** The Ledger has begun anew: it knows what was lent, and of what was used what its snapshot has. */
  restarted(lent: ReadonlyMap<string, Sums>, used: ReadonlyMap<string, Sums>, now: number): void {
    for (const [id, lease] of this.#known) {
      if (lease.deadline === null) continue;
      lease.slice = lent.get(id) ?? NOTHING;
      lease.used = used.get(id) ?? NOTHING;
      lease.number = 0;
      lease.deadline = now + HOLD_MS;
    }
  }

  /** What is held of them, by place. */
  held(): Map<string, Sums> {
    const held = new Map<string, Sums>();
    for (const { keyId, startedAt, slice, used, deadline } of this.#known.values()) {
      if (deadline === null) continue;
      const rest = { ...NOTHING };
      for (const metric of METRICS) rest[metric] = Math.max(0, slice[metric] - used[metric]);
      for (const place of placesOf(keyId, startedAt)) addSums(held, place, rest);
    }
    return held;
  }
}
