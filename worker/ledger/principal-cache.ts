import type { Principal } from "../canonical/tenant.ts";

/** A revoked key is remembered at most this long. */
const LIFE_MS = 10_000;
const MOST_KEYS = 10_000;

/**
 * The keys an isolate has seen the Ledger accept, by the MAC of the whole key. Only a shortcut: `admit` asks the Ledger
 * again. Strict keys are never remembered.
 */
export class PrincipalCache {
  readonly #known = new Map<string, { principal: Principal; until: number }>();

  get(mac: string, now: number): Principal | null {
    const entry = this.#known.get(mac);
    if (entry === undefined) return null;
    if (now < entry.until) return entry.principal;
    this.#known.delete(mac);
    return null;
  }

  remember(mac: string, principal: Principal, now: number): void {
    this.#known.delete(mac);
    if (principal.strict) return;
    this.#known.set(mac, { principal, until: now + LIFE_MS });
    if (this.#known.size <= MOST_KEYS) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  forget(mac: string): void {
    this.#known.delete(mac);
  }
}
