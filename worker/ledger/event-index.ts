/** How many ended events are remembered so that a repeated admission finds its row. */
export const RECENT_EVENTS = 4_096;

/** Which row each event has: of all that are open, and of those that ended last. In memory. */
export class EventIndex {
  readonly #seqOf = new Map<string, number>();
  readonly #ended: string[] = [];

  /** Null for an event that was never admitted, or ended long ago. */
  seqOf(eventId: string): number | null {
    return this.#seqOf.get(eventId) ?? null;
  }

  opened(eventId: string, seq: number): void {
    this.#seqOf.set(eventId, seq);
  }

  /** Keeps it findable, and forgets those that ended longest ago. */
  ended(eventId: string, seq: number): void {
    this.#seqOf.set(eventId, seq);
    this.#ended.push(eventId);
    if (this.#ended.length < 2 * RECENT_EVENTS) return;
    for (const forgotten of this.#ended.splice(0, RECENT_EVENTS)) this.#seqOf.delete(forgotten);
  }

  /** It was taken back. */
  forget(eventId: string): void {
    this.#seqOf.delete(eventId);
  }
}
