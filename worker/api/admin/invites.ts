import { Hono } from "hono";
import { z } from "zod";
import { createLinkToken } from "../../auth/link-token.ts";
import { ROLES } from "../../canonical/role.ts";
import { newId } from "../../lib/ids.ts";
import { createInvites, INVITE_SORTS, type InviteRow, listInvites, revokeInvite } from "../../organizations/invites.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { listBody, listSchema } from "./list.ts";
import { linkTo, managerOf } from "./person.ts";
import { emailSchema } from "./session.ts";
import { idSchema, jsonBody, pathId, query, searchSchema } from "./validate.ts";

const newInvites = z.strictObject({
  /** The caller's own organization when left out. */
  organization_id: idSchema("org").optional(),
  role: z.enum(ROLES),
  /** Each is a line of its own: what is wrong with one keeps no other from being invited. */
  emails: z
    .array(z.string().max(1_000))
    .min(1, "Must name at least one e-mail address")
    .max(100, "Must name at most 100 e-mail addresses"),
});

const inviteQuery = listSchema(INVITE_SORTS, "-created_at").extend({
  /** Invitations to this organization and those below. */
  organization: idSchema("org").optional(),
  /** Part of an e-mail address. */
  q: searchSchema.optional(),
});

function statusOf(row: InviteRow, now: number): "accepted" | "revoked" | "expired" | "open" {
  if (row.acceptedAt) return "accepted";
  if (row.revokedAt) return "revoked";
  return row.expiresAt.getTime() <= now ? "expired" : "open";
}

/** An invitation as the API shows it, without its link. */
const inviteBody = (row: InviteRow, now: number) => ({
  id: row.id,
  organization_id: row.organizationId,
  email: row.email,
  role: row.role,
  status: statusOf(row, now),
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
  accepted_at: row.acceptedAt?.toISOString() ?? null,
  accepted_by: row.acceptedBy,
  revoked_at: row.revokedAt?.toISOString() ?? null,
});

/** Why a line was not invited. */
const refused = (email: string, code: "invalid_value" | "conflict", message: string, index: number) => ({
  email,
  status: "refused" as const,
  error: { code, message, param: `emails[${index}]` },
});

/** `/api/invites`: who was asked to join the caller's organizations. */
export function inviteRoutes({ database, secrets, now, random }: AdminDependencies) {
  return new Hono<AdminEnv>()
    .get("/", query(inviteQuery), async (context) => {
      const { organization: organizationId, ...page } = context.req.valid("query");
      const at = now();
      const found = await listInvites(database, context.get("caller"), { ...page, organizationId });
      return context.json(listBody(found, at, (row) => inviteBody(row, at)));
    })
    .post("/", jsonBody(newInvites), async (context) => {
      const { organization_id: organizationId, role, emails } = context.req.valid("json");
      const actor = managerOf(context);
      const at = now();
      const lines = emails.map((text) => emailSchema.safeParse(text).data ?? null);
      const people = await Promise.all(
        [...new Set(lines.filter((email) => email !== null))].map(async (email) => ({
          ...(await createLinkToken("invite", { peppers: secrets.peppers, rootId: actor.rootId, random })),
          ...{ id: newId("inv", random), email },
        })),
      );
      const made = await createInvites({ database, actor, now: at, organizationId, role, people });
      const data = lines.map((email, index) => {
        const given = emails[index] ?? "";
        if (email === null) return refused(given, "invalid_value", "This is not an e-mail address.", index);
        if (lines.indexOf(email) < index) return refused(given, "conflict", "This address is named before.", index);
        const place = people.findIndex((person) => person.email === email);
        const [row, token] = [made[place], people[place]?.token];
        if (!row || token === undefined) {
          return refused(given, "conflict", "This address has a role there already.", index);
        }
        return { ...inviteBody(row, at), status: "invited" as const, token, url: linkTo(context, "invite", token) };
      });
      return context.json({ data }, data.some(({ status }) => status === "invited") ? 201 : 200);
    })
    .delete("/:id", async (context) => {
      const id = pathId("inv", context.req.param("id"));
      const at = now();
      const row = await revokeInvite({ database, actor: managerOf(context), now: at, id });
      return context.json(inviteBody(row, at));
    });
}
