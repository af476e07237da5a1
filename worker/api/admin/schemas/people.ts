import { z } from "zod";
import { ROLES } from "../../../canonical/role.ts";
import { group } from "../../contract/operation.ts";
import { actor, id, instant, page, usd } from "./common.ts";
import { endedSessions, sessionFields } from "./sessions.ts";
import { sum } from "./stats.ts";

export const role = z
  .enum(ROLES)
  .meta({ id: "Role", description: "Each may do what those before it may; but of usage a member sees their own." });

const memberFields = {
  id: id("usr"),
  email: z.string(),
  name: z.string(),
  role: role.nullable().describe("The highest of `roles`."),
  roles: z.array(
    z.strictObject({
      organization_id: id("org"),
      organization_name: z.string(),
      role,
      inherited: z.boolean().describe("From an organization above the one that was asked for."),
      managed: z.boolean().describe("By an identity provider's claims."),
    }),
  ),
  last_seen_at: instant.nullable(),
  status: z.enum(["active", "inactive"]).describe("`active`: with a session that lives."),
  sessions: z.int().min(0),
  two_factor: z.boolean().describe("Their password alone does not let them in."),
  created_at: instant,
};

const member = z.strictObject(memberFields).meta({ id: "Member" });

const listedMember = z
  .strictObject({
    ...memberFields,
    figures: z
      .strictObject({
        since: instant.describe("The hour in which the last 30 days began, from which on it is counted."),
        requests: sum,
        errors: sum,
        cost_nano: sum,
        cost_usd: usd,
      })
      .nullable()
      .describe("What keys that they made used in the caller's organizations; null where it was not asked for."),
  })
  .meta({ id: "ListedMember" });

const memberSession = z.strictObject(sessionFields).meta({ id: "MemberSession" });

const fields = {
  id: id("inv"),
  organization_id: id("org"),
  email: z.string(),
  role,
  created_by: actor,
  created_at: instant,
  expires_at: instant,
  accepted_at: instant.nullable(),
  accepted_by: z.string().nullable(),
  revoked_at: instant.nullable(),
};

const invite = z
  .strictObject({ ...fields, status: z.enum(["accepted", "revoked", "expired", "open"]) })
  .meta({ id: "Invite", description: "An invitation, without its link." });

const invited = z.strictObject({
  ...fields,
  status: z.literal("invited"),
  token: z.string().describe("Shown this once."),
  url: z.string().describe("The link for the person who is invited."),
});

const refused = z.strictObject({
  email: z.string(),
  status: z.literal("refused"),
  error: z.strictObject({ code: z.enum(["invalid_value", "conflict"]), message: z.string(), param: z.string() }),
});

const invitations = z
  .strictObject({ data: z.array(z.discriminatedUnion("status", [invited, refused])) })
  .meta({ id: "Invitations", description: "What became of each address, in the order they were named." });

export const memberOperations = group({
  tag: "Members",
  about: "Who has which role in the caller's organizations. Changes are made by people who are signed in, not by keys.",
  pathId: "usr",
  operations: {
    "GET /api/members": {
      id: "listMembers",
      summary: "List members",
      answers: { 200: page(listedMember) },
      errors: [404],
    },
    "GET /api/members/:id": { id: "getMember", summary: "Get a member", answers: { 200: member }, etag: true },
    "PATCH /api/members/:id": {
      id: "setMemberRole",
      summary: "Give a member a role",
      description: "`ETag` is the version of their roles as the caller sees them.",
      answers: { 200: member },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "DELETE /api/members/:id": {
      id: "removeMember",
      summary: "Take a member's roles",
      description: "One role, or all in the caller's organizations. Keys they made go on working, and are named.",
      answers: {
        200: z
          .strictObject({
            id: id("usr"),
            removed: z.literal(true),
            organization_ids: z.array(id("org")),
            keys: z.array(
              z.strictObject({ id: id("key"), name: z.string(), hint: z.string(), organization_id: id("org") }),
            ),
          })
          .meta({ id: "RemovedMember" }),
      },
      errors: [409],
      ifMatch: true,
    },
    "DELETE /api/members/:id/second-factors": {
      id: "resetMemberSecondFactors",
      summary: "Take a member's second factors",
      description: "All of them, for somebody who has lost them. Their sessions end; their password lets them in.",
      answers: { 204: null },
      errors: [409],
    },
    "GET /api/members/:id/sessions": {
      id: "listMemberSessions",
      summary: "List a member's sessions",
      description: "For whoever may give each of their roles.",
      answers: { 200: page(memberSession) },
    },
    "DELETE /api/members/:id/sessions": {
      id: "endMemberSessions",
      summary: "End a member's sessions",
      description: "One, or all, at once: the next request of each is a 401. For whoever may give each of their roles.",
      answers: { 200: endedSessions },
      errors: [409],
    },
    "POST /api/members/:id/reset": {
      id: "resetMemberPassword",
      summary: "Make a link for a new password",
      answers: {
        201: z
          .strictObject({
            id: id("usr"),
            token: z.string().describe("Shown this once."),
            url: z.string(),
            expires_at: instant,
          })
          .meta({ id: "PasswordReset" }),
      },
      errors: [409],
    },
  },
});

export const inviteOperations = group({
  tag: "Invites",
  about: "Who was asked to join the caller's organizations.",
  pathId: "inv",
  operations: {
    "GET /api/invites": {
      id: "listInvites",
      summary: "List invitations",
      answers: { 200: page(invite) },
      errors: [404],
    },
    "POST /api/invites": {
      id: "createInvites",
      summary: "Invite people",
      description: "201 when somebody was invited, 200 when no line of `emails` was good.",
      answers: { 200: invitations, 201: invitations },
      errors: [404, 409],
    },
    "DELETE /api/invites/:id": {
      id: "revokeInvite",
      summary: "Take an invitation back",
      answers: { 200: invite },
      errors: [409],
    },
  },
});
