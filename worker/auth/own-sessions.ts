import { and, eq, getTableColumns, gt, isNull, ne, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../drizzle/client.ts";
import { type Claim, noteChange } from "../../drizzle/idempotency-claim.ts";
import { sessions } from "../../drizzle/schema/index.ts";
import { forList, forRoot, inOrder } from "../../drizzle/tenant.ts";
import { byInstant, byNumber, cutPage, milliseconds, type Page, type PageRequest, pageOf } from "../lib/page.ts";

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

export const SESSION_SORTS = ["created_at", "last_seen_at", "expires_at"] as const;

/** A session's version is raised to the seconds of its age at which its token was renewed last. */
const ORDERS = {
  created_at: byInstant(sessions.createdAt),
  last_seen_at: byNumber(sql`(${milliseconds(sessions.createdAt)} + ${sessions.version} * 1000)`),
  expires_at: byInstant(sessions.expiresAt),
};

const living = ({ rootId, userId }: Owner, now: number) =>
  and(
    eq(sessions.rootId, rootId),
    eq(sessions.userId, userId),
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, new Date(now)),
  );

/** Somebody's living sessions, page by page. */
export async function listSessions(
  database: Database,
  owner: Owner,
  now: number,
  page: PageRequest<(typeof SESSION_SORTS)[number]>,
): Promise<Page<SessionRow>> {
  const { place, order, after } = pageOf(ORDERS, sessions.id, page);
  const [rows] = await forList(database, owner.rootId).batch([
    database
      .select({ ...getTableColumns(sessions), place })
      .from(sessions)
      .where(and(living(owner, now), after))
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  const { rows: shown, nextCursor } = cutPage(rows, page);
  return {
    rows: shown.map(({ id, createdAt, version, expiresAt, userAgent }) => ({
      ...{ id, createdAt, expiresAt, userAgent },
      lastSeenAt: new Date(createdAt.getTime() + version * 1000),
    })),
    nextCursor,
  };
}

/**
 * Ends somebody's sessions, one or all but one; answers how many lived. `told` makes the statements that tell of those, for the
 * same transaction; where none lived, nothing is told.
 */
export async function endSessions(
  database: Database,
  owner: Owner,
  now: number,
  which: { only: string } | { except: string },
  told: (ended: readonly string[]) => BatchItem<"pg">[],
): Promise<number> {
  const chosen = "only" in which ? eq(sessions.id, which.only) : ne(sessions.id, which.except);
  const ended = "only" in which ? which.only : owner.userId;
  const those = and(living(owner, now), chosen);
  const tenant = forRoot(database, owner.rootId);
  const [found] = await tenant.batch([database.select({ id: sessions.id }).from(sessions).where(those)]);
  if (found.length === 0) return 0;
  const end = database
    .update(sessions)
    .set({ revokedAt: new Date(now) })
    .where(those);
  await tenant.batch(inOrder(...told(found.map(({ id }) => id)), end, ...noteChange(database, owner.claim, ended)));
  return found.length;
}
