import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, organizations, sessions } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { isAtLeast, ROLES } from "../canonical/role.ts";
import type { PlayClaims } from "./play-token.ts";

/** Who may ask models in the playground: whoever could make a key that may. */
const PLAYERS = ROLES.filter((role) => isAtLeast(role, "member"));

/** The most steps from an organization to its root: a tree is at most eight deep. */
const MAXIMUM_STEPS = 8;

/**
 * The MAC of the key that a playground token presents, as the Ledger knows it; null when nothing stands behind the token any
 * more: its session has ended, or the member has no role on the key's organization, or above it, that may ask models. One
 * statement, at each request: a token is worth nothing from the moment on at which somebody signs out or loses the role.
 */
export async function macBehind(database: Database, claims: PlayClaims, now: number): Promise<string | null> {
  const { sessionId, userId, rootId, keyId } = claims;
  const [{ rows }] = await forRoot(database, rootId).batch([
    database.execute<{ mac: string }>(sql`
      with recursive own as (
        select id, mac, organization_id from ${apiKeys}
        where root_id = ${rootId} and id = ${keyId} and kind = 'playground' and created_by = ${userId}
      ),
      line (id, steps) as (
        select organization_id, 0 from own
        union all
        select above.parent_id, line.steps + 1
        from line join ${organizations} above on above.root_id = ${rootId} and above.id = line.id
        where above.parent_id is not null and line.steps < ${MAXIMUM_STEPS}
      )
      select own.mac from own
      where exists (
        select from ${sessions} held
        where held.root_id = ${rootId} and held.id = ${sessionId} and held.user_id = ${userId}
          and held.revoked_at is null and held.expires_at > ${new Date(now).toISOString()}::timestamptz
      ) and exists (
        select from ${memberships} role join line on line.id = role.organization_id
        where role.root_id = ${rootId} and role.user_id = ${userId}
          and role.role in (${sql.join(
            PLAYERS.map((role) => sql`${role}`),
            sql`, `,
          )})
      )`),
  ]);
  return rows[0]?.mac ?? null;
}
