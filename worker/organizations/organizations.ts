import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange, OrganizationSettings } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { commitChange } from "./change.ts";
import { cutPage, type Page, type PageRequest, pageOf } from "./page.ts";
import { type OrganizationRow, organizationRecord, settingsOf } from "./records.ts";
import { inBranch, MAXIMUM_DEPTH, noSuchOrganization, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

export interface CreateOrganization {
  database: Database;
  actor: Actor;
  random: Random;
  now: number;
  /** `parentId`: the actor's own organization when not given. A tenant's root is made by setting it up. */
  input: { name: string; parentId?: string | undefined };
}

/** Makes an organization below one of the actor's. Throws `not_found` for the parent, `invalid_value` when too deep. */
export async function createOrganization({
  database,
  actor,
  random,
  now,
  input,
}: CreateOrganization): Promise<{ organization: OrganizationRow; change: ConfigurationChange }> {
  const parentId = input.parentId ?? actor.organizationId;
  const path = await pathWithin(database, actor, parentId);
  if (path.length >= MAXIMUM_DEPTH) {
    throw new GatewayError("invalid_value", `A tree of organizations is at most ${MAXIMUM_DEPTH} deep.`, {
      param: "parent_id",
    });
  }
  const organization: OrganizationRow = {
    id: newId("org", random),
    rootId: actor.rootId,
    parentId,
    name: input.name,
    timeZone: "UTC",
    settings: {},
    configVersion: 1,
    createdAt: new Date(now),
    archivedAt: null,
  };
  const change = await commitChange(database, {
    rootId: actor.rootId,
    now,
    statements: [database.insert(organizations).values(organization)],
    audit: {
      actor: actor.id,
      action: "organization.create",
      target: organization.id,
      before: null,
      after: { name: organization.name, parent_id: parentId },
    },
    organizations: [organizationRecord(organization)],
  });
  if (!change) throw new Error("a change without a condition was not made");
  return { organization, change };
}

/** The actor's organization and those below, newest first. */
export async function listOrganizations(
  database: Database,
  actor: Actor,
  page: PageRequest,
): Promise<Page<OrganizationRow>> {
  const { order, after } = pageOf(organizations, page);
  const [rows] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(organizations)
      .where(and(eq(organizations.rootId, actor.rootId), withinReach(actor), after))
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}

/** One organization; throws `not_found` when the actor may not see it, whether it exists or not. */
async function getOrganization(database: Database, actor: Actor, id: string): Promise<OrganizationRow> {
  const [[row]] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(organizations)
      .where(and(eq(organizations.rootId, actor.rootId), eq(organizations.id, id), withinReach(actor))),
  ]);
  if (!row) throw noSuchOrganization();
  return row;
}

const withinReach = (actor: Actor) => inBranch(organizations.id, actor.rootId, actor.organizationId);

/**
 * One organization and those above, up to the root: what it inherits comes from them, also where the actor may not see
 * them. Throws `not_found`.
 */
export async function organizationPath(
  database: Database,
  actor: Actor,
  id: string,
): Promise<[OrganizationRow, ...OrganizationRow[]]> {
  const path = await pathWithin(database, actor, id);
  const [rows] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(organizations)
      .where(and(eq(organizations.rootId, actor.rootId), inArray(organizations.id, path))),
  ]);
  const [own, ...above] = path.flatMap((step) => rows.find((row) => row.id === step) ?? []);
  if (!own) throw noSuchOrganization();
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
 * `conflict` for archiving the root.
 */
export async function changeOrganization({
  database,
  actor,
  now,
  id,
  input,
}: {
  database: Database;
  actor: Actor;
  now: number;
  id: string;
  input: OrganizationInput;
}): Promise<{ organization: OrganizationRow; change: ConfigurationChange }> {
  return undisturbed(async () => {
    const found = await getOrganization(database, actor, id);
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
    };
    checkSettings(settingsOf(values.settings));
    const organization: OrganizationRow = { ...found, ...values };
    const row = and(eq(organizations.rootId, actor.rootId), eq(organizations.id, id));
    // The Ledger is told the whole row: one that has changed in between would be told wrongly.
    const unchanged = and(
      row,
      eq(organizations.name, found.name),
      eq(organizations.timeZone, found.timeZone),
      eq(organizations.settings, found.settings),
      found.archivedAt ? eq(organizations.archivedAt, found.archivedAt) : isNull(organizations.archivedAt),
    );
    const change = await commitChange(database, {
      rootId: actor.rootId,
      now,
      onlyIf: sql`exists ${database.select({ id: organizations.id }).from(organizations).where(unchanged)}`,
      statements: [database.update(organizations).set(values).where(row)],
      audit: {
        actor: actor.id,
        action: "organization.update",
        target: id,
        before: auditedOrganization(found),
        after: auditedOrganization(organization),
      },
      organizations: [organizationRecord(organization)],
    });
    return change && { organization, change };
  });
}

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

/** What the audit log says of an organization's change. */
const auditedOrganization = (row: OrganizationRow) => ({
  name: row.name,
  time_zone: row.timeZone,
  archived_at: row.archivedAt?.toISOString() ?? null,
  settings: row.settings,
});
