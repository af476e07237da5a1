import { and, eq, inArray, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { limits, memberships } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { ruleAgainst } from "../canonical/model-access.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { type ChangedKeys, changeKeys, type KeyAct, requireNotRevoked } from "./key-changes.ts";
import type { KeyView } from "./key-views.ts";
import { accessRules } from "./model-access.ts";
import type { MovePreview } from "./move-organization.ts";
import { organizationPath } from "./organizations.ts";
import { inForce, less, standingOn } from "./standing.ts";
import { isThere } from "./tree.ts";

type Path = Awaited<ReturnType<typeof organizationPath>>;

export interface MoveKeys {
  database: Database;
  actor: Actor;
  now: number;
  /** Each once. */
  ids: readonly string[];
  /** Where they are to stand. */
  organizationId: string;
  /** What the actor may do with each of them. */
  allowed(act: KeyAct): KeyAct;
}

/**
 * Moves keys to another organization, each for itself, as `changeKeys` does; limits on them go along. From the next request on
 * what stands above the new place binds them; what they have used stays counted where it was used. A key whose owner is a person
 * goes only where that person has a role. Throws `not_found` for the organization.
 */
export async function moveKeys({ organizationId, allowed, ...keys }: MoveKeys): Promise<ChangedKeys> {
  const { database, actor, now } = keys;
  const { rootId } = actor;
  const { path, act } = await moveTo(keys, organizationId);
  const { outcomes, change } = await changeKeys({
    ...{ ...keys, act: allowed(act) },
    along: {
      onlyIf: isThere(rootId, organizationId),
      statements: (changed) => [
        database
          .update(limits)
          .set({ organizationId, updatedAt: new Date(now), version: sql`${limits.version} + 1` })
          .where(and(eq(limits.rootId, rootId), inArray(limits.keyId, [...changed]))),
      ],
    },
  });
  const moved = [...outcomes].map(([id, outcome]): [string, KeyView | GatewayError] => [
    id,
    outcome instanceof GatewayError ? outcome : { ...outcome, ...standingIn(path) },
  ]);
  return { outcomes: new Map(moved), change };
}

/** What a key shows of its organization. */
const standingIn = (path: Path): Pick<KeyView, "organizationName" | "organizationArchived"> => ({
  organizationName: path[0].name,
  organizationArchived: path.some(({ archivedAt }) => archivedAt !== null),
});

/** The act of moving a key to an organization; throws `not_found` for that. */
export async function moveTo(
  { database, actor }: Pick<MoveKeys, "database" | "actor">,
  organizationId: string,
): Promise<{ path: Path; act: KeyAct }> {
  const path = await organizationPath(database, actor, organizationId);
  const { rootId } = actor;
  const [members] = await forRoot(database, rootId).batch([
    database
      .selectDistinct({ userId: memberships.userId })
      .from(memberships)
      .where(
        and(
          eq(memberships.rootId, rootId),
          inArray(
            memberships.organizationId,
            path.map(({ id }) => id),
          ),
        ),
      ),
  ]);
  const owners = new Set(["service", ...members.map(({ userId }) => `user:${userId}`)]);
  const act: KeyAct = (key) => {
    requireNotRevoked(key);
    if (key.organizationId === organizationId) return null;
    if (!owners.has(key.owner)) {
      const message = "The key's owner has no role there. Give it to somebody who has, or to 'service', before.";
      throw new GatewayError("conflict", message, { param: "organization_id" });
    }
    return { action: "key.move", set: { organizationId } };
  };
  return { path, act };
}

/** What a move changes for a key. */
export interface KeyMovePreview extends Pick<MovePreview, "before" | "after" | "gained" | "lost"> {
  /** Models of its list that the organizations of the new place do not allow, or not all of them. */
  modelsNotAllowed: string[];
}

/** Says what a place in the tree would change for a key. */
export async function previewKeyMove(
  { database, actor, now }: Pick<MoveKeys, "database" | "actor" | "now">,
  key: KeyView,
  after: Path,
): Promise<KeyMovePreview> {
  const before = await organizationPath(database, actor, key.organizationId);
  const { rootId } = actor;
  const ids = [...new Set([...before, ...after].map(({ id }) => id))];
  const [limitRows, routes, prices] = await forRoot(database, rootId).batch(standingOn(database, rootId, ids, now));
  const holds = (path: Path) =>
    inForce(
      { limits: limitRows, routes, prices },
      path.map(({ id }) => id),
      now,
    );
  const [old, fresh] = [holds(before), holds(after)];
  const rules = accessRules(after);
  const named = (key.models ?? []).filter((name) => name.includes("/"));
  return {
    ...{ before, after, gained: less(fresh, old), lost: less(old, fresh) },
    modelsNotAllowed: named.filter((name) => ruleAgainst(rules, name) !== null),
  };
}
