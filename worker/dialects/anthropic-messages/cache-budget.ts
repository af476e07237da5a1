import type { Losses } from "../../canonical/losses.ts";
import type { CacheMark } from "../../canonical/message.ts";
import type { Source } from "../../canonical/source.ts";
import { type JsonObject, stringAt } from "../../lib/json.ts";

/** Anthropic takes at most so many marks a request (prompt caching guide). */
const MAXIMUM = 4;

/** The lives a mark can have at Anthropic, by what others call theirs: the nearest that is not longer than asked for. */
const TTLS: Record<NonNullable<CacheMark["ttl"]>, "5m" | "1h"> = { "5m": "5m", "30m": "5m", "1h": "1h", "12h": "1h" };

interface Placed {
  holder: JsonObject;
  source: Source | undefined;
}

/**
 * Places cache marks while a request is written, in the order a prompt is cached: tools, system, messages. Which of them
 * stay is decided at the end, when it is known what the request really holds: the last ones, which cover most.
 */
export class CacheBudget {
  readonly #losses: Losses;
  #placed: Placed[] = [];

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  /** Marks an element; without a mark it does nothing. */
  place(holder: JsonObject, cache: CacheMark | undefined, source: Source | undefined): void {
    if (cache === undefined) return;
    const ttl = cache.ttl === undefined ? undefined : TTLS[cache.ttl];
    if (ttl !== cache.ttl) this.#losses.add("cache_ttl_changed", source?.path ?? "messages");
    holder.cache_control = { type: "ephemeral", ...(ttl === undefined ? {} : { ttl }) };
    this.#placed.push({ holder, source });
  }

  /** Takes away what is above the limit, and shortens a longer life that comes after a shorter one: Anthropic refuses that. */
  settle(): void {
    const dropped = Math.max(0, this.#placed.length - MAXIMUM);
    for (const { holder, source } of this.#placed.slice(0, dropped)) {
      delete holder.cache_control;
      this.#losses.add("cache_mark_dropped", source?.path ?? "messages");
    }
    let short = false;
    for (const { holder, source } of this.#placed.slice(dropped)) {
      const long = stringAt(holder.cache_control, "ttl") === "1h";
      if (long && short) {
        holder.cache_control = { type: "ephemeral", ttl: "5m" };
        this.#losses.add("cache_ttl_changed", source?.path ?? "messages");
      }
      short ||= !long;
    }
  }
}
