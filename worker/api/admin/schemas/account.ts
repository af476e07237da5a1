import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { id, instant, page, version } from "./common.ts";
import { organization } from "./organizations.ts";
import { role } from "./people.ts";
import { halfway, requestOptions } from "./second-factors.ts";
import { endedSessions, sessionFields } from "./sessions.ts";

const place = z.strictObject({ id: id("org"), name: z.string() });

const session = z
  .strictObject({
    user: z.strictObject({ id: id("usr"), email: z.string(), name: z.string() }),
    organization: place.describe("Where requests act."),
    role,
    expires_at: instant,
  })
  .meta({ id: "Session" });

const account = z
  .strictObject({
    user: z.strictObject({
      id: id("usr"),
      email: z.string(),
      name: z.string(),
      locale: z.string().nullable(),
      time_zone: z.string().nullable(),
      has_password: z.boolean(),
      created_at: instant,
      version,
    }),
    organization: place.describe("Where this request acts."),
    role,
    permissions: z.array(z.string()),
    organizations: z
      .array(z.strictObject({ id: id("org"), name: z.string(), role }))
      .describe("Where else: each may be named in the header `x-gaia-organization`."),
    session: z.strictObject({
      id: id("ses"),
      authenticated_at: instant.describe("When they last showed who they are, other than by the session's cookie."),
      expires_at: instant,
    }),
  })
  .meta({ id: "Account" });

const ownSession = z
  .strictObject({ ...sessionFields, current: z.boolean().describe("The one that asks.") })
  .meta({ id: "OwnSession" });

export const accountOperations = group({
  tag: "Account",
  about: "One's own account, for people who are signed in.",
  pathId: "ses",
  operations: {
    "GET /api/me": { id: "getAccount", summary: "Get one's account", answers: { 200: account }, etag: true },
    "PATCH /api/me": {
      id: "updateAccount",
      summary: "Change one's account",
      answers: { 200: account },
      etag: true,
      ifMatch: true,
    },
    "POST /api/me/password": {
      id: "changePassword",
      summary: "Change one's password",
      description: "All sessions end; a new one is opened for this browser.",
      answers: { 204: null },
      errors: [409, 429],
    },
    "GET /api/me/sessions": { id: "listSessions", summary: "List one's sessions", answers: { 200: page(ownSession) } },
    "DELETE /api/me/sessions": {
      id: "endOtherSessions",
      summary: "End all other sessions",
      answers: { 200: endedSessions },
    },
    "DELETE /api/me/sessions/:id": { id: "endSession", summary: "End a session", answers: { 204: null } },
  },
});

export const signInOperations = group({
  tag: "Signing in",
  about: "Setting a tenant up, and how people get in.",
  pathId: "ses",
  operations: {
    "GET /api/setup": {
      id: "getSetup",
      summary: "Whether the tenant is set up",
      answers: { 200: z.strictObject({ done: z.boolean() }).meta({ id: "SetupState" }) },
    },
    "POST /api/setup": {
      id: "setUp",
      summary: "Set a tenant up",
      description: "Once, with the operator's token. The answer is the only one that holds the keys.",
      answers: {
        201: z
          .strictObject({
            organization,
            admin: z.strictObject({ id: id("usr"), email: z.string() }),
            api_key: z.string().describe("May `read` and `write`. Shown this once."),
            admin_key: z.string().describe("May `admin`. Shown this once."),
          })
          .meta({ id: "Setup" }),
      },
      errors: [401, 403, 409, 410],
    },
    "POST /api/session": {
      id: "signIn",
      summary: "Sign in",
      description: "Sets the session's cookie. 202: the password was right, and a second factor is needed.",
      answers: { 200: session, 202: halfway },
      errors: [401, 403, 429],
    },
    "POST /api/session/code": {
      id: "finishSignIn",
      summary: "Sign in: the second step",
      description: "In the browser that was answered 202, within five minutes. Sets the session's cookie.",
      answers: { 200: session },
      errors: [401, 403, 429],
    },
    "POST /api/session/passkey/options": {
      id: "beginPasskey",
      summary: "Ask for a passkey",
      description: "Sets a cookie of five minutes that the answer of the authenticator must come with.",
      answers: { 200: requestOptions },
      errors: [403],
    },
    "POST /api/session/passkey": {
      id: "signInByPasskey",
      summary: "Sign in by a passkey",
      description: "Sets the session's cookie.",
      answers: { 200: session },
      errors: [401, 403, 429],
    },
    "GET /api/session": {
      id: "getSession",
      summary: "Who is signed in",
      answers: { 200: session },
      errors: [401, 404],
    },
    "DELETE /api/session": { id: "signOut", summary: "Sign out", answers: { 204: null }, errors: [401, 403, 404] },
    "GET /api/session/methods": {
      id: "getSignInMethods",
      summary: "How one may sign in",
      answers: {
        200: z
          .strictObject({ password: z.boolean(), access: z.boolean(), oidc: z.boolean() })
          .meta({ id: "SignInMethods" }),
      },
    },
    "POST /api/session/access": {
      id: "signInByAccess",
      summary: "Sign in by Cloudflare Access",
      answers: { 204: null },
      errors: [401, 403, 404, 409],
    },
    "GET /api/session/oidc": {
      id: "beginOidc",
      summary: "Sign in at an identity provider",
      answers: { 302: null },
      errors: [404],
    },
    "GET /api/session/oidc/callback": {
      id: "finishOidc",
      summary: "Where an identity provider sends people back",
      answers: { 302: null },
      errors: [401, 403, 404, 409],
    },
    "POST /api/invites/accept": {
      id: "acceptInvite",
      summary: "Accept an invitation",
      description: "Sets the session's cookie. 202: accepted, and a second factor is needed to sign in.",
      answers: { 201: session, 202: halfway },
      errors: [403, 404, 409, 429],
    },
    "POST /api/password/reset": {
      id: "resetPassword",
      summary: "Set a new password by a link",
      answers: { 204: null },
      errors: [403, 404, 429],
    },
  },
});
