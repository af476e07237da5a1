import type { ChatDialectId } from "../canonical/dialect-id.ts";

/**
 * What providers have told about models that only one of their endpoints serves, and that the catalogue does not know:
 * asked once, then remembered for a while. A hint only; forgetting it costs a second try.
 */
export class EndpointMemory {
  readonly #known = new Map<string, { dialect: ChatDialectId; until: number }>();

  get(provider: string, model: string, now: number): ChatDialectId | null {
    const key = `${provider}/${model}`;
    const entry = this.#known.get(key);
    if (entry === undefined) return null;
    if (entry.until > now) return entry.dialect;
    this.#known.delete(key);
    return null;
  }

  learn(provider: string, model: string, dialect: ChatDialectId, now: number): void {
    if (this.#known.size >= MAXIMUM) this.#known.clear();
    this.#known.set(`${provider}/${model}`, { dialect, until: now + LIFETIME });
  }
}

const LIFETIME = 10 * 60 * 1000;
/** Names come from clients: the memory must not grow with them. */
const MAXIMUM = 1000;

/** OpenAI's paths by the dialect that is spoken there. */
const PATHS: Record<string, ChatDialectId> = {
  "v1/chat/completions": "openai-chat",
  "v1/responses": "openai-responses",
  "v1/messages": "anthropic-messages",
};

/** The dialect in which a provider says the model is to be called, when it refused it in another; else null. */
export function namedEndpoint(message: string): ChatDialectId | null {
  const path = /only supported in (v1\/[a-z/]+)/i.exec(message)?.[1];
  return path === undefined ? null : (PATHS[path] ?? null);
}
