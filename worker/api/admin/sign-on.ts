import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import type { Identity } from "../../auth/identity.ts";
import { STATE_SECONDS } from "../../auth/oidc.ts";
import { openSession } from "../../auth/session.ts";
import { accountOf, rolesByClaims, type SignOn, spendState } from "../../auth/sign-on.ts";
import { GatewayError } from "../../errors.ts";
import { newId } from "../../lib/ids.ts";
import { syncManagedMember } from "../../organizations/managed-members.ts";
import { undisturbed } from "../../organizations/undisturbed.ts";
import { setSessionCookie } from "../middleware/authenticate-admin.ts";
import { refuseOtherSites } from "../middleware/csrf.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { originOf } from "./origin.ts";
import { type SignInBy, signedInBy } from "./session-audit.ts";
import { query } from "./validate.ts";

/** Not `Strict`: the browser comes back from another site. */
const STATE_COOKIE = "__Host-gaia-sign-on";
const ACCESS_HEADER = "cf-access-jwt-assertion";
const CALLBACK = "/api/session/oidc/callback";

const start = z.strictObject({
  /** Where on this site to go afterwards. */
  to: z
    .string()
    .max(2_000)
    .regex(/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/, "Must be a path on this site")
    .default("/"),
});

/** More parameters than these may come: providers add their own (RFC 6749, 4.1.2). */
const callback = z.object({
  code: z.string().min(1).max(4_000).optional(),
  state: z.string().min(1).max(200),
  error: z.string().max(200).optional(),
});

const notOffered = () => new GatewayError("unknown_url", "This way to sign in is not set up here.");

const redirectUri = (context: AdminContext): string => new URL(context.req.url).origin + CALLBACK;

/** `/api/session`, for those who sign in at an identity provider. */
export function signOnRoutes({ database, secrets, signOn, now, random }: AdminDependencies) {
  /** Lets in whom the provider names: with the roles that the claims give, or those they have. */
  async function letIn(
    context: AdminContext,
    settings: SignOn,
    { identity, by }: { identity: Identity; by: SignInBy },
  ): Promise<void> {
    const { rootId } = settings;
    const user = await undisturbed(async () => {
      const found = await accountOf(database, identity.email);
      if (found) checkAccount(found, identity, rootId);
      else if (!identity.emailVerified) throw notVerified();
      const userId = found?.id ?? newId("usr", random);
      const { issuer, subject, email, name } = identity;
      const roles = rolesByClaims(identity, settings);
      const member = { rootId, userId, isNew: found === null, email, name, issuer, subject, roles };
      const left = await syncManagedMember(database, now(), member);
      return left === null ? null : { userId, left };
    });
    if (!user.left) {
      const whom = settings.contact ?? "an administrator of your organization";
      throw new GatewayError("permission_denied", `You have no role here. Ask ${whom} to give you one.`);
    }
    const session = { database, sessionSecret: secrets.sessionSecret, now: now() };
    const userAgent = context.req.header("user-agent") ?? null;
    const origin = await originOf(context.req.raw.headers, null, secrets.masterKey);
    const told = signedInBy({ database, rootId, userId: user.userId, origin, now: session.now }, by);
    setSessionCookie(context, await openSession(session, { userId: user.userId, rootId, userAgent, random }, told));
  }

  return new Hono<AdminEnv>()
    .get("/methods", (context) =>
      context.json({
        password: true,
        access: signOn?.access != null && context.req.header(ACCESS_HEADER) !== undefined,
        oidc: signOn?.oidc != null,
      }),
    )
    .post("/access", refuseOtherSites, async (context) => {
      if (!signOn?.access) throw notOffered();
      const token = context.req.header(ACCESS_HEADER);
      if (token === undefined) {
        throw new GatewayError("not_signed_in", "This request has not come through Cloudflare Access.");
      }
      await letIn(context, signOn, { identity: await signOn.access(token, now()), by: "access" });
      return context.body(null, 204);
    })
    .get("/oidc", query(start), async (context) => {
      if (!signOn?.oidc) throw notOffered();
      const { to } = context.req.valid("query");
      const { url, kept } = await signOn.oidc.begin({ redirectUri: redirectUri(context), to, now: now() });
      const cookie = { httpOnly: true, secure: true, sameSite: "Lax", path: "/", maxAge: STATE_SECONDS } as const;
      setCookie(context, STATE_COOKIE, kept, cookie);
      return context.redirect(url, 302);
    })
    .get("/oidc/callback", query(callback), async (context) => {
      if (!signOn?.oidc) throw notOffered();
      const { code, state, error } = context.req.valid("query");
      const kept = getCookie(context, STATE_COOKIE) ?? "";
      deleteCookie(context, STATE_COOKIE, { path: "/", secure: true });
      if (code === undefined) {
        const why = error === "access_denied" ? "You were not signed in there." : "It names no code.";
        throw new GatewayError("invalid_credentials", `The identity provider sent you back. ${why} Sign in again.`);
      }
      const answer = { code, state, kept, redirectUri: redirectUri(context), now: now() };
      const { identity, to } = await signOn.oidc.finish(answer, (spent) => spendState(database, spent, now()));
      await letIn(context, signOn, { identity, by: "oidc" });
      return context.redirect(to, 302);
    });
}

const notVerified = () =>
  new GatewayError("permission_denied", "Your identity provider has not verified your e-mail address. Have it do so.");

/** An account is opened by the identity that is bound to it, or bound to the first whose e-mail address is verified. */
function checkAccount(
  account: NonNullable<Awaited<ReturnType<typeof accountOf>>>,
  identity: Identity,
  rootId: string,
): void {
  if (account.rootId !== rootId) {
    throw new GatewayError("permission_denied", "Your e-mail address has an account that signs in by its password.");
  }
  const bound = account.identities[identity.issuer];
  if (bound === undefined && !identity.emailVerified) throw notVerified();
  if (bound !== undefined && bound !== identity.subject) {
    throw new GatewayError("permission_denied", "Your e-mail address belongs to another's account here.");
  }
}
