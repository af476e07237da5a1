import { type Amount, add, nothing } from "./amounts.ts";

/** Counters of one part of the snapshot: a row of some 40 KB, far below the 2 MB a row may have. */
const PART_SIZE = 500;

interface Counter {
  name: string;
  settled: Amount;
  held: Amount;
}

/** One counter as the snapshot keeps it: name, then its settled amount. */
type StoredCounter = [name: string, requests: number, inputTokens: number, outputTokens: number, costNano: number];

/** The windows an admission is counted in. A new window is a new counter, never one set back to zero. */
const windowsAt = (_admittedAt: number): readonly string[] => ["total"];

/**
 * Settled and held amounts of every key and organization, in memory. Settled amounts survive in the snapshot, in parts so
 * that only what changed is written again; held amounts are rebuilt from the open rows of the journal.
 */
export class Counters {
  readonly #list: Counter[] = [];
  readonly #index = new Map<string, number>();
  readonly #changed = new Set<number>();

  /** Counts a settled amount on every node. False when a counter stands at the edge of the safe integers. */
  settle(nodes: readonly string[], admittedAt: number, amount: Amount): boolean {
    let exact = true;
    for (const index of this.#indices(nodes, admittedAt)) {
      exact = add((this.#list[index] as Counter).settled, amount) && exact;
      this.#changed.add(Math.floor(index / PART_SIZE));
    }
    return exact;
  }

  hold(nodes: readonly string[], admittedAt: number, amount: Amount): void {
    for (const index of this.#indices(nodes, admittedAt)) add((this.#list[index] as Counter).held, amount);
  }

  release(nodes: readonly string[], admittedAt: number, amount: Amount): void {
    for (const index of this.#indices(nodes, admittedAt)) add((this.#list[index] as Counter).held, amount, -1);
  }

  /** The sums of a node (key or organization id) in a window. */
  of(node: string, window = "total"): { settled: Amount; held: Amount } {
    const index = this.#index.get(`${window}/${node}`);
    const counter = index === undefined ? undefined : this.#list[index];
    return { settled: { ...(counter?.settled ?? nothing()) }, held: { ...(counter?.held ?? nothing()) } };
  }

  /** How many parts the next snapshot has to write. */
  get partsChanged(): number {
    return this.#changed.size;
  }

  /** The parts that changed since `written` was called last, as JSON texts by part number. */
  changedParts(): Map<number, string> {
    const parts = new Map<number, string>();
    for (const part of this.#changed) {
      const stored = this.#list
        .slice(part * PART_SIZE, (part + 1) * PART_SIZE)
        .map(({ name, settled }): StoredCounter => {
          return [name, settled.requests, settled.inputTokens, settled.outputTokens, settled.costNano];
        });
      parts.set(part, JSON.stringify(stored));
    }
    return parts;
  }

  written(): void {
    this.#changed.clear();
  }

  /** Takes the parts of a snapshot, in the order of their numbers. */
  load(parts: Iterable<string>): void {
    for (const part of parts) {
      for (const [name, requests, inputTokens, outputTokens, costNano] of JSON.parse(part) as StoredCounter[]) {
        const counter = this.#list[this.#indexOf(name)] as Counter;
        counter.settled = { requests, inputTokens, outputTokens, costNano };
      }
    }
  }

  *#indices(nodes: readonly string[], admittedAt: number): Generator<number> {
    for (const window of windowsAt(admittedAt)) {
      for (const node of nodes) yield this.#indexOf(`${window}/${node}`);
    }
  }

  #indexOf(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    const index = this.#list.push({ name, settled: nothing(), held: nothing() }) - 1;
    this.#index.set(name, index);
    return index;
  }
}
