/**
 * Sessions of people who signed in. The cookie's token points at a row; the row decides.
 *
 * A row's `version` is the second of its life at which its token was last renewed. A token of an earlier version is one
 * that has been exchanged already: for a minute it still serves (a page sends several requests at once), after that it can
 * only be a copy, and the session ends.
 */
import { and, eq, isNull, lt, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, organizations, sessions, users } from "../../drizzle/schema/index.ts";
import { forRoot, inOrder } from "../../drizzle/tenant.ts";
import { highestRole, type Role } from "../canonical/role.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import { hintJurisdiction, type Jurisdiction } from "./api-key.ts";
import { readSession, SESSION_SECONDS, type SessionClaims, signSession } from "./session-token.ts";

/** Milliseconds for which an exchanged token still serves. */
const GRACE_MS = 60_000;

/** The most steps from an organization to its root: a tree is at most eight deep. */
const MAXIMUM_STEPS = 8;

/** An organization where somebody has a role of their own, and what they may do there: the most of it and those above. */
interface Place {
  organization: { id: string; name: string };
  role: Role;
}

/** Somebody signed in, and the place in the tree where they stand. */
export interface SignedIn {
  sessionId: string;
  user: { id: string; email: string; name: string };
  rootId: string;
  jurisdiction: Jurisdiction;
  /** Where this request acts. */
  organization: Place["organization"];
  role: Role;
  /** Everywhere they may act, the highest first. */
  places: Place[];
  /** Milliseconds since the epoch at which the session ends whatever happens. */
  expiresAt: number;
  /** Milliseconds since the epoch at which they last showed who they are, other than by their cookie. */
  provenAt: number;
}

export interface SessionContext {
  database: Database;
  sessionSecret: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * The organizations where a user has a role, the highest and then the oldest first. A role is inherited, so each comes with
 * the user's roles on it and on those above it.
 */
const placesQuery = (rootId: string, userId: string) => sql`
  with recursive way (start, id, steps) as (
    select organization_id, organization_id, 0 from ${memberships} where root_id = ${rootId} and user_id = ${userId}
    union all
    select way.start, above.parent_id, way.steps + 1
    from way join ${organizations} above on above.root_id = ${rootId} and above.id = way.id
    where above.parent_id is not null and way.steps < ${MAXIMUM_STEPS}
  )
  select place.id, place.name, array_remove(array_agg(held.role), null) as roles
  from way
  join ${organizations} place on place.root_id = ${rootId} and place.id = way.start
  left join ${memberships} held
    on held.root_id = ${rootId} and held.user_id = ${userId} and held.organization_id = way.id
  group by place.id, place.name, place.created_at
  order by max(way.steps), place.created_at, place.id`;

/** The rows that make up a signed-in person, read in one transaction. */
async function readRows(database: Database, { sessionId, userId, rootId }: Omit<SessionClaims, "version">) {
  const [[session], { rows }, [key]] = await forRoot(database, rootId).batch([
    database
      .select({ session: sessions, user: { id: users.id, email: users.email, name: users.name } })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), eq(sessions.rootId, rootId))),
    database.execute<{ id: string; name: string; roles: Role[] }>(placesQuery(rootId, userId)),
    database.select({ hint: apiKeys.hint }).from(apiKeys).where(eq(apiKeys.rootId, rootId)).limit(1),
  ]);
  const places = rows.flatMap(({ id, name, roles }): Place[] => {
    const role = highestRole(roles);
    return role === undefined ? [] : [{ organization: { id, name }, role }];
  });
  return { session, places, jurisdiction: hintJurisdiction(key?.hint ?? "") ?? "global" };
}

/**
 * Opens a session for a user whose password was right; the user's run-out sessions go at the same time. Answers the
 * cookie's token.
 * @param told the statements that tell of it, for the same transaction
 */
export async function openSession(
  { database, sessionSecret, now }: SessionContext,
  { userId, rootId, userAgent, random }: { userId: string; rootId: string; userAgent: string | null; random: Random },
  told: (sessionId: string) => BatchItem<"pg">[] = () => [],
): Promise<string> {
  const id = newId("ses", random);
  const runOut = database
    .delete(sessions)
    .where(and(eq(sessions.rootId, rootId), eq(sessions.userId, userId), lt(sessions.expiresAt, new Date(now))));
  const opened = database.insert(sessions).values({
    id,
    userId,
    rootId,
    version: 0,
    createdAt: new Date(now),
    expiresAt: new Date(now + SESSION_SECONDS * 1000),
    userAgent: userAgent?.slice(0, 256) ?? null,
  });
  await forRoot(database, rootId).batch(inOrder(...told(id), runOut, opened));
  return signSession({ sessionId: id, userId, rootId, version: 0 }, sessionSecret, now);
}

/**
 * Who a cookie's token stands for; null when nobody: no token of ours, or a session that ended. `renewed` is the token to
 * send back instead, when the presented one has run out. They stand at `organizationId`, which must be one of their places
 * (else `not_found`); at the highest when it is not given.
 */
export async function authenticateSession(
  context: SessionContext,
  token: string,
  organizationId?: string,
): Promise<{ signedIn: SignedIn; renewed: string | null } | null> {
  const { database, sessionSecret, now } = context;
  const claims = await readSession(token, sessionSecret, now);
  if (!claims) return null;
  const { session: row, places, jurisdiction } = await readRows(database, claims);
  const [highest] = places;
  if (!row || !highest) return null;
  const { session, user } = row;
  if (session.revokedAt || session.expiresAt.getTime() <= now || claims.version > session.version) return null;
  if (claims.version < session.version && now >= session.createdAt.getTime() + session.version * 1000 + GRACE_MS) {
    await endSession(database, claims, now);
    return null;
  }
  const place =
    organizationId === undefined ? highest : places.find(({ organization }) => organization.id === organizationId);
  if (!place)
    throw new GatewayError("not_found", "There is no such organization, or you have no role of your own there.");
  const renewed = claims.stale ? await renew(context, claims, session.createdAt.getTime()) : null;
  const signedIn = {
    sessionId: session.id,
    user,
    rootId: claims.rootId,
    jurisdiction,
    ...place,
    places,
    expiresAt: session.expiresAt.getTime(),
    provenAt: (session.confirmedAt ?? session.createdAt).getTime(),
  };
  return { signedIn, renewed };
}

/**
 * Whether somebody who was signed in when they asked is so still, with the same role where they stood: for answers that go on for
 * long. It renews nothing.
 */
export async function standsStill(
  { database, now }: Pick<SessionContext, "database" | "now">,
  { sessionId, user, rootId, organization, role }: SignedIn,
): Promise<boolean> {
  const { session: row, places } = await readRows(database, { sessionId, userId: user.id, rootId });
  if (!row || row.session.revokedAt || row.session.expiresAt.getTime() <= now) return false;
  return places.some((place) => place.organization.id === organization.id && place.role === role);
}

/** Exchanges a token. Of several at once one raises the version, and all get the version it was raised to. */
async function renew({ database, sessionSecret, now }: SessionContext, claims: SessionClaims, createdAt: number) {
  const next = Math.floor((now - createdAt) / 1000);
  const [[row]] = await forRoot(database, claims.rootId).batch([
    database
      .update(sessions)
      .set({
        version: sql`case when ${sessions.version} = ${claims.version} then ${next} else ${sessions.version} end`,
      })
      .where(and(eq(sessions.rootId, claims.rootId), eq(sessions.id, claims.sessionId), isNull(sessions.revokedAt)))
      .returning({ version: sessions.version }),
  ]);
  return row ? signSession({ ...claims, version: row.version }, sessionSecret, now) : null;
}

/** Notes that somebody has shown again who they are. */
export async function confirmSession(
  database: Database,
  { sessionId, rootId }: Pick<SessionClaims, "sessionId" | "rootId">,
  now: number,
  told: BatchItem<"pg">[],
): Promise<void> {
  const confirmed = database
    .update(sessions)
    .set({ confirmedAt: new Date(now) })
    .where(and(eq(sessions.rootId, rootId), eq(sessions.id, sessionId)));
  await forRoot(database, rootId).batch(inOrder(...told, confirmed));
}

/** Ends a session for good; a copy of its cookie is worth nothing from then on. */
export async function endSession(
  database: Database,
  { sessionId, rootId }: Pick<SessionClaims, "sessionId" | "rootId">,
  now: number,
  told: BatchItem<"pg">[] = [],
): Promise<void> {
  const ended = database
    .update(sessions)
    .set({ revokedAt: new Date(now) })
    .where(and(eq(sessions.rootId, rootId), eq(sessions.id, sessionId), isNull(sessions.revokedAt)));
  await forRoot(database, rootId).batch(inOrder(...told, ended));
}
