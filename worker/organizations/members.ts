import { and, eq, gt, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { memberships, organizations, passkeys, sessions, totpSecrets, users } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import type { Role } from "../canonical/role.ts";
import { GatewayError } from "../errors.ts";
import {
  byInstant,
  byNumber,
  byText,
  cutPage,
  milliseconds,
  type Page,
  type PageRequest,
  pageOf,
} from "../lib/page.ts";
import type { Actor } from "./actor.ts";
import { NOTHING_SPENT } from "./key-list.ts";
import type { Membership } from "./member-roles.ts";
import { holdsText } from "./search.ts";
import { inBranch, pathWithin } from "./tree.ts";

/** Somebody with a role in a branch, or on an organization above it that the reader may see. */
export interface Member {
  id: string;
  email: string;
  name: string;
  createdAt: Date;
  /** When a token of theirs was last renewed: right to ten minutes. Null: not within a session's life. */
  lastSeenAt: Date | null;
  /** Sessions that live. */
  sessions: number;
  /** Their password alone does not let them in. */
  twoFactor: boolean;
  memberships: (Membership & { inherited: boolean })[];
}

export const MEMBER_SORTS = ["created_at", "name", "email", "last_seen_at", "cost"] as const;

/**
 * When a token of somebody's was last renewed, of the sessions there are. Column names by hand: of one table alone they would stand
 * without its name, and mean the session's.
 */
const seenAt = sql`(
  select max(one.created_at + one.version * interval '1 second') from ${sessions} one
  where one.root_id = users.root_id and one.user_id = users.id
)`;

/** Whether somebody has a second factor. Column names by hand, as above. */
const hasSecondFactor = sql<boolean>`(
  exists (select from ${totpSecrets} one where one.root_id = users.root_id and one.user_id = users.id)
  or exists (select from ${passkeys} one where one.root_id = users.root_id and one.user_id = users.id)
)`;

const ORDERS = {
  created_at: byInstant(users.createdAt),
  name: byText(users.name),
  email: byText(users.email),
  last_seen_at: byNumber(milliseconds(seenAt), -1),
  cost: byNumber(sql`spent.cost_nano::bigint`, 0),
};

/** `active`: with a session that lives. */
export const MEMBER_STATES = ["active", "inactive"] as const;

export interface MemberFilter {
  /** The actor's own when not given. */
  organizationId?: string | undefined;
  /** Who has this role somewhere here. */
  role?: Role | undefined;
  status?: (typeof MEMBER_STATES)[number] | undefined;
  /** Part of a name or an e-mail address. */
  q?: string | undefined;
  /** A select of what members have spent (`value`, `cost_nano`), for the order by cost. */
  spent?: SQL | undefined;
}

/** Where memberships count for a branch: in it, and above it as far as the actor sees. */
async function placesOf(database: Database, actor: Actor, organizationId: string | undefined) {
  const path = organizationId === undefined ? [] : await pathWithin(database, actor, organizationId);
  const above = path.slice(1, path.indexOf(actor.organizationId) + 1);
  const branch = inBranch(memberships.organizationId, actor.rootId, organizationId ?? actor.organizationId);
  const here = above.length > 0 && branch ? or(branch, inArray(memberships.organizationId, above)) : branch;
  return { above, here };
}

const ofUser = (rootId: string, more: SQL | undefined): SQL | undefined =>
  and(eq(memberships.rootId, rootId), eq(memberships.userId, users.id), more);

/** The members of a branch. Throws `not_found` for the organization. */
export async function listMembers(
  database: Database,
  actor: Actor,
  page: PageRequest<(typeof MEMBER_SORTS)[number]> & MemberFilter,
  now: number,
): Promise<Page<Member>> {
  const { rootId } = actor;
  const { above, here } = await placesOf(database, actor, page.organizationId);
  const { place, order, after } = pageOf(ORDERS, users.id, page);
  const held = database.select({ one: sql`1` }).from(memberships);
  const withRole = page.role === undefined ? here : and(here, eq(memberships.role, page.role));
  const [rows] = await forList(database, rootId).batch([
    database
      .select({ ...memberColumns(database, rootId, here, now), place })
      .from(users)
      .leftJoin(sql`(${page.spent ?? NOTHING_SPENT}) spent`, sql`spent.value = ${users.id}`)
      .where(
        and(
          eq(users.rootId, rootId),
          page.status === undefined ? undefined : hasSession(database, rootId, now, page.status === "active"),
          sql`exists ${held.where(ofUser(rootId, withRole))}`,
          page.q === undefined ? undefined : holdsText([users.email, users.name], page.q),
          after,
        ),
      )
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  const { rows: shown, nextCursor } = cutPage(rows, page);
  return { rows: shown.map((row) => memberOf(row, above)), nextCursor };
}

/** One member of the actor's branch; throws `not_found` when there is none of that id, or they have no role here. */
export async function getMember(database: Database, actor: Actor, id: string, now: number): Promise<Member> {
  const { rootId } = actor;
  const { above, here } = await placesOf(database, actor, undefined);
  const [[row]] = await forRoot(database, rootId).batch([
    database
      .select(memberColumns(database, rootId, here, now))
      .from(users)
      .where(and(eq(users.rootId, rootId), eq(users.id, id))),
  ]);
  if (!row || row.memberships.length === 0) throw noSuchMember();
  return memberOf(row, above);
}

const aliveAt = (rootId: string, now: number) =>
  and(
    ...[eq(sessions.rootId, rootId), eq(sessions.userId, users.id)],
    ...[isNull(sessions.revokedAt), gt(sessions.expiresAt, new Date(now))],
  );

function hasSession(database: Database, rootId: string, now: number, wanted: boolean): SQL {
  const living = database.select({ one: sql`1` }).from(sessions).where(aliveAt(rootId, now));
  return wanted ? sql`exists ${living}` : sql`not exists ${living}`;
}

/** A member's columns; each of the inner queries goes by an index, for the page's rows only. */
function memberColumns(database: Database, rootId: string, here: SQL | undefined, now: number) {
  const living = database.select({ count: sql`count(*)` }).from(sessions).where(aliveAt(rootId, now));
  const roles = database
    .select({
      list: sql`coalesce(json_agg(json_build_object(
        'organizationId', ${organizations.id}, 'organizationName', ${organizations.name},
        'role', ${memberships.role}, 'managed', ${memberships.managed}
      ) order by ${organizations.createdAt}, ${organizations.id}), '[]')`,
    })
    .from(memberships)
    .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
    .where(ofUser(rootId, here));
  return {
    id: users.id,
    email: users.email,
    name: users.name,
    createdAt: users.createdAt,
    sessions: sql`${living}`.mapWith(Number),
    lastSeenAt: sql<Date | null>`${seenAt}`.mapWith(sessions.createdAt),
    twoFactor: hasSecondFactor,
    memberships: sql<Membership[]>`${roles}`,
  };
}

const memberOf = (row: Omit<Member, "memberships"> & { memberships: Membership[] }, above: string[]): Member => ({
  ...row,
  memberships: row.memberships.map((one) => ({ ...one, inherited: above.includes(one.organizationId) })),
});

export const noSuchMember = (): GatewayError =>
  new GatewayError("not_found", "There is no such member, or they are not yours to see.");
