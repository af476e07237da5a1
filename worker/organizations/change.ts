import { eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../drizzle/client.ts";
import { noteChange } from "../../drizzle/idempotency-claim.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type {
  ConfigurationChange,
  KeyRecord,
  LimitRecord,
  ModelRecord,
  OrganizationRecord,
  RouteRecord,
  TenantPriceRecord,
  WebhookRecord,
} from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { type AuditEntry, insertAudit } from "./audit.ts";

/** `division_by_zero`: what a failed `onlyIf` raises. */
const CONDITION_FAILED = "22012";

/** What happens to a tenant's rows in one transaction, with its audit row. */
export interface Act {
  rootId: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Must hold when the change is made, not only when it was thought of: else nothing happens. */
  onlyIf?: SQL;
  statements: BatchItem<"pg">[];
  audit: AuditEntry;
}

/** A change to one tenant's configuration, and the records that differ afterwards. */
export interface Change extends Act {
  organizations?: OrganizationRecord[];
  keys?: KeyRecord[];
  limits?: LimitRecord[];
  prices?: TenantPriceRecord[];
  webhooks?: WebhookRecord[];
  routes?: RouteRecord[];
  models?: ModelRecord[];
}

/** The condition that nothing of a tenant's configuration has changed since its version was read: for `onlyIf`. */
export const isUnchangedSince = (version: number, rootId: string): SQL =>
  // The change itself has raised it by then.
  sql`exists (select from ${organizations} where id = ${rootId} and config_version = ${version + 1})`;

/**
 * Makes a change in one transaction: the root's version goes up first, which also makes writers of one tenant wait for each
 * other, then the statements, then the audit row; of a request with an `Idempotency-Key`, that it has changed something stands
 * in the same transaction. Answers what the tenant's Ledger must be told, or null when `onlyIf`
 * did not hold.
 */
export async function commitChange(database: Database, change: Change): Promise<ConfigurationChange | null> {
  const { rootId } = change;
  const bump = database
    .update(organizations)
    .set({ configVersion: sql`${organizations.configVersion} + 1` })
    .where(eq(organizations.id, rootId))
    .returning({ version: organizations.configVersion });
  const version = await commit(database, bump, change);
  if (version === null) return null;
  return {
    rootId,
    previous: version - 1,
    version,
    organizations: change.organizations ?? [],
    keys: change.keys ?? [],
    limits: change.limits ?? [],
    prices: change.prices ?? [],
    webhooks: change.webhooks ?? [],
    routes: change.routes ?? [],
    models: change.models ?? [],
  };
}

/**
 * The same for what no Ledger needs to know: the root's row is locked, its version stays. False when `onlyIf` did not hold.
 */
export async function commitAct(database: Database, act: Act): Promise<boolean> {
  const lock = database
    .select({ version: organizations.configVersion })
    .from(organizations)
    .where(eq(organizations.id, act.rootId))
    .for("update");
  return (await commit(database, lock, act)) !== null;
}

/** The root's version, read or raised by `first`, which locks its row; null when `onlyIf` did not hold. */
async function commit(
  database: Database,
  first: BatchItem<"pg">,
  { rootId, now, onlyIf, statements, audit }: Act,
): Promise<number | null> {
  // The protocol has no way to stop a batch in the middle but an error.
  const conditions = onlyIf ? [database.execute(sql`select 1 / (case when ${onlyIf} then 1 else 0 end)`)] : [];
  const noted = noteChange(database, audit.actor.claim, audit.target);
  const all = [first, ...conditions, ...noted, ...statements, insertAudit(database, rootId, now, audit)] as const;
  try {
    const [rows] = await forRoot(database, rootId).batch(all);
    const [root] = rows as { version: number }[];
    if (!root) throw new GatewayError("not_found", "This organization no longer exists.");
    return root.version;
  } catch (error) {
    if (onlyIf && sqlstateOf(error) === CONDITION_FAILED) return null;
    throw error;
  }
}
