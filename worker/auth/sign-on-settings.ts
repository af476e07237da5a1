import type { Settings } from "../env.ts";
import type { Random } from "../lib/random.ts";
import { createVerifier, type IdentityFetch } from "./identity.ts";
import { createOidc } from "./oidc.ts";
import type { SignOn } from "./sign-on.ts";

/** How people sign in at identity providers, from settings that have been checked; null where none is set up. */
export function signOnFrom(
  settings: Settings,
  { random, fetch }: { random: Random; fetch: IdentityFetch },
): SignOn | null {
  const rootId = settings.SIGN_ON_ORGANIZATION;
  if (rootId === undefined) return null;
  const { CF_ACCESS_TEAM_DOMAIN: team, CF_ACCESS_AUD: audience } = settings;
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = settings;
  const rules = Object.entries(settings.SIGN_ON_ROLES ?? {}).map(([value, { role, organizationId }]) => ({
    value: value.includes("@") ? value.toLowerCase() : value,
    organizationId: organizationId ?? rootId,
    role,
  }));
  return {
    rootId,
    contact: settings.SIGN_ON_CONTACT ?? null,
    rolesClaim: settings.OIDC_ROLES_CLAIM ?? "groups",
    rules,
    access: team === undefined || audience === undefined ? null : accessOf(team, audience, fetch),
    oidc:
      issuer === undefined || clientId === undefined || clientSecret === undefined
        ? null
        : createOidc({ issuer, clientId, clientSecret, sessionSecret: settings.SESSION_SECRET, random, fetch }),
  };
}

/** Cloudflare Access: its assertions, by the team's keys. It names addresses only after it has verified them. */
function accessOf(team: string, audience: string, fetch: IdentityFetch) {
  const issuer = /^https?:/i.test(team) ? team : `https://${team}`;
  const jwksUrl = `${issuer}/cdn-cgi/access/certs`;
  return createVerifier({ issuer, audience, jwksUrl, verifiesEmail: true, fetch });
}
