import type { TenantLedger } from "./client.ts";
import type { AdmitAnswer, AdmitRequest } from "./contract.ts";
import type { Distances } from "./distance.ts";
import type { Holder } from "./holder.ts";
import type { TenantShard } from "./shard-client.ts";

export interface AdmitterOptions {
  distances: Distances;
  now(): number;
  /** Resolves after so many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
}

/**
 * The pauses before a withdrawal is tried again, 1, 5 and 20 seconds after the first time: a shard that could not be asked
 * often cannot be told either. An invocation lives for 30 seconds after its answer.
 */
const WITHDRAW_AFTER_MS = [1_000, 4_000, 15_000];

const SPENT = "nothing more is allowed while the Ledger is away";

export interface Asking {
  ledger: TenantLedger;
  /** The shard nearest to the caller. */
  shard: TenantShard;
  /** The one that keeps what is allowed while the Ledger is away. */
  away: TenantShard;
  request: AdmitRequest;
  /** Who holds the event under the handle that the request replaces; null for a first attempt. */
  holder: Holder | null;
  /** A limit stands above the key; null where nobody knows yet. */
  limited: boolean | null;
  waitUntil(promise: Promise<unknown>): void;
}

/** The answer, and who holds the request if it was admitted. */
export interface Decision {
  answer: AdmitAnswer;
  holder: Holder;
}

/**
 * Asks whoever should decide: the Ledger; a shard before it where the Ledger is far or busy; and when it cannot be reached
 * at all, what the organization allows meanwhile.
 */
export class Admitter {
  readonly #distances: Distances;
  readonly #now: () => number;
  readonly #sleep: AdmitterOptions["sleep"];
  /** Requests whose admission at a shard is being taken back. */
  readonly #withdrawing = new Set<string>();

  constructor({ distances, now, sleep }: AdmitterOptions) {
    this.#distances = distances;
    this.#now = now;
    this.#sleep = sleep;
  }

  /**
   * Rejects when the Ledger cannot be reached and nothing is allowed without it. A further attempt goes to whoever holds the
   * event: what it is held by stands where it is refused or this rejects.
   */
  async admit(asking: Asking): Promise<Decision> {
    const { ledger, shard, away, request, holder, limited, waitUntil } = asking;
    const distances = this.#distances;
    if (holder?.name === shard.name) return await this.#againAtShard(asking);
    if (holder?.name === away.name) return { answer: await this.#whileAway(asking, new Error(SPENT)), holder: away };
    distances.count(ledger.name, this.#now());
    if (holder !== null) return await this.#askLedger(asking);
    // Of a key that this isolate has not seen for a while the shard may know more.
    const mayAskShard = limited !== false && !this.#withdrawing.has(request.draft.eventId);
    if (mayAskShard && distances.isFar(ledger.name, this.#now())) {
      const near = await this.#nearby(asking);
      if (near !== null) {
        if (distances.isToMeasure(ledger.name, this.#now())) waitUntil(this.#measure(ledger).catch(() => {}));
        return { answer: near, holder: shard };
      }
    }
    return await this.#askLedger(asking);
  }

  /**
   * A further attempt of what a shard holds. Where that has no room, or cannot be asked, the Ledger decides; once it has
   * admitted the attempt the shard's hold is taken back.
   */
  async #againAtShard(asking: Asking): Promise<Decision> {
    const { ledger, shard, request, waitUntil } = asking;
    const { eventId } = request.draft;
    const near = this.#withdrawing.has(eventId) ? null : await shard.admit(request).catch(() => null);
    if (near !== null && (near.ok || near.code !== "elsewhere")) return { answer: near, holder: shard };
    this.#distances.count(ledger.name, this.#now());
    const decision = await this.#askLedger({ ...asking, request: { ...request, replaces: null } });
    if (decision.answer.ok) waitUntil(this.#withdraw(shard, eventId));
    return decision;
  }

  async #askLedger(asking: Asking): Promise<Decision> {
    const { ledger, shard, request, limited, waitUntil } = asking;
    const distances = this.#distances;
    const begun = this.#now();
    let answer: AdmitAnswer;
    try {
      answer = await ledger.admit(request);
    } catch (error) {
      // It is not held there: what the Ledger holds of it is taken back once it hears what was allowed without it.
      const first = { ...asking, request: { ...request, replaces: null } };
      return { answer: await this.#whileAway(first, error), holder: asking.away };
    }
    const now = this.#now();
    if (!answer.ok || now - begun < request.patience) distances.note(ledger.name, now - begun, now);
    const mayBorrow = answer.ok && answer.principal.limited && !answer.principal.strict;
    if (mayBorrow && limited !== true && distances.isFar(ledger.name, now)) {
      waitUntil(shard.prepare(request).catch(() => {}));
    }
    return { answer, holder: ledger };
  }

  /** Goes the way to the Ledger and back for its own sake. */
  async #measure(ledger: TenantLedger): Promise<void> {
    const begun = this.#now();
    await ledger.touch([]);
    this.#distances.note(ledger.name, this.#now() - begun, this.#now());
  }

  /** Null where the shard has no room, or cannot be asked: then the Ledger decides. */
  async #nearby({ shard, request, waitUntil }: Asking): Promise<AdmitAnswer | null> {
    try {
      const answer = await shard.admit(request);
      return !answer.ok && answer.code === "elsewhere" ? null : answer;
    } catch {
      // It may have been admitted there, and the answer lost.
      waitUntil(this.#withdraw(shard, request.draft.eventId));
      return null;
    }
  }

  /** Never throws: what cannot be taken back expires. A second plan of the request stays away from the shard meanwhile. */
  async #withdraw(shard: TenantShard, eventId: string): Promise<void> {
    this.#withdrawing.add(eventId);
    for (const pause of [...WITHDRAW_AFTER_MS, null]) {
      const done = await shard.withdraw([eventId]).then(
        () => true,
        () => false,
      );
      if (done || pause === null) break;
      await this.#sleep(pause);
    }
    this.#withdrawing.delete(eventId);
  }

  async #whileAway({ away, request }: Asking, cause: unknown): Promise<AdmitAnswer> {
    const answer = await away.admitAway(request);
    if (!answer.ok && answer.code === "ledger_unavailable") throw cause;
    return answer as AdmitAnswer;
  }
}
