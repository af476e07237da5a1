import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations, routes, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { Actor } from "./actor.ts";
import { subtree } from "./tree.ts";
import { idList, isOfBranch } from "./usage-references.ts";

/** Ids whose names are wanted. */
export interface Unnamed {
  organizations?: readonly string[] | undefined;
  keys?: readonly string[] | undefined;
  members?: readonly string[] | undefined;
  routes?: readonly string[] | undefined;
}

const KINDS = ["organizations", "keys", "members", "routes"] as const;

interface Row extends Record<string, unknown> {
  kind: keyof Unnamed;
  id: string;
  name: string | null;
  /** Of a member. */
  email: string | null;
  /** Of a key: whose it is; null for a service's. */
  owner: string | null;
}

/** What usage names by ids. All is null of what is gone, and of what the reader may not see. */
export class Names {
  readonly #asked = new Set<string>();
  readonly #rows = new Map<string, Row>();

  /** Each id once that was not asked for yet; null: none. */
  unasked(ids: Unnamed): Record<keyof Unnamed, string[]> | null {
    const left = KINDS.map((kind) => {
      const wanted = new Set(ids[kind]);
      return [kind, [...wanted].filter((id) => !this.#asked.has(`${kind} ${id}`))] as const;
    });
    return left.every(([, wanted]) => wanted.length === 0)
      ? null
      : (Object.fromEntries(left) as Record<keyof Unnamed, string[]>);
  }

  /** Takes what was found of what was asked for. */
  add(asked: Unnamed, rows: readonly Row[]): void {
    for (const kind of KINDS) for (const id of asked[kind] ?? []) this.#asked.add(`${kind} ${id}`);
    for (const row of rows) this.#rows.set(`${row.kind} ${row.id}`, row);
  }

  of(kind: keyof Unnamed, id: string | null): string | null {
    return id === null ? null : (this.#rows.get(`${kind} ${id}`)?.name ?? null);
  }

  email(memberId: string | null): string | null {
    return memberId === null ? null : (this.#rows.get(`members ${memberId}`)?.email ?? null);
  }

  /** Whose key it is. */
  owner(keyId: string): string | null {
    return this.#rows.get(`keys ${keyId}`)?.owner ?? null;
  }
}

/**
 * The names of organizations, keys, members and routes, and of the members whose keys these are, in one statement; none where all
 * are `known` already, to which they are added. Throws as the database does.
 */
export async function readNames(database: Database, actor: Actor, ids: Unnamed, known = new Names()): Promise<Names> {
  const { rootId, organizationId } = actor;
  const wanted = known.unasked(ids);
  if (wanted === null) return known;
  const keys = sql`(select own.id, case when own.owner like 'user:%' then substr(own.owner, 6) end as owner,
      case when ${organizationId === rootId ? sql`true` : sql`own.organization_id in ${subtree(rootId, organizationId)}`} then own.name end as name
    from ${apiKeys} own where own.root_id = ${rootId} and own.id in ${idList(wanted.keys)})`;
  const [{ rows }] = await forRoot(database, rootId).batch([
    database.execute<Row>(sql`
      with held as materialized ${keys}
      select 'keys' as kind, id, name, null as email, owner from held
      union all
      select 'organizations', one.id, one.name, null, null from ${organizations} one
      where one.root_id = ${rootId} and one.removed_at is null and one.id in ${idList(wanted.organizations)}
      union all
      select 'members', one.id, one.name, one.email, null from ${users} one
      where one.root_id = ${rootId} and ${isOfBranch(actor)}
        and (one.id in ${idList(wanted.members)} or one.id in (select owner from held))
      union all
      select 'routes', one.id, one.name, null, null from ${routes} one
      where one.root_id = ${rootId} and one.removed_at is null and one.id in ${idList(wanted.routes)}`),
  ]);
  known.add(wanted, rows);
  return known;
}
