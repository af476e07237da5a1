import type { JsonObject } from "./values.ts";

/** Responses remembered at most; the oldest go first. */
const CAPACITY = 500;

/** An account's responses that were not `store: false`: the whole conversation up to each, for `previous_response_id`. */
export class ResponseStore {
  readonly #conversations = new Map<string, JsonObject[]>();

  keep(id: string, conversation: JsonObject[]): void {
    this.#conversations.set(id, conversation);
    if (this.#conversations.size <= CAPACITY) return;
    for (const oldest of this.#conversations.keys()) return void this.#conversations.delete(oldest);
  }

  find(id: string): JsonObject[] | undefined {
    return this.#conversations.get(id);
  }

  /** An item of one of them, for an `item_reference`. */
  item(id: string): JsonObject | undefined {
    for (const conversation of this.#conversations.values()) {
      const found = conversation.find((item) => item.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
