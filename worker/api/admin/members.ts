import { Hono } from "hono";
import { z } from "zod";
import { createLinkToken } from "../../auth/link-token.ts";
import { highestRole, ROLES } from "../../canonical/role.ts";
import { createReset } from "../../organizations/accounts.ts";
import { removeMember, setRole } from "../../organizations/member-changes.ts";
import { getMember, listMembers, MEMBER_SORTS, type Member, rolesVersion } from "../../organizations/members.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { listBody, listSchema } from "./list.ts";
import { linkTo, managerOf } from "./person.ts";
import { idSchema, jsonBody, pathId, query, searchSchema } from "./validate.ts";

const memberQuery = listSchema(MEMBER_SORTS, "-created_at").extend({
  /** Members of this organization, of those below, and of those above it that the caller sees; the caller's own. */
  organization: idSchema("org").optional(),
  role: z.enum(ROLES).optional(),
  /** Part of a name or an e-mail address. */
  q: searchSchema.optional(),
});

const changedRole = z.strictObject({
  organization_id: idSchema("org"),
  role: z.enum(ROLES),
});

const removal = z.strictObject({
  /** Only the role there; all roles in the caller's organizations when left out. */
  organization: idSchema("org").optional(),
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
  sessions: member.sessions,
  created_at: member.createdAt.toISOString(),
});

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
      const { organization: organizationId, ...page } = context.req.valid("query");
      const at = now();
      const found = await listMembers(database, context.get("caller"), { ...page, organizationId }, at);
      return context.json(listBody(found, at, memberBody));
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
