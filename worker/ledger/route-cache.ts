import type { RouteRecord } from "../canonical/tenant.ts";

const MOST = 10_000;
/** So long a key's routes need not be asked for again on account of a name that is none. */
const ASKED_MS = 10_000;

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
  readonly #known = new Map<string, RouteRecord | null>();
  readonly #asked = new Map<string, number>();

  /** The route of that name; null: there is none. Undefined: nobody has said. */
  get(named: NamedModel): RouteRecord | null | undefined {
    return this.#known.get(nameOf(named));
  }

  /** What the Ledger said. */
  remember(named: NamedModel, route: RouteRecord | null): void {
    put(this.#known, nameOf(named), route);
  }

  /** Whether the Ledger was asked for all routes of the key a moment ago. */
  wasAsked({ rootId, keyId }: Omit<NamedModel, "name">, now: number): boolean {
    return now < (this.#asked.get(`${rootId}/${keyId}`) ?? 0) + ASKED_MS;
  }

  /** All routes of the key, as the Ledger has just told them. */
  rememberAll({ rootId, keyId }: Omit<NamedModel, "name">, routes: readonly RouteRecord[], now: number): void {
    put(this.#asked, `${rootId}/${keyId}`, now);
    for (const route of routes) this.remember({ rootId, keyId, name: route.name }, route);
  }
}

const nameOf = ({ rootId, keyId, name }: NamedModel): string => `${rootId}/${keyId}/${name}`;

/** Keeps the latest; the oldest goes. */
function put<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name);
  map.set(name, value);
  if (map.size <= MOST) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
