import { createHash } from "node:crypto";
import type { CacheTtl, Segment } from "./question.ts";

/** Prefixes remembered at most; the oldest go first. */
const CAPACITY = 4_096;

/** Shorter prompts are not cached: with marks (Claude 5.5's figure), and without. */
const MINIMUM_MARKED = 512;
const MINIMUM_IMPLICIT = 1_024;

/** Automatic caches count in steps of so many tokens. */
const STEP = 128;

const LIFETIME: Record<CacheTtl, number> = { "5m": 300_000, "30m": 1_800_000, "1h": 3_600_000 };

/** What a prompt took from the cache and gave to it, in tokens. */
export interface CacheUse {
  read: number;
  write: number;
  /** The part of `write` that was marked for an hour. */
  write1h: number;
}

const NOTHING: CacheUse = { read: 0, write: 0, write1h: 0 };

/** The prompt caches of all vendors: which prefixes were seen, and until when they are remembered. */
export class PromptCache {
  readonly #until = new Map<string, number>();

  #has(key: string, now: number): boolean {
    return (this.#until.get(key) ?? 0) > now;
  }

  #remember(key: string, until: number): void {
    this.#until.delete(key);
    this.#until.set(key, until);
    if (this.#until.size > CAPACITY) for (const oldest of this.#until.keys()) return void this.#until.delete(oldest);
  }

  clear(): void {
    this.#until.clear();
  }

  /** By explicit marks (Anthropic): the longest remembered prefix is read, the rest up to the last mark is written. */
  useMarked(owner: string, segments: Segment[], now = Date.now()): CacheUse {
    const last = segments.findLastIndex((segment) => segment.mark !== undefined);
    if (last < 0) return NOTHING;
    const { keys, totals } = prefixes(owner, segments.slice(0, last + 1));
    if ((totals[last] ?? 0) < MINIMUM_MARKED) return NOTHING;
    let hit = last;
    while (hit >= 0 && !this.#has(keys[hit] ?? "", now)) hit -= 1;
    const read = hit < 0 ? 0 : (totals[hit] ?? 0);
    let counted = read;
    let write1h = 0;
    for (const [index, segment] of segments.slice(0, last + 1).entries()) {
      if (segment.mark === undefined) continue;
      const total = totals[index] ?? 0;
      if (segment.mark === "1h" && total > counted) write1h += total - counted;
      counted = Math.max(counted, total);
      this.#remember(keys[index] ?? "", now + LIFETIME[segment.mark]);
    }
    return { read, write: counted - read, write1h };
  }

  /** Without marks (OpenAI, Google): a long prefix seen before is read; what was not is written. */
  useImplicit(owner: string, segments: Segment[], now = Date.now()): CacheUse {
    let total = 0;
    for (const segment of segments) total += segment.tokens;
    if (total < MINIMUM_IMPLICIT) return NOTHING;
    const { keys, totals } = prefixes(owner, segments);
    let read = 0;
    for (const [index, key] of keys.entries()) {
      const tokens = totals[index] ?? 0;
      if (tokens < MINIMUM_IMPLICIT) continue;
      if (this.#has(key, now)) read = Math.floor(Math.min(tokens, total - 1) / STEP) * STEP;
      this.#remember(key, now + LIFETIME["30m"]);
    }
    return { read, write: Math.max(0, Math.floor((total - 1) / STEP) * STEP - read), write1h: 0 };
  }
}

/** For every segment: the hash of the prompt up to its end, and the tokens up to there. */
function prefixes(owner: string, segments: Segment[]): { keys: string[]; totals: number[] } {
  const keys: string[] = [];
  const totals: number[] = [];
  let key = owner;
  let total = 0;
  for (const segment of segments) {
    key = createHash("sha1").update(key).update("\0").update(segment.text).digest("base64");
    total += segment.tokens;
    keys.push(key);
    totals.push(total);
  }
  return { keys, totals };
}
