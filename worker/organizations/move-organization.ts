import { and, count, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { requireHigher } from "./authority.ts";
import { commitChange, isUnchangedSince } from "./change.ts";
import { ofVersion, organizationPath } from "./organizations.ts";
import { type OrganizationRow, organizationRecord } from "./records.ts";
import { inForce, less, type Standing, standingOn } from "./standing.ts";
import { levelsOf, MAXIMUM_DEPTH, subtree, tooDeep } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

export interface MoveOrganization {
  database: Database;
  actor: Actor;
  now: number;
  id: string;
  parentId: string;
  /** Only says what would change. */
  dryRun: boolean;
  check(version: number): void;
}

/** What a move changes for an organization and those below it. */
export interface MovePreview {
  organization: OrganizationRow;
  /** From it up to the root, before and after. */
  before: OrganizationRow[];
  after: OrganizationRow[];
  /** How many move: organizations that were not removed, it included, and keys that were not revoked. */
  organizations: number;
  keys: number;
  /** What holds for it after and did not before, and the other way round. */
  gained: Standing;
  lost: Standing;
}

/**
 * Puts an organization and all below it under another parent, or says what that would change. The actor must stand above
 * the organization and see the new parent; where other prices would hold, it must be the root's: whoever may not set a price must
 * not move under one. Throws `not_found`, `permission_denied`, `cycle`, `tree_too_deep`, `conflict` for the root and for an
 * organization that stands there already, and what `check` throws.
 */
export function moveOrganization(
  move: MoveOrganization,
): Promise<{ preview: MovePreview; change: ConfigurationChange | null }> {
  return undisturbed(async () => {
    const { database, actor, now, id, parentId, dryRun } = move;
    const { rootId } = actor;
    // First of all: whatever is read afterwards is of this version, or the change is not made.
    const [[root]] = await forRoot(database, rootId).batch([
      database.select({ version: organizations.configVersion }).from(organizations).where(eq(organizations.id, rootId)),
    ]);
    const preview = await previewOf(move);
    if (dryRun) return { preview, change: null };
    const { organization: found, before, after } = preview;
    const organization = { ...found, parentId, version: found.version + 1 };
    const regrouped = [...outside(before, after), ...outside(after, before)].map((row) => row.id);
    const change = await commitChange(database, {
      ...{ rootId, now, organizations: [organizationRecord(organization)] },
      // The tree as it was read has no cycle after this; of two moves at the same time the second reads again.
      onlyIf: isUnchangedSince(root?.version ?? 0, rootId),
      statements: [
        database.update(organizations).set({ parentId, version: organization.version }).where(ofVersion(found)),
        ...(regrouped.length === 0
          ? []
          : [
              database
                .update(organizations)
                .set({ regroupedAt: new Date(now) })
                .where(and(eq(organizations.rootId, rootId), inArray(organizations.id, regrouped))),
            ]),
      ],
      audit: {
        ...{ actor, action: "organization.move", target: id, organizationId: id },
        before: { parent_id: found.parentId },
        after: { parent_id: parentId },
      },
    });
    return change && { preview: { ...preview, organization, after: [organization, ...after.slice(1)] }, change };
  });
}

/** Those of a path that are not on another. */
const outside = (path: readonly OrganizationRow[], other: readonly OrganizationRow[]): OrganizationRow[] =>
  path.filter(({ id }) => !other.some((row) => row.id === id));

/** Reads what a move would change; throws what it is refused for. */
async function previewOf({ database, actor, now, id, parentId, check }: MoveOrganization): Promise<MovePreview> {
  const { rootId } = actor;
  const before = await organizationPath(database, actor, id);
  const [organization] = before;
  check(organization.version);
  requireHigher(actor, id);
  if (organization.parentId === null) throw conflict("The root organization stands above all others.");
  const above = await organizationPath(database, actor, parentId);
  if (above.some((row) => row.id === id)) {
    throw new GatewayError("cycle", "An organization cannot stand below itself.", { param: "parent_id" });
  }
  if (organization.parentId === parentId) throw conflict("The organization stands there already.");
  const after = [{ ...organization, parentId }, ...above];
  const ids = [...new Set([...before, ...after].map((row) => row.id))];
  const moved = subtree(rootId, id);
  const [{ rows: levels }, [below], [keys], ...standing] = await forRoot(database, rootId).batch([
    database.execute<{ levels: number }>(sql`select ${levelsOf(rootId, id)} as levels`),
    database
      .select({ count: count() })
      .from(organizations)
      .where(
        and(eq(organizations.rootId, rootId), isNull(organizations.removedAt), sql`${organizations.id} in ${moved}`),
      ),
    database
      .select({ count: count() })
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.rootId, rootId),
          isNull(apiKeys.revokedAt),
          eq(apiKeys.kind, "api"),
          sql`${apiKeys.organizationId} in ${moved}`,
        ),
      ),
    ...standingOn(database, rootId, ids, now),
  ] as const);
  if (above.length + Number(levels[0]?.levels ?? 1) > MAXIMUM_DEPTH) throw tooDeep();
  const [limits, routes, prices] = standing;
  requireSamePrices(actor, prices, outside(before, after), outside(after, before));
  const holds = (path: readonly OrganizationRow[]) =>
    inForce(
      { limits, routes, prices },
      path.map((row) => row.id),
      now,
    );
  const [old, fresh] = [holds(before), holds(after)];
  return {
    ...{ organization, before, after, organizations: below?.count ?? 0, keys: keys?.count ?? 0 },
    ...{ gained: less(fresh, old), lost: less(old, fresh) },
  };
}

function requireSamePrices(actor: Actor, prices: Standing["prices"], ...left: OrganizationRow[][]): void {
  if (actor.organizationId === actor.rootId) return;
  if (!prices.some((price) => left.flat().some(({ id }) => id === price.organizationId))) return;
  const message = "Other prices would hold there. This move is for administrators of the root organization.";
  throw new GatewayError("permission_denied", message);
}

const conflict = (message: string) => new GatewayError("conflict", message, { param: "parent_id" });
