import type { RouteRecord } from "../canonical/tenant.ts";

const MOST = 10_000;
/** A name is taken to mean what it meant this long ago, as long as a revoked key is remembered. */
const LIFE_MS = 10_000;

/** Which key means what by a model's name. */
export interface NamedModel {
  rootId: string;
  keyId: string;
  /** As the client names it. */
  name: string;
}

/**
 * The routes an isolate has been told of. Only a shortcut: the Ledger says so when another holds, and the request is planned
 * anew before it is admitted.
 */
export class RouteCache {
  readonly #known = new Map<string, { route: RouteRecord | null; until: number }>();

  /** The route of that name; null: there is none. Undefined: nobody has said. */
  get(named: NamedModel): RouteRecord | null | undefined {
    return this.#known.get(nameOf(named))?.route;
  }

  /** Whether it was said a moment ago, so that something may be sent by it before the Ledger is asked. */
  isFresh(named: NamedModel, now: number): boolean {
    return (this.#known.get(nameOf(named))?.until ?? 0) > now;
  }

  /** What the Ledger said. */
  remember(named: NamedModel, route: RouteRecord | null, now: number): void {
    const name = nameOf(named);
    this.#known.delete(name);
    this.#known.set(name, { route, until: now + LIFE_MS });
    if (this.#known.size <= MOST) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

const nameOf = ({ rootId, keyId, name }: NamedModel): string => `${rootId}/${keyId}/${name}`;
