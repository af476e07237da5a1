import type { MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { checkApiKey } from "../../auth/api-key.ts";
import { invalidApiKey, readCredential } from "../../auth/credentials.ts";
import { authenticateSession, type SignedIn, standsStill } from "../../auth/session.ts";
import { SESSION_COOKIE, SESSION_SECONDS } from "../../auth/session-token.ts";
import { type ErrorCode, GatewayError } from "../../errors.ts";
import type { Whence } from "../../ledger/contract.ts";
import { isId } from "../../lib/ids.ts";
import { noSuchOrganization } from "../../organizations/tree.ts";
import type { AdminContext, AdminEnv, Caller } from "../admin/context.ts";
import type { AdminDependencies } from "../admin/dependencies.ts";
import { originOf } from "../admin/origin.ts";
import { ADMIN_KEY_PERMISSIONS, ROLE_PERMISSIONS } from "../admin/permissions.ts";
import { whenceOf } from "../whence.ts";
import { checkCsrf } from "./csrf.ts";

const DENIALS: Partial<Record<ErrorCode, string>> = {
  key_disabled: "This API key is disabled.",
  key_expired: "This API key has expired.",
  organization_archived: "The organization of this API key is archived.",
  permission_denied: "This API key may not do that.",
  ip_not_allowed: "This API key may not be used from this address.",
  origin_not_allowed: "This API key may not be used by this web page.",
};

/** Names the organization that a request acts at, of those where somebody has a role. */
const ORGANIZATION_HEADER = "x-gaia-organization";

function namedOrganization(context: AdminContext): string | undefined {
  const id = context.req.header(ORGANIZATION_HEADER);
  if (id === undefined || isId("org", id)) return id;
  throw new GatewayError("invalid_header", `The header ${ORGANIZATION_HEADER} takes an id that begins with org_.`);
}

/** Sends the session's token to the browser. */
export function setSessionCookie(context: AdminContext, token: string): void {
  setCookie(context, SESSION_COOKIE, token, {
    httpOnly: true,
    secure: true,
    sameSite: "Strict",
    path: "/",
    maxAge: SESSION_SECONDS,
  });
}

/**
 * The person whose session cookie came with the request, at the organization that the request names; null without a cookie
 * that holds. Throws `not_found` for an organization where they have no role of their own.
 */
export async function readSignedIn(context: AdminContext, dependencies: AdminDependencies): Promise<SignedIn | null> {
  const token = getCookie(context, SESSION_COOKIE);
  if (!token) return null;
  const { database, secrets } = dependencies;
  const session = { database, sessionSecret: secrets.sessionSecret, now: dependencies.now() };
  const named = namedOrganization(context);
  const found = await authenticateSession(session, token, named);
  if (!found) return null;
  if (found.renewed) setSessionCookie(context, found.renewed);
  return found.signedIn;
}

/** What keys for inference alone may do here. */
const NOTHING: Caller["can"] = new Set();

/** The caller behind an API key, as its Ledger knows it. */
async function callerOfKey(text: string, from: Whence, { ledger, secrets }: AdminDependencies): Promise<Caller> {
  const key = await checkApiKey(text, secrets.peppers);
  if (!key) throw invalidApiKey();
  const { rootId, keyId, mac, jurisdiction } = key;
  const answer = await ledger(rootId, jurisdiction)
    .authenticate({ rootId, keyId, mac }, from)
    .catch((cause: unknown) => {
      throw new GatewayError("ledger_unavailable", "The key cannot be checked right now. Try again in a moment.", {
        retryAfter: 1,
        cause,
      });
    });
  if (!answer.ok) {
    if (answer.code === "invalid_api_key") throw invalidApiKey();
    throw new GatewayError(answer.code, DENIALS[answer.code] ?? "This API key is not accepted.");
  }
  const { organizationId, permissions } = answer.principal;
  const can = permissions.includes("admin") ? ADMIN_KEY_PERMISSIONS : NOTHING;
  return { id: keyId, rootId, organizationId, can, jurisdiction, signedIn: null };
}

const callerOfSession = (signedIn: SignedIn): Caller => ({
  id: signedIn.user.id,
  rootId: signedIn.rootId,
  organizationId: signedIn.organization.id,
  can: ROLE_PERMISSIONS[signedIn.role],
  jurisdiction: signedIn.jurisdiction,
  signedIn,
});

/** The key that a request without a cookie must have; throws `missing_api_key`, which says how people get in too. */
function presentedKey(context: AdminContext): string {
  try {
    return readCredential(context.req.raw.headers, new URL(context.req.url)).key;
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== "missing_api_key") throw error;
    const how = "Sign in (POST /api/session), or send an admin key as Authorization: Bearer.";
    throw new GatewayError("missing_api_key", `Nobody is signed in, and this request carries no API key. ${how}`);
  }
}

/**
 * Finds out who calls: an API key where one is sent, else the session cookie. A key wins because a program sends it on
 * purpose, while a browser sends its cookie always. Throws 401 codes when nobody is found, `csrf_rejected` when a cookie
 * alone is behind a change that is not known to come from our page.
 */
export function authenticateAdmin(dependencies: AdminDependencies): MiddlewareHandler<AdminEnv> {
  return async function authenticateAdmin(context, next) {
    const { headers } = context.req.raw;
    const sentKey = ["authorization", "x-api-key", "x-goog-api-key"].some((name) => headers.has(name));
    if (sentKey || getCookie(context, SESSION_COOKIE) === undefined) {
      const key = presentedKey(context);
      const caller = await callerOfKey(key, whenceOf(context.req.raw), dependencies);
      const named = namedOrganization(context);
      if (named !== undefined && named !== caller.organizationId) throw noSuchOrganization();
      context.set("caller", { ...caller, origin: await originOf(headers, null, dependencies.secrets.masterKey) });
    } else {
      checkCsrf(context.req.raw);
      const signedIn = await readSignedIn(context, dependencies);
      if (!signedIn) throw notSignedIn();
      const origin = await originOf(headers, signedIn.sessionId, dependencies.secrets.masterKey);
      context.set("caller", { ...callerOfSession(signedIn), origin });
    }
    await next();
  };
}

/**
 * Whether the caller of a request would still be let in, for an answer that goes on for long. A Ledger or a database that is
 * away says nothing against anybody: that throws.
 */
export async function isStillLetIn(context: AdminContext, dependencies: AdminDependencies): Promise<boolean> {
  const { signedIn } = context.get("caller");
  if (signedIn) return standsStill({ database: dependencies.database, now: dependencies.now() }, signedIn);
  const { raw } = context.req;
  try {
    const { key } = readCredential(raw.headers, new URL(raw.url));
    return (await callerOfKey(key, whenceOf(raw), dependencies)).can.size > 0;
  } catch (error) {
    if (error instanceof GatewayError && error.code !== "ledger_unavailable") return false;
    throw error;
  }
}

export const notSignedIn = (): GatewayError => new GatewayError("not_signed_in", "Sign in first.");
