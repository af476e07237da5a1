import { type Amount, add, nothing } from "./amounts.ts";
import { CALENDAR_WINDOWS, dayAt } from "./windows.ts";

/** Nodes of one part of the snapshot: a row of some 80 KB, far below the 2 MB a row may have. */
const PART_SIZE = 200;
/** How many windows of a kind are remembered: a request may end, expire or be corrected after its window has. */
const KEPT_WINDOWS = 3;

export interface Count {
  settled: Amount;
  held: Amount;
}

interface Counter {
  node: string;
  /** By the window's key: `total`, `day/2026-11-26`, … A new window is a new count, never one set back to zero. */
  windows: Map<string, Count>;
  /** Requests under way, and places lent to shards: in a slice they are other than the requests that may be made. */
  running: number;
}

type StoredAmount = [window: string, requests: number, inputTokens: number, outputTokens: number, costNano: number];

/** One node as the snapshot keeps it. */
type StoredCounter = [node: string, windows: StoredAmount[]];

/** `day`, `week`, `month`; empty for `total`. */
const kindOf = (window: string): string => window.slice(0, Math.max(0, window.indexOf("/")));

/**
 * Settled and held amounts of every key and organization by window, in memory. Settled amounts survive in the snapshot, in
 * parts so that only what changed is written again; held amounts are rebuilt from the open rows of the journal.
 */
export class Counters {
  readonly #list: Counter[] = [];
  readonly #index = new Map<string, number>();
  /** Places of forgotten nodes. */
  readonly #free: number[] = [];
  readonly #changed = new Set<number>();
  readonly #zoneOf: (node: string) => string;

  /** @param zoneOf the time zone in which a node's days begin */
  constructor(zoneOf: (node: string) => string) {
    this.#zoneOf = zoneOf;
  }

  /** The windows of a node that a request begun at a moment belongs to. */
  windowsOf(node: string, startedAt: number): string[] {
    const { windows } = dayAt(startedAt, this.#zoneOf(node));
    return ["total", ...CALENDAR_WINDOWS.map((kind) => windows[kind].key)];
  }

  /** Counts a settled amount on every node. False when a counter stands at the edge of the safe integers. */
  settle(nodes: readonly string[], startedAt: number, amount: Amount): boolean {
    let exact = true;
    for (const node of nodes) {
      for (const window of this.windowsOf(node, startedAt)) exact = this.settleIn(node, window, amount) && exact;
    }
    return exact;
  }

  /** The same for one window of one node. */
  settleIn(node: string, window: string, amount: Amount): boolean {
    const index = this.#indexOf(node);
    this.#changed.add(Math.floor(index / PART_SIZE));
    return add(this.#count(this.#list[index] as Counter, window).settled, amount);
  }

  /**
   * `factor` 1 holds an amount on every node, -1 releases it. `windows` are those of `windowsOf`, node by node; `running` is
   * how many requests may be under way by it.
   */
  hold(
    nodes: readonly string[],
    windows: readonly string[][],
    amount: Amount,
    factor: 1 | -1,
    running = amount.requests,
  ): void {
    for (const [at, node] of nodes.entries()) {
      const counter = this.#list[this.#indexOf(node)] as Counter;
      counter.running += factor * running;
      for (const window of windows[at] ?? []) add(this.#count(counter, window).held, amount, factor);
    }
  }

  /** The sums of a node (key or organization id) in a window. */
  of(node: string, window = "total"): Count {
    const index = this.#index.get(node);
    const count = index === undefined ? undefined : this.#list[index]?.windows.get(window);
    return { settled: { ...(count?.settled ?? nothing()) }, held: { ...(count?.held ?? nothing()) } };
  }

  /** The same to be read only, without a copy. */
  peek(node: string, window: string): Readonly<Count> {
    const index = this.#index.get(node);
    return (index === undefined ? undefined : this.#list[index]?.windows.get(window)) ?? NO_COUNT;
  }

  /** Requests of a node that are or may be under way: its own, and places lent to shards. */
  running(node: string): number {
    const index = this.#index.get(node);
    return index === undefined ? 0 : (this.#list[index]?.running ?? 0);
  }

  /** Every node with its windows. */
  *all(): Generator<{ node: string; window: string; settled: Readonly<Amount> }> {
    for (const { node, windows } of this.#list) {
      for (const [window, { settled }] of windows) yield { node, window, settled };
    }
  }

  /** Forgets a node that will not be counted again; its place is given to another. */
  forget(node: string): void {
    const index = this.#index.get(node);
    if (index === undefined) return;
    this.#index.delete(node);
    this.#list[index] = emptyCounter("");
    this.#free.push(index);
    this.#changed.add(Math.floor(index / PART_SIZE));
  }

  /** How many parts the next snapshot has to write. */
  get partsChanged(): number {
    return this.#changed.size;
  }

  /** The parts that changed since `written` was called last, as JSON texts by part number. */
  changedParts(): Map<number, string> {
    const parts = new Map<number, string>();
    for (const part of this.#changed) {
      const stored = this.#list.slice(part * PART_SIZE, (part + 1) * PART_SIZE).map(storedCounter);
      parts.set(part, JSON.stringify(stored));
    }
    return parts;
  }

  written(): void {
    this.#changed.clear();
  }

  /** Takes the parts of a snapshot, in the order of their numbers. */
  load(parts: Iterable<string>): void {
    const free: number[] = [];
    for (const part of parts) {
      for (const [node, windows] of JSON.parse(part) as StoredCounter[]) {
        if (node === "") {
          free.push(this.#list.push(emptyCounter(node)) - 1);
          continue;
        }
        const counter = this.#list[this.#indexOf(node)] as Counter;
        for (const [window, requests, inputTokens, outputTokens, costNano] of windows) {
          counter.windows.set(window, { settled: { requests, inputTokens, outputTokens, costNano }, held: nothing() });
        }
      }
    }
    this.#free.push(...free);
  }

  #count(counter: Counter, window: string): Count {
    const known = counter.windows.get(window);
    if (known !== undefined) return known;
    const count = { settled: nothing(), held: nothing() };
    counter.windows.set(window, count);
    forgetOldest(counter.windows, kindOf(window));
    return count;
  }

  #indexOf(node: string): number {
    const known = this.#index.get(node);
    if (known !== undefined) return known;
    const counter = emptyCounter(node);
    const free = this.#free.pop();
    const index = free ?? this.#list.push(counter) - 1;
    this.#list[index] = counter;
    this.#index.set(node, index);
    return index;
  }
}

const NO_COUNT: Readonly<Count> = { settled: nothing(), held: nothing() };

const emptyCounter = (node: string): Counter => ({ node, windows: new Map(), running: 0 });

const storedCounter = ({ node, windows }: Counter): StoredCounter => [
  node,
  [...windows].map(([window, { settled }]) => [
    window,
    settled.requests,
    settled.inputTokens,
    settled.outputTokens,
    settled.costNano,
  ]),
];

/** Drops the oldest windows of a kind that nobody holds anything in; their names sort by time. */
function forgetOldest(windows: Map<string, Count>, kind: string): void {
  if (kind === "") return;
  const ofKind = [...windows.keys()].filter((window) => kindOf(window) === kind).sort();
  for (const window of ofKind.slice(0, Math.max(0, ofKind.length - KEPT_WINDOWS))) {
    if (windows.get(window)?.held.requests === 0) windows.delete(window);
  }
}
