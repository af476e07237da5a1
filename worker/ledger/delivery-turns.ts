import type { Delivery, DeliveryStore } from "./delivery-store.ts";

/**
 * Whose turn it is. A webhook has one attempt under way at a time, so that a slow receiver holds up only itself, and of
 * those with something due the one that has waited longest is next, so that those that answer do not wait for a backlog
 * of those that do not.
 */
export class DeliveryTurns {
  readonly #store: DeliveryStore;
  readonly #busy = new Set<string>();
  /** Webhooks in the order they were last sent to. */
  readonly #served = new Set<string>();
  /** Undefined when it must be looked for. */
  #dueAt: number | null | undefined;

  constructor(store: DeliveryStore) {
    this.#store = store;
  }

  /** How many attempts are under way. */
  get busy(): number {
    return this.#busy.size;
  }

  /** When the first delivery is due that may be begun; null when there is none. */
  get dueAt(): number | null {
    if (this.#dueAt !== undefined) return this.#dueAt;
    this.#dueAt = null;
    for (const { nextAt, webhookId } of this.#store.underWay) {
      if (nextAt === null || this.#busy.has(webhookId)) continue;
      this.#dueAt = Math.min(this.#dueAt ?? nextAt, nextAt);
    }
    return this.#dueAt;
  }

  /** The store has new deliveries. */
  added(): void {
    this.#dueAt = undefined;
  }

  /** The delivery to begin now, null when there is none. */
  next(now: number): Delivery | null {
    const { dueAt } = this;
    if (dueAt === null || dueAt > now) return null;
    const first = new Map<string, Delivery>();
    for (const delivery of this.#store.underWay) {
      const { webhookId, nextAt } = delivery;
      if (nextAt === null || nextAt > now || this.#busy.has(webhookId)) continue;
      if (nextAt < (first.get(webhookId)?.nextAt ?? Number.POSITIVE_INFINITY)) first.set(webhookId, delivery);
    }
    for (const [webhookId, delivery] of first) if (!this.#served.has(webhookId)) return delivery;
    for (const webhookId of this.#served) if (first.has(webhookId)) return first.get(webhookId) as Delivery;
    return null;
  }

  begin({ webhookId }: Delivery): void {
    this.#served.delete(webhookId);
    this.#served.add(webhookId);
    this.#busy.add(webhookId);
    this.#dueAt = undefined;
  }

  end({ webhookId }: Delivery): void {
    this.#busy.delete(webhookId);
    this.#dueAt = undefined;
  }
}
