import type { Database } from "../../../drizzle/client.ts";
import type { Actor } from "../../organizations/actor.ts";
import type { AuditRow } from "../../organizations/audit-log.ts";
import { readNames, type Unnamed } from "../../organizations/names.ts";

/** What an id names, by its beginning; of others the log knows no name. */
const KINDS: Readonly<Record<string, keyof Unnamed>> = {
  usr: "members",
  key: "keys",
  org: "organizations",
  rte: "routes",
};

const kindOf = (id: string): keyof Unnamed | undefined => KINDS[id.slice(0, id.indexOf("_"))];

/**
 * What those are called now who did something, and what it was done to, in one statement; null of what has no name, is gone, or is
 * not the reader's to see. Throws as the database does.
 */
export async function auditNames(database: Database, actor: Actor, rows: readonly AuditRow[]) {
  const wanted: Partial<Record<keyof Unnamed, string[]>> = {};
  for (const { actor, target, organizationId } of rows) {
    for (const id of [actor, target, organizationId]) {
      const kind = id === null ? undefined : kindOf(id);
      if (id !== null && kind) wanted[kind] = [...(wanted[kind] ?? []), id];
    }
  }
  const names = await readNames(database, actor, wanted);
  const nameOf = (id: string | null): string | null => {
    const kind = id === null ? undefined : kindOf(id);
    return kind ? (names.of(kind, id) ?? (kind === "members" ? names.email(id) : null)) : null;
  };
  return (row: AuditRow) => ({
    actor_name: nameOf(row.actor),
    target_name: nameOf(row.target),
    organization_name: nameOf(row.organizationId),
  });
}
