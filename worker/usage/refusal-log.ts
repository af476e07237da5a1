import type { RefusedRequest, RefusedRow } from "../canonical/refused-request.ts";

/** How long rows are gathered. */
const GATHER_MS = 500;
/** The same of a root of which there were more than were written. */
const FLOOD_GATHER_MS = 10_000;
/** Rows alike in all but their time that one gathering writes; the rest is a number. */
const MOST_ALIKE = 5;
const MOST_ROWS = 25;
/** So long after its time the opener of a gathering is taken for gone, with the request that it was. */
const OVERDUE_MS = 1_000;

export interface RefusalLogOptions {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  record(rootId: string, rows: readonly RefusedRow[]): Promise<void>;
  /** Told when rows could not be written: they are lost. */
  log(entry: { level: "error"; event: string; rows: number; message: string }): void;
}

interface Gathering {
  rows: RefusedRow[];
  closesAt: number;
  /** Something had to be folded or left out. */
  full: boolean;
}

const isAlike = (a: RefusedRequest, b: RefusedRequest): boolean =>
  a.keyId === b.keyId &&
  a.errorCode === b.errorCode &&
  a.param === b.param &&
  a.requestedModel === b.requestedModel &&
  a.limitId === b.limitId;

/**
 * Refused requests on their way to the log, for whoever wonders why theirs was. Bounded, since refusing costs nothing and a client that
 * is refused may ask again at once: an isolate writes at most a few rows of a kind within half a second, and then within ten, with the
 * number of the others. It is no account of anything, so what cannot be written is lost.
 */
export class RefusalLog {
  readonly #options: RefusalLogOptions;
  readonly #gathering = new Map<string, Gathering>();
  /** When the last flood of a root was over, milliseconds since the epoch. */
  readonly #floodedAt = new Map<string, number>();

  constructor(options: RefusalLogOptions) {
    this.#options = options;
  }

  /** Call in the request's context and give the promise to its `waitUntil`. Never rejects. */
  async add(rootId: string, refused: RefusedRequest): Promise<void> {
    const { now, sleep } = this.#options;
    const open = this.#gathering.get(rootId);
    const wait = this.#isFlooded(rootId) ? FLOOD_GATHER_MS : GATHER_MS;
    const gathering = open ?? { rows: [], closesAt: now() + wait, full: false };
    if (open === undefined) this.#gathering.set(rootId, gathering);
    join(gathering, refused);
    if (open === undefined) await sleep(wait);
    else if (now() < open.closesAt + OVERDUE_MS) return;
    if (this.#gathering.get(rootId) === gathering) await this.#write(rootId, gathering);
  }

  async #write(rootId: string, { rows, full }: Gathering): Promise<void> {
    const { now, record, log } = this.#options;
    this.#gathering.delete(rootId);
    this.#floodedAt.delete(rootId);
    if (full) this.#floodedAt.set(rootId, now());
    try {
      await record(rootId, rows);
    } catch (error) {
      log({ level: "error", event: "refusals.not_recorded", rows: rows.length, message: String(error) });
    }
  }

  #isFlooded(rootId: string): boolean {
    const at = this.#floodedAt.get(rootId);
    return at !== undefined && this.#options.now() - at < FLOOD_GATHER_MS;
  }
}

/** Adds a row, or to the number of a row that is like it; what is like none of a full gathering is left out. */
function join(gathering: Gathering, refused: RefusedRequest): void {
  const alike = gathering.rows.filter((row) => isAlike(row, refused));
  if (alike.length < MOST_ALIKE && gathering.rows.length < MOST_ROWS) {
    gathering.rows.push({ ...refused, repeated: 0 });
    return;
  }
  gathering.full = true;
  const last = alike.at(-1);
  if (last !== undefined) last.repeated++;
}
