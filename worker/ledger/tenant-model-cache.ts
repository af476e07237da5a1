import type { ModelRecord } from "../canonical/tenant.ts";

const MOST = 10_000;

/**
 * What an isolate has been told tenants know of models. Only a shortcut: the Ledger says so when another record holds, and
 * the request is planned anew before it is admitted.
 */
export class TenantModelCache {
  readonly #known = new Map<string, ModelRecord>();

  /** What a root knows of `provider/model`; null: nothing beside the catalogue, as far as is known. */
  get(rootId: string, model: string): ModelRecord | null {
    return this.#known.get(`${rootId}/${model}`) ?? null;
  }

  /** What the Ledger said. */
  remember(rootId: string, model: string, record: ModelRecord | null): void {
    const name = `${rootId}/${model}`;
    this.#known.delete(name);
    if (record === null) return;
    this.#known.set(name, record);
    if (this.#known.size <= MOST) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
