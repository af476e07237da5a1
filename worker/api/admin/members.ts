import { Hono } from "hono";
import { z } from "zod";
import type { Database } from "../../../drizzle/client.ts";
import { createLinkToken } from "../../auth/link-token.ts";
import { listSessions } from "../../auth/own-sessions.ts";
import { highestRole, ROLES } from "../../canonical/role.ts";
import { createReset } from "../../organizations/accounts.ts";
import { removeMember, setRole } from "../../organizations/member-changes.ts";
import { rolesVersion } from "../../organizations/member-roles.ts";
import { endMemberSessions } from "../../organizations/member-sessions.ts";
import { getMember, listMembers, MEMBER_SORTS, MEMBER_STATES, type Member } from "../../organizations/members.ts";
import { requireRankOver } from "../../organizations/rank-over.ts";
import { resetSecondFactors } from "../../organizations/second-factors.ts";
import { NO_SPEND, readSpendBy, spendBy } from "../../usage/spend-by.ts";
import type { UsageScope } from "../../usage/stats/rows.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { figuresField, listBody, listSchema } from "./list.ts";
import { linkTo, managerOf } from "./person.ts";
import { recentUsageOf } from "./recent-spend.ts";
import { sessionFields, sessionQuery } from "./session-list.ts";
import { exact, money } from "./stats-bodies.ts";
import { idSchema, jsonBody, pathId, query, searchSchema } from "./validate.ts";

const memberQuery = listSchema(MEMBER_SORTS, "-created_at").extend({
  organization: idSchema("org")
    .optional()
    .describe(
      "Members of this organization, of those below, and of those above it that the caller sees; the caller's own.",
    ),
  role: z.enum(ROLES).optional(),
  status: z.enum(MEMBER_STATES).optional().describe("`active`: with a session that lives."),
  figures: figuresField,
  q: searchSchema.optional().describe("Part of a name or an e-mail address."),
});

const changedRole = z.strictObject({
  organization_id: idSchema("org"),
  role: z.enum(ROLES),
});

const removal = z.strictObject({
  organization: idSchema("org")
    .optional()
    .describe("Only the role there; all roles in the caller's organizations when left out."),
});

const ending = z.strictObject({
  session: idSchema("ses").optional().describe("Only this one; all of theirs when left out."),
});

/** A member as the API shows them. */
const memberBody = (member: Member) => ({
  id: member.id,
  email: member.email,
  name: member.name,
  /** The highest of `roles`. */
  role: highestRole(member.memberships.map(({ role }) => role)) ?? null,
  roles: member.memberships.map((one) => ({
    organization_id: one.organizationId,
    organization_name: one.organizationName,
    role: one.role,
    /** From an organization above the one that was asked for. */
    inherited: one.inherited,
    /** By an identity provider's claims: it may be another after the next sign-in. */
    managed: one.managed,
  })),
  last_seen_at: member.lastSeenAt?.toISOString() ?? null,
  status: member.sessions > 0 ? ("active" as const) : ("inactive" as const),
  sessions: member.sessions,
  two_factor: member.twoFactor,
  created_at: member.createdAt.toISOString(),
});

/** What members' keys have spent in a scope, by whoever made the key. */
async function spendOfMembers(database: Database, scope: UsageScope, members: readonly Member[]) {
  const memberIds = members.map(({ id }) => id);
  const spend = await readSpendBy(database, { ...scope, filter: { ...scope.filter, memberIds } }, "member");
  return (id: string) => {
    const { requests, errors, costNano } = spend.get(id) ?? NO_SPEND;
    return {
      since: new Date(scope.period.from).toISOString(),
      requests: exact(BigInt(requests)),
      errors: exact(BigInt(errors)),
      ...money("cost", BigInt(costNano)),
    };
  };
}

/** `/api/members`: who has which role in the caller's organizations. */
export function memberRoutes({ database, secrets, now, random }: AdminDependencies) {
  const act = (context: AdminContext) => ({
    database,
    actor: managerOf(context),
    now: now(),
    userId: pathId("usr", context.req.param("id") ?? ""),
  });

  /** Against the roles that the caller sees, which are what changes of a member. */
  const checkRoles = (context: AdminContext) => {
    const check = ifMatch(context);
    return async (roles: Parameters<typeof rolesVersion>[0]) => check(await rolesVersion(roles));
  };

  /** A member as they are now, with the version of their roles. */
  async function answer(context: AdminContext, id: string) {
    const member = await getMember(database, context.get("caller"), id, now());
    sendVersion(context, await rolesVersion(member.memberships));
    return context.json(memberBody(member));
  }

  return new Hono<AdminEnv>()
    .get("/", query(memberQuery), async (context) => {
      const { organization: organizationId, figures: wanted, ...page } = context.req.valid("query");
      const at = now();
      const caller = context.get("caller");
      const scope =
        wanted || page.sort.by === "cost" ? await recentUsageOf({ database }, caller, at, undefined) : undefined;
      const spent = page.sort.by === "cost" && scope ? spendBy(scope, "member") : undefined;
      const found = await listMembers(database, caller, { ...page, organizationId, spent }, at);
      const figures = wanted && scope ? await spendOfMembers(database, scope, found.rows) : null;
      return context.json(listBody(found, at, (row) => ({ ...memberBody(row), figures: figures?.(row.id) ?? null })));
    })
    .get("/:id", (context) => answer(context, pathId("usr", context.req.param("id"))))
    .patch("/:id", jsonBody(changedRole), async (context) => {
      const { organization_id: organizationId, role } = context.req.valid("json");
      const change = { ...act(context), check: checkRoles(context), organizationId, role };
      await setRole(change);
      return answer(context, change.userId);
    })
    .delete("/:id", query(removal), async (context) => {
      const { organization: organizationId } = context.req.valid("query");
      const { userId, ...rest } = act(context);
      const { removed, keys } = await removeMember({ ...rest, userId, check: checkRoles(context), organizationId });
      return context.json({
        id: userId,
        removed: true,
        organization_ids: removed,
        /** Keys they made that go on working. */
        keys: keys.map((key) => ({
          id: key.id,
          name: key.name,
          hint: key.hint,
          organization_id: key.organizationId,
        })),
      });
    })
    .delete("/:id/second-factors", async (context) => {
      await resetSecondFactors(act(context));
      return context.body(null, 204);
    })
    .get("/:id/sessions", query(sessionQuery), async (context) => {
      const { actor, now: at, userId } = act(context);
      await requireRankOver(database, actor, userId);
      const found = await listSessions(database, { rootId: actor.rootId, userId }, at, context.req.valid("query"));
      return context.json(listBody(found, at, sessionFields));
    })
    .delete("/:id/sessions", query(ending), async (context) => {
      const { session: sessionId } = context.req.valid("query");
      return context.json({ ended: await endMemberSessions({ ...act(context), sessionId }) });
    })
    .post("/:id/reset", async (context) => {
      const asked = act(context);
      const { rootId } = asked.actor;
      const { token, mac } = await createLinkToken("reset", { peppers: secrets.peppers, rootId, random });
      const { expiresAt } = await createReset({ ...asked, mac });
      return context.json(
        {
          id: asked.userId,
          /** Shown this once. */
          token,
          url: linkTo(context, "reset-password", token),
          expires_at: expiresAt.toISOString(),
        },
        201,
      );
    });
}
