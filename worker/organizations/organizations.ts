import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange, OrganizationSettings } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { requireHigher } from "./authority.ts";
import { commitChange } from "./change.ts";
import { type OrganizationRow, organizationRecord, settingsOf } from "./records.ts";
import { ancestry, hasRoomBelow, MAXIMUM_DEPTH, noSuchOrganization, pathWithin, tooDeep } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

export interface CreateOrganization {
  database: Database;
  actor: Actor;
  random: Random;
  now: number;
  /** `parentId`: the actor's own organization when not given. A tenant's root is made by setting it up. */
  input: { name: string; parentId?: string | undefined };
}

/** Makes an organization below one of the actor's. Throws `not_found` for the parent, `tree_too_deep`. */
export async function createOrganization({
  database,
  actor,
  random,
  now,
  input,
}: CreateOrganization): Promise<{ organization: OrganizationRow; change: ConfigurationChange }> {
  const { rootId } = actor;
  const parentId = input.parentId ?? actor.organizationId;
  const organization: OrganizationRow = {
    id: newId("org", random),
    rootId,
    parentId,
    name: input.name,
    timeZone: "UTC",
    settings: {},
    configVersion: 1,
    version: 1,
    createdAt: new Date(now),
    archivedAt: null,
    regroupedAt: null,
    removedAt: null,
  };
  return undisturbed(async () => {
    const path = await pathWithin(database, actor, parentId);
    if (path.length >= MAXIMUM_DEPTH) throw tooDeep();
    const change = await commitChange(database, {
      rootId,
      now,
      // The parent may be moved or deleted meanwhile.
      onlyIf: hasRoomBelow(rootId, parentId),
      statements: [database.insert(organizations).values(organization)],
      audit: {
        actor,
        action: "organization.create",
        target: organization.id,
        organizationId: organization.id,
        before: null,
        after: { name: organization.name, parent_id: parentId },
      },
      organizations: [organizationRecord(organization)],
    });
    return change && { organization, change };
  });
}

/**
 * One organization and those above, up to the root: what it inherits comes from them, also where the actor may not see
 * them. Throws `not_found`.
 */
export async function organizationPath(
  database: Database,
  actor: Actor,
  id: string,
): Promise<[OrganizationRow, ...OrganizationRow[]]> {
  const { rootId } = actor;
  const [rows] = await forRoot(database, rootId).batch([
    database
      .select()
      .from(organizations)
      .where(and(eq(organizations.rootId, rootId), sql`${organizations.id} in ${ancestry(rootId, [id])}`)),
  ]);
  const known = new Map(rows.map((row) => [row.id, row]));
  const above: OrganizationRow[] = [];
  const own = known.get(id);
  for (let row = known.get(own?.parentId ?? ""); row !== undefined; row = known.get(row.parentId ?? ""))
    above.push(row);
  const withinReach = [own, ...above].some((row) => row?.id === actor.organizationId);
  if (!own || own.removedAt !== null || !withinReach) throw noSuchOrganization();
  return [own, ...above];
}

export interface OrganizationInput {
  name?: string | undefined;
  timeZone?: string | undefined;
  archived?: boolean | undefined;
  /** What is not named stays; null: inherited from now on. */
  settings?: Partial<OrganizationSettings> | undefined;
}

/**
 * Changes an organization; what is not named stays. An archived one and all below it may spend nothing. Throws `not_found`,
 * `conflict` for archiving the root, `permission_denied` for archiving or restoring the actor's own, and what `check` throws,
 * which is given the version that would be changed.
 */
export async function changeOrganization({
  database,
  actor,
  now,
  id,
  check,
  input: wanted,
  action = "organization.update",
}: {
  database: Database;
  actor: Actor;
  now: number;
  id: string;
  check(version: number): void;
  /** What to change, or what makes that of the organization as it is. */
  input: OrganizationInput | ((found: OrganizationRow) => OrganizationInput);
  action?: `organization.${"update" | "archive" | "restore" | "enable_models" | "disable_models"}`;
}): Promise<{ organization: OrganizationRow; change: ConfigurationChange }> {
  return undisturbed(async () => {
    const [found] = await organizationPath(database, actor, id);
    check(found.version);
    const input = typeof wanted === "function" ? wanted(found) : wanted;
    if (input.archived !== undefined) requireHigher(actor, id);
    if (input.archived && found.parentId === null) {
      throw new GatewayError("conflict", "The root organization cannot be archived: nobody could undo it.", {
        param: "archived",
      });
    }
    const values = {
      name: input.name ?? found.name,
      timeZone: input.timeZone ?? found.timeZone,
      settings: onlySet({ ...found.settings, ...input.settings }),
      archivedAt:
        input.archived === undefined ? found.archivedAt : input.archived ? (found.archivedAt ?? new Date(now)) : null,
      version: found.version + 1,
    };
    checkSettings(settingsOf(values.settings));
    const organization: OrganizationRow = { ...found, ...values };
    // The Ledger is told the whole row: one that has changed in between would be told wrongly.
    const unchanged = ofVersion(found);
    const change = await commitChange(database, {
      rootId: actor.rootId,
      now,
      onlyIf: sql`exists ${database.select({ id: organizations.id }).from(organizations).where(unchanged)}`,
      statements: [database.update(organizations).set(values).where(unchanged)],
      audit: {
        actor,
        action,
        target: id,
        organizationId: id,
        before: auditedOrganization(found),
        after: auditedOrganization(organization),
      },
      organizations: [organizationRecord(organization)],
    });
    return change && { organization, change };
  });
}

/** The condition for a row as it was read. */
export const ofVersion = ({ rootId, id, version }: OrganizationRow): SQL | undefined =>
  and(
    eq(organizations.rootId, rootId),
    eq(organizations.id, id),
    eq(organizations.version, version),
    isNull(organizations.removedAt),
  );

const onlySet = (settings: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null && value !== undefined));

/** Two settings of one organization that cannot both be meant. */
function checkSettings({ defaultOutputTokens, maxOutputTokens, leastOutputTokens }: OrganizationSettings): void {
  const most = maxOutputTokens ?? Number.POSITIVE_INFINITY;
  for (const [value, param] of [
    [defaultOutputTokens, "settings.default_output_tokens"],
    [leastOutputTokens, "settings.least_output_tokens"],
  ] as const) {
    if (value !== null && value > most) {
      throw new GatewayError("invalid_value", "Must not exceed 'max_output_tokens'.", { param });
    }
  }
}

/** What the audit log says of an organization. */
export const auditedOrganization = (row: OrganizationRow) => ({
  name: row.name,
  time_zone: row.timeZone,
  archived_at: row.archivedAt?.toISOString() ?? null,
  settings: row.settings,
});
