import { and, desc, eq, gt, isNull, ne } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { type Claim, noteChange } from "../../drizzle/idempotency-claim.ts";
import { sessions } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";

/** Whose sessions. */
interface Owner {
  rootId: string;
  userId: string;
  /** Of the request that ends some of them, where it has one. */
  claim?: Claim | undefined;
}

export interface SessionRow {
  id: string;
  createdAt: Date;
  /** When its token was last renewed: right to ten minutes. */
  lastSeenAt: Date;
  expiresAt: Date;
  userAgent: string | null;
}

/** Nobody needs more of them; what is beyond is older. */
const MOST = 200;

const living = ({ rootId, userId }: Owner, now: number) =>
  and(
    eq(sessions.rootId, rootId),
    eq(sessions.userId, userId),
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, new Date(now)),
  );

/** Somebody's living sessions, newest first, at most 200. */
export async function listSessions(database: Database, owner: Owner, now: number): Promise<SessionRow[]> {
  const [rows] = await forRoot(database, owner.rootId).batch([
    database
      .select()
      .from(sessions)
      .where(living(owner, now))
      .orderBy(desc(sessions.createdAt), desc(sessions.id))
      .limit(MOST),
  ]);
  return rows.map(({ id, createdAt, version, expiresAt, userAgent }) => ({
    ...{ id, createdAt, expiresAt, userAgent },
    lastSeenAt: new Date(createdAt.getTime() + version * 1000),
  }));
}

/** Ends somebody's sessions, one or all but one; answers how many lived. */
export async function endSessions(
  database: Database,
  owner: Owner,
  now: number,
  which: { only: string } | { except: string },
): Promise<number> {
  const chosen = "only" in which ? eq(sessions.id, which.only) : ne(sessions.id, which.except);
  const ended = "only" in which ? which.only : owner.userId;
  const [rows] = await forRoot(database, owner.rootId).batch([
    database
      .update(sessions)
      .set({ revokedAt: new Date(now) })
      .where(and(living(owner, now), chosen))
      .returning({ id: sessions.id }),
    ...noteChange(database, owner.claim, ended),
  ]);
  return rows.length;
}
