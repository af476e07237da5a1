import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { commitChange } from "./change.ts";
import { cutPage, type Page, type PageRequest, pageOf } from "./page.ts";
import { type OrganizationRow, organizationRecord } from "./records.ts";
import { MAXIMUM_DEPTH, noSuchOrganization, pathWithin, subtree } from "./tree.ts";

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
export async function getOrganization(database: Database, actor: Actor, id: string): Promise<OrganizationRow> {
  const [[row]] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(organizations)
      .where(and(eq(organizations.rootId, actor.rootId), eq(organizations.id, id), withinReach(actor))),
  ]);
  if (!row) throw noSuchOrganization();
  return row;
}

/** Nothing to check for an actor at the root: row-level security and the root's id say it all. */
const withinReach = (actor: Actor) =>
  actor.organizationId === actor.rootId
    ? undefined
    : sql`${organizations.id} in ${subtree(actor.rootId, actor.organizationId)}`;
