/**
 * Who may do what with the management API: each route needs one permission, `resource:action`, and each role is a set of
 * them. What is not in these tables is refused (`requirePermission`). They say nothing of where: a caller reaches the
 * organization it stands at and those below (`Actor`).
 */
import type { Role } from "../../canonical/role.ts";

const READ = [
  "invites:read",
  "keys:read",
  "limits:read",
  "members:read",
  "models:read",
  "organizations:read",
  "prices:read",
  "reconciliations:read",
  "routes:read",
  "webhooks:read",
  /** What was used, asked and answered, by one's own keys: statistics and log. */
  "own_requests:read",
] as const;

/** The same of everybody in the branch. */
const USAGE = ["requests:read"] as const;

/** One's own account: everybody who signs in has one, a key has none. */
const ACCOUNT = ["me:read", "me:write", "views:read", "views:write"] as const;

/** What a member does in the dashboard's playground, in its own name: a key has none. */
const PLAY = ["playground:use"] as const;

/** What `keys:write` may do with every key, for keys that the caller has made itself. */
const OWN = ["own_keys:write"] as const;

/** Who did what tells more than what is: not everybody who reads the rest reads it. */
const MANAGE = [
  "audit:read",
  "keys:write",
  "limits:write",
  "models:write",
  "organizations:write",
  "prices:write",
  "reconciliations:write",
  "routes:write",
  "webhooks:write",
] as const;

/** Who else may get in. No key may: what it lets in would stay when the key is revoked. */
const PEOPLE = ["invites:write", "members:write"] as const;

export type AdminPermission =
  | (typeof READ)[number]
  | (typeof USAGE)[number]
  | (typeof ACCOUNT)[number]
  | (typeof OWN)[number]
  | (typeof PLAY)[number]
  | (typeof MANAGE)[number]
  | (typeof PEOPLE)[number];

const viewer: readonly AdminPermission[] = [...READ, ...USAGE, ...ACCOUNT];
/** Whoever uses keys sees their own use; to look after the branch's is a viewer's task, or an administrator's. */
const member: readonly AdminPermission[] = [...READ, ...ACCOUNT, ...OWN, ...PLAY];
const admin: readonly AdminPermission[] = [...member, ...USAGE, ...MANAGE, ...PEOPLE];

/** What a role may do on its organization and below. */
export const ROLE_PERMISSIONS: Record<Role, ReadonlySet<AdminPermission>> = {
  viewer: new Set(viewer),
  member: new Set(member),
  admin: new Set(admin),
  /** What only owners do is with owners: nobody else gives or takes that role (`checkRank`). */
  owner: new Set(admin),
};

/** What an API key with the permission `admin` may do on its organization and below. */
export const ADMIN_KEY_PERMISSIONS: ReadonlySet<AdminPermission> = new Set<AdminPermission>([
  ...READ,
  ...USAGE,
  ...OWN,
  ...MANAGE,
]);

/** What each route behind the sign-in needs. */
export const ROUTE_PERMISSIONS: Readonly<Record<string, AdminPermission>> = {
  "GET /api/requests": "own_requests:read",
  "GET /api/requests/count": "own_requests:read",
  "GET /api/requests/facets": "own_requests:read",
  "GET /api/requests/histogram": "own_requests:read",
  "GET /api/requests/export": "own_requests:read",
  "GET /api/requests/live": "own_requests:read",
  "GET /api/requests/:id": "own_requests:read",
  "GET /api/refusals": "own_requests:read",

  "GET /api/organizations": "organizations:read",
  "POST /api/organizations": "organizations:write",
  "GET /api/organizations/:id": "organizations:read",
  "PATCH /api/organizations/:id": "organizations:write",
  "GET /api/organizations/:id/effective": "organizations:read",
  "GET /api/organizations/:id/impact": "organizations:read",
  "POST /api/organizations/:id/move": "organizations:write",
  "POST /api/organizations/:id/archive": "organizations:write",
  "POST /api/organizations/:id/restore": "organizations:write",
  "DELETE /api/organizations/:id": "organizations:write",

  "GET /api/attention": "limits:read",

  "GET /api/audit": "audit:read",
  "GET /api/audit/verify": "audit:read",
  "GET /api/audit/export": "audit:read",

  "GET /api/keys": "keys:read",
  "POST /api/keys": "own_keys:write",
  "GET /api/keys/:id": "keys:read",
  "GET /api/keys/:id/impact": "keys:read",
  "PATCH /api/keys/:id": "own_keys:write",
  "POST /api/keys/:id/disable": "own_keys:write",
  "POST /api/keys/:id/enable": "own_keys:write",
  "POST /api/keys/:id/rotate": "own_keys:write",
  "POST /api/keys/:id/end-overlap": "own_keys:write",
  "POST /api/keys/:id/move": "own_keys:write",
  "POST /api/keys/:id/revoke": "own_keys:write",
  "POST /api/keys/bulk": "own_keys:write",

  "GET /api/limits": "limits:read",
  "POST /api/limits": "limits:write",
  "POST /api/limits/simulate": "limits:read",
  "GET /api/limits/standings": "limits:read",
  "GET /api/limits/status": "limits:read",
  "GET /api/limits/:id": "limits:read",
  "PATCH /api/limits/:id": "limits:write",
  "DELETE /api/limits/:id": "limits:write",

  "GET /api/me": "me:read",
  "PATCH /api/me": "me:write",
  "POST /api/me/password": "me:write",
  "GET /api/me/sessions": "me:read",
  "DELETE /api/me/sessions": "me:write",
  "DELETE /api/me/sessions/:id": "me:write",
  "GET /api/me/second-factors": "me:read",
  "POST /api/me/confirm": "me:write",
  "POST /api/me/confirm/passkey": "me:write",
  // Nothing is stored before it is confirmed.
  "POST /api/me/totp": "me:read",
  "POST /api/me/totp/confirm": "me:write",
  "DELETE /api/me/totp": "me:write",
  "POST /api/me/recovery-codes": "me:write",
  "POST /api/me/passkeys/options": "me:read",
  "POST /api/me/passkeys": "me:write",
  "PATCH /api/me/passkeys/:id": "me:write",
  "DELETE /api/me/passkeys/:id": "me:write",

  "GET /api/members": "members:read",
  "GET /api/members/:id": "members:read",
  "PATCH /api/members/:id": "members:write",
  "DELETE /api/members/:id": "members:write",
  "POST /api/members/:id/reset": "members:write",
  // Where somebody is signed in is for those who may end it.
  "GET /api/members/:id/sessions": "members:write",
  "DELETE /api/members/:id/sessions": "members:write",
  "DELETE /api/members/:id/second-factors": "members:write",

  "GET /api/invites": "invites:read",
  "POST /api/invites": "invites:write",
  "DELETE /api/invites/:id": "invites:write",

  "POST /api/playground/token": "playground:use",

  "GET /api/views": "views:read",
  "POST /api/views": "views:write",
  "GET /api/views/:id": "views:read",
  "PATCH /api/views/:id": "views:write",
  "DELETE /api/views/:id": "views:write",

  "GET /api/models": "models:read",
  "POST /api/models": "models:write",
  "GET /api/models/sync": "models:read",
  "POST /api/models/sync": "models:write",
  "POST /api/models/bulk": "models:write",
  "GET /api/models/changes": "models:read",
  "POST /api/models/changes/accept": "models:write",
  "POST /api/models/changes/dismiss": "models:write",
  "POST /api/models/changes/restore": "models:write",
  "GET /api/models/:id": "models:read",
  "PATCH /api/models/:id": "models:write",
  "DELETE /api/models/:id": "models:write",

  "GET /api/prices": "prices:read",
  "POST /api/prices": "prices:write",
  "PATCH /api/prices/:id": "prices:write",
  "DELETE /api/prices/:id": "prices:write",
  "POST /api/prices/rerate": "prices:write",

  "GET /api/reconciliations": "reconciliations:read",
  "POST /api/reconciliations": "reconciliations:write",
  "POST /api/reconciliations/repair": "reconciliations:write",

  "GET /api/retention": "own_requests:read",
  "PUT /api/retention": "organizations:write",
  "POST /api/retention/erase": "organizations:write",

  "GET /api/routes": "routes:read",
  "PUT /api/routes": "routes:write",
  "GET /api/routes/effective": "routes:read",
  "POST /api/routes/dry-run": "routes:read",
  "GET /api/routes/:id": "routes:read",
  "DELETE /api/routes/:id": "routes:write",

  "GET /api/stats/summary": "own_requests:read",
  "GET /api/stats/series": "own_requests:read",
  "GET /api/stats/breakdown": "own_requests:read",
  "GET /api/stats/sessions": "own_requests:read",
  "POST /api/stats/what-if": "own_requests:read",

  "GET /api/targets": "routes:read",

  "GET /api/webhooks": "webhooks:read",
  "POST /api/webhooks": "webhooks:write",
  "GET /api/webhooks/:id": "webhooks:read",
  "PATCH /api/webhooks/:id": "webhooks:write",
  "DELETE /api/webhooks/:id": "webhooks:write",
  "POST /api/webhooks/:id/rotate": "webhooks:write",
  "POST /api/webhooks/:id/test": "webhooks:write",
  "GET /api/webhooks/:id/deliveries": "webhooks:read",
};
