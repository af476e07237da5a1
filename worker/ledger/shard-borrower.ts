import { type Amount, amountOfBound } from "./amounts.ts";
import { Burn } from "./burn.ts";
import type { AdmitRequest, Cooling, LedgerApi } from "./contract.ts";
import type { ShardLease, ShardLeases } from "./shard-leases.ts";
import type { LedgerClock, LedgerLog } from "./storage.ts";
import type { Tenant } from "./tenant.ts";

/** After a no the Ledger is not asked again for a while. */
const REST_MS = 2_000;
/** A lease that has not been extended is followed by another so long before its end. */
const RENEW_BEFORE_MS = 5_000;

export interface BorrowerOptions {
  /** The shard's. */
  name: string;
  clock: LedgerClock;
  log: LedgerLog;
  tenant: Tenant;
  leases: ShardLeases;
  ledger(rootId: string): Pick<LedgerApi, "lease">;
  newId(): string;
  /** The Ledger has told what is cooling. */
  cooling(cooling: readonly Cooling[]): void;
  /** Something is to be told to the Ledger. */
  tell(): void;
  /** Something may be due earlier than the alarm is set for. */
  arm(): void;
}

/** Asks the Ledger for slices: one at a time for each key, in time before what was borrowed is used up. */
export class ShardBorrower {
  readonly #options: BorrowerOptions;
  readonly #burn = new Burn();
  /** Keys the Ledger is being asked for, or not to be asked for until then. */
  readonly #asked = new Map<string, number>();

  constructor(options: BorrowerOptions) {
    this.#options = options;
  }

  /** A request of the key has asked for so much, wherever it is admitted. */
  burnt(keyId: string, amount: Amount): void {
    this.#burn.add(keyId, amount, this.#options.clock.now());
  }

  /** Whether another lease should follow these. */
  isDue(leases: readonly ShardLease[]): boolean {
    const now = this.#options.clock.now();
    return leases.every((lease) => lease.until - now < RENEW_BEFORE_MS || this.#options.leases.isLow(lease));
  }

  /** Asks for a slice with room for the request and those that are likely to follow. Never throws. */
  async ask(request: AdmitRequest): Promise<void> {
    const { clock, log, name, newId, ledger, tenant, leases, tell, arm } = this.#options;
    const { keyId, rootId, mac } = request;
    if ((this.#asked.get(keyId) ?? 0) > clock.now()) return;
    // While the Ledger cannot be reached a key has one note, not one for every time it was asked.
    if (leases.noted(keyId)) return;
    this.#asked.set(keyId, Number.POSITIVE_INFINITY);
    const id = `${name}/${newId()}`;
    let rest = 0;
    try {
      leases.note(id, keyId);
      const wish = {
        need: amountOfBound(request.bound),
        burn: this.#burn.of(keyId, clock.now()),
        running: leases.running(keyId),
      };
      const answer = await ledger(rootId).lease({ id, shard: name, rootId, keyId, mac, ...wish });
      if (answer.ok) {
        this.#options.cooling(answer.cooling);
        if (tenant.behind(answer.version)) await tenant.catchUp(answer.version);
        // One lent before a change that this shard has heard of already ends as it begins.
        const until = answer.version < tenant.newest ? clock.now() : answer.until;
        leases.granted({ id, keyId, away: null, ...answer, until }, clock.now());
      } else {
        rest = REST_MS;
        leases.forget(id);
      }
    } catch (error) {
      // It may have been lent all the same: the note stays, and is given back with the next report.
      rest = REST_MS;
      leases.unanswered(id);
      log({ level: "error", event: "shard.lease_failed", event_id: null, message: String(error) });
      tell();
    } finally {
      if (rest === 0) this.#asked.delete(keyId);
      else this.#asked.set(keyId, clock.now() + rest);
      arm();
    }
  }
}
