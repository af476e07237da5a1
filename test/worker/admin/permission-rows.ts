import type { Role } from "../../../worker/canonical/role.ts";
import {
  CREDENTIAL,
  DISABLE,
  LIMIT,
  NEW_CREDENTIAL,
  PERIOD,
  PRICE,
  ROUTE,
  SHIPPED,
  SOME_CHANGES,
  VIEW,
  WEBHOOK,
} from "./routes.ts";

/** Makes things in one branch of a tenant's tree, and answers their ids. */
export interface Makes {
  organization: string;
  child(): Promise<string>;
  key(): Promise<string>;
  limit(): Promise<string>;
  price(): Promise<string>;
  route(): Promise<string>;
  webhook(): Promise<string>;
  /** Somebody else's, shared with the branch. */
  view(): Promise<string>;
  request(): Promise<string>;
  member(): Promise<string>;
  invite(): Promise<string>;
}

interface Call {
  path: string;
  body?: unknown;
}

export interface PermissionRow {
  /** The role that is needed, on an organization or above it. Nobody else passes; `open` asks for nothing. */
  least: Role | "open";
  /** Whether an admin key passes. */
  adminKey: boolean;
  /** Who stands below the root does not pass, whatever their role. */
  atRoot?: true;
  /** With this role, or these, one passes only for what is one's own. */
  ownOnly?: Role | readonly Role[];
  /** With this role one sees only what is one's own: nothing else is found. */
  ownSeen?: Role;
  /** What is answered to whoever passes, where it is no success. */
  allowed?: string;
  /** A request about something of a branch; another branch's and another tenant's are not found. */
  of?: (makes: Makes) => Call | Promise<Call>;
  /** A request about nothing in particular, where there is no other. */
  call?: Call;
}

const read = (of: NonNullable<PermissionRow["of"]>): PermissionRow => ({ least: "viewer", adminKey: true, of });
const manage = (of: NonNullable<PermissionRow["of"]>): PermissionRow => ({ least: "admin", adminKey: true, of });
/** No key lets people in. */
const people = (of: NonNullable<PermissionRow["of"]>): PermissionRow => ({ least: "admin", adminKey: false, of });
/** A key has no account. */
const account = (path: string, body?: object): PermissionRow => ({
  ...{ least: "viewer", adminKey: false },
  call: body ? { path, body } : { path },
});
/** A member does it to keys of its own. */
const ownKey = (act: string, body?: object): PermissionRow => ({
  ...{ least: "member", adminKey: true, ownOnly: "member" },
  of: async (make) => ({ path: `/api/keys/${await make.key()}${act}`, ...(body && { body }) }),
});
/** Everybody does it to views of their own, an administrator to what others have shared. */
const anothersView = (body?: object): PermissionRow => ({
  ...{ least: "viewer", adminKey: false, ownOnly: ["viewer", "member"] },
  of: async (make) => ({ path: `/api/views/${await make.view()}`, ...(body && { body }) }),
});
const root = (row: PermissionRow): PermissionRow => ({ ...row, atRoot: true });
/** What is made of providers' lists is for the root. */
const changes = (act: string): PermissionRow => ({
  ...{ least: "admin", adminKey: true, atRoot: true },
  call: { path: `/api/models/changes/${act}`, body: SOME_CHANGES },
});
const open: PermissionRow = { least: "open", adminKey: true };
const list = (path: string) => read(({ organization }) => ({ path: `${path}?organization=${organization}` }));

/** Who passes each route, said once more and apart from the tables that decide it. */
export const PERMISSION_ROWS: Record<string, PermissionRow> = {
  "GET /api/setup": open,
  "POST /api/setup": open,
  "POST /api/session": open,
  "GET /api/session": open,
  "DELETE /api/session": open,

  "GET /api/session/methods": open,
  "POST /api/session/access": open,
  "POST /api/session/code": open,
  "POST /api/session/passkey/options": open,
  "POST /api/session/passkey": open,
  "GET /api/session/oidc": open,
  "GET /api/session/oidc/callback": open,
  "POST /api/invites/accept": open,
  "POST /api/password/reset": open,

  "GET /api/me": account("/api/me"),
  "PATCH /api/me": account("/api/me", { name: "Me" }),
  "POST /api/me/password": {
    ...account("/api/me/password", { old_password: "not the password", new_password: "p".repeat(12) }),
    allowed: "400 invalid_value",
  },
  "GET /api/me/sessions": account("/api/me/sessions"),
  "DELETE /api/me/sessions": account("/api/me/sessions"),
  "DELETE /api/me/sessions/:id": {
    ...account("/api/me/sessions/ses_00000000000000000000"),
    allowed: "404 not_found",
  },
  "GET /api/me/second-factors": account("/api/me/second-factors"),
  "POST /api/me/confirm": {
    ...account("/api/me/confirm", { password: "not the password" }),
    allowed: "400 invalid_value",
  },
  "POST /api/me/confirm/passkey": {
    ...account("/api/me/confirm/passkey", { credential: CREDENTIAL }),
    allowed: "400 invalid_value",
  },
  "POST /api/me/totp": account("/api/me/totp"),
  "POST /api/me/totp/confirm": { ...account("/api/me/totp/confirm", { code: "000000" }), allowed: "409 conflict" },
  "DELETE /api/me/totp": { ...account("/api/me/totp"), allowed: "404 not_found" },
  "POST /api/me/recovery-codes": { ...account("/api/me/recovery-codes"), allowed: "409 conflict" },
  "POST /api/me/passkeys/options": account("/api/me/passkeys/options"),
  "POST /api/me/passkeys": {
    ...account("/api/me/passkeys", { name: "Mine", credential: NEW_CREDENTIAL }),
    allowed: "409 conflict",
  },
  "PATCH /api/me/passkeys/:id": {
    ...account("/api/me/passkeys/pky_000000000000", { name: "Mine" }),
    allowed: "404 not_found",
  },
  "DELETE /api/me/passkeys/:id": { ...account("/api/me/passkeys/pky_000000000000"), allowed: "404 not_found" },

  "GET /api/members": list("/api/members"),
  "GET /api/members/:id": read(async (make) => ({ path: `/api/members/${await make.member()}` })),
  "PATCH /api/members/:id": people(async (make) => ({
    path: `/api/members/${await make.member()}`,
    body: { organization_id: make.organization, role: "viewer" },
  })),
  "DELETE /api/members/:id": people(async (make) => ({ path: `/api/members/${await make.member()}` })),
  "POST /api/members/:id/reset": people(async (make) => ({ path: `/api/members/${await make.member()}/reset` })),
  "GET /api/members/:id/sessions": people(async (make) => ({ path: `/api/members/${await make.member()}/sessions` })),
  "DELETE /api/members/:id/sessions": people(async (make) => ({
    path: `/api/members/${await make.member()}/sessions`,
  })),
  "DELETE /api/members/:id/second-factors": {
    ...people(async (make) => ({ path: `/api/members/${await make.member()}/second-factors` })),
    allowed: "409 conflict",
  },

  "GET /api/invites": list("/api/invites"),
  "POST /api/invites": people(({ organization }) => ({
    path: "/api/invites",
    body: { organization_id: organization, role: "member", emails: ["guest@example.com"] },
  })),
  "DELETE /api/invites/:id": people(async (make) => ({ path: `/api/invites/${await make.invite()}` })),

  "GET /api/requests": list("/api/requests"),
  "GET /api/requests/count": list("/api/requests/count"),
  "GET /api/requests/facets": list("/api/requests/facets"),
  "GET /api/requests/histogram": list("/api/requests/histogram"),
  "GET /api/requests/export": list("/api/requests/export"),
  "GET /api/requests/live": list("/api/requests/live"),
  "GET /api/refusals": list("/api/refusals"),
  "GET /api/requests/:id": {
    ...read(async (make) => ({ path: `/api/requests/${await make.request()}` })),
    ownSeen: "member",
  },

  "GET /api/organizations": { least: "viewer", adminKey: true, call: { path: "/api/organizations" } },
  "POST /api/organizations": manage(({ organization }) => ({
    path: "/api/organizations",
    body: { name: "New", parent_id: organization },
  })),
  "GET /api/organizations/:id": read(({ organization }) => ({ path: `/api/organizations/${organization}` })),
  "PATCH /api/organizations/:id": manage(async (make) => ({
    path: `/api/organizations/${await make.child()}`,
    body: { name: "Renamed" },
  })),
  "GET /api/organizations/:id/effective": read(({ organization }) => ({
    path: `/api/organizations/${organization}/effective`,
  })),
  "GET /api/organizations/:id/impact": read(({ organization }) => ({
    path: `/api/organizations/${organization}/impact`,
  })),
  "POST /api/organizations/:id/move": manage(async (make) => ({
    path: `/api/organizations/${await make.child()}/move`,
    body: { parent_id: await make.child(), dry_run: true },
  })),
  "POST /api/organizations/:id/archive": manage(async (make) => ({
    path: `/api/organizations/${await make.child()}/archive`,
  })),
  "POST /api/organizations/:id/restore": manage(async (make) => ({
    path: `/api/organizations/${await make.child()}/restore`,
  })),
  "DELETE /api/organizations/:id": manage(async (make) => ({ path: `/api/organizations/${await make.child()}` })),

  "GET /api/audit": manage(({ organization }) => ({ path: `/api/audit?organization=${organization}` })),
  "GET /api/audit/verify": root({ least: "admin", adminKey: true, call: { path: "/api/audit/verify" } }),
  "GET /api/audit/export": manage(({ organization }) => ({ path: `/api/audit/export?organization=${organization}` })),

  "GET /api/keys": list("/api/keys"),
  "POST /api/keys": {
    least: "member",
    adminKey: true,
    of: ({ organization }) => ({ path: "/api/keys", body: { name: "New", organization_id: organization } }),
  },
  "GET /api/keys/:id": read(async (make) => ({ path: `/api/keys/${await make.key()}` })),
  "GET /api/keys/:id/impact": read(async (make) => ({ path: `/api/keys/${await make.key()}/impact` })),
  "PATCH /api/keys/:id": ownKey("", { name: "Other" }),
  "POST /api/keys/:id/disable": ownKey("/disable"),
  "POST /api/keys/:id/enable": ownKey("/enable"),
  "POST /api/keys/:id/rotate": ownKey("/rotate", { overlap_seconds: 0 }),
  "POST /api/keys/:id/end-overlap": ownKey("/end-overlap"),
  "POST /api/keys/:id/move": {
    ...{ least: "member", adminKey: true, ownOnly: "member" },
    of: async (make) => ({
      path: `/api/keys/${await make.key()}/move`,
      body: { organization_id: make.organization, dry_run: false },
    }),
  },
  "POST /api/keys/:id/revoke": ownKey("/revoke"),
  // What becomes of each key is told for each.
  "POST /api/keys/bulk": {
    ...{ least: "member", adminKey: true },
    call: { path: "/api/keys/bulk", body: { action: "disable", ids: ["key_000000000000"] } },
  },

  "GET /api/limits": list("/api/limits"),
  "POST /api/limits": manage(async (make) => ({ path: "/api/limits", body: { ...LIMIT, key_id: await make.key() } })),
  "GET /api/attention": list("/api/attention"),
  "POST /api/limits/simulate": read(({ organization }) => ({
    path: "/api/limits/simulate",
    body: { ...LIMIT, organization_id: organization },
  })),
  "GET /api/limits/standings": list("/api/limits/standings"),
  "GET /api/limits/status": list("/api/limits/status"),
  "GET /api/limits/:id": read(async (make) => ({ path: `/api/limits/${await make.limit()}` })),
  "PATCH /api/limits/:id": manage(async (make) => ({
    path: `/api/limits/${await make.limit()}`,
    body: { amount: 2 },
  })),
  "DELETE /api/limits/:id": manage(async (make) => ({ path: `/api/limits/${await make.limit()}` })),

  "GET /api/models": list("/api/models"),
  "POST /api/models": root({
    ...{ least: "admin", adminKey: true },
    call: { path: "/api/models", body: { model: "openai/not-known" } },
  }),
  "GET /api/models/sync": root({ least: "viewer", adminKey: true, call: { path: "/api/models/sync" } }),
  "POST /api/models/sync": root({ least: "admin", adminKey: true, call: { path: "/api/models/sync" } }),
  "POST /api/models/bulk": manage(({ organization }) => ({
    path: "/api/models/bulk",
    body: { ...DISABLE, organization_id: organization },
  })),
  "GET /api/models/changes": root({ least: "viewer", adminKey: true, call: { path: "/api/models/changes" } }),
  "POST /api/models/changes/accept": changes("accept"),
  "POST /api/models/changes/dismiss": changes("dismiss"),
  "POST /api/models/changes/restore": changes("restore"),
  "GET /api/models/:id": read(({ organization }) => ({
    path: `/api/models/${SHIPPED}?organization=${organization}`,
  })),
  "PATCH /api/models/:id": root({
    ...{ least: "admin", adminKey: true },
    call: { path: `/api/models/${SHIPPED}`, body: { context_window: 1_000 } },
  }),
  "DELETE /api/models/:id": root({ least: "admin", adminKey: true, call: { path: `/api/models/${SHIPPED}` } }),

  "GET /api/prices": list("/api/prices"),
  "POST /api/prices": root(
    manage(({ organization }) => ({ path: "/api/prices", body: { ...PRICE, organization_id: organization } })),
  ),
  "PATCH /api/prices/:id": root(
    manage(async (make) => ({ path: `/api/prices/${await make.price()}`, body: { valid_until: null } })),
  ),
  "DELETE /api/prices/:id": root(manage(async (make) => ({ path: `/api/prices/${await make.price()}` }))),
  "POST /api/prices/rerate": manage(({ organization }) => ({
    path: "/api/prices/rerate",
    body: { ...PERIOD, organization_id: organization, dry_run: true },
  })),

  "GET /api/reconciliations": root({ least: "viewer", adminKey: true, call: { path: "/api/reconciliations" } }),
  "POST /api/reconciliations": root({ least: "admin", adminKey: true, call: { path: "/api/reconciliations" } }),
  "POST /api/reconciliations/repair": root({
    least: "admin",
    adminKey: true,
    call: { path: "/api/reconciliations/repair", body: PERIOD },
  }),

  "GET /api/retention": root({ least: "viewer", adminKey: true, call: { path: "/api/retention" } }),
  "PUT /api/retention": root({
    least: "admin",
    adminKey: true,
    call: { path: "/api/retention", body: { days: 100 } },
  }),
  "POST /api/retention/erase": root({
    least: "admin",
    adminKey: true,
    call: { path: "/api/retention/erase", body: { end_user: "ada" } },
  }),

  "GET /api/routes": list("/api/routes"),
  "PUT /api/routes": manage(({ organization }) => ({
    path: "/api/routes",
    body: { ...ROUTE, organization_id: organization },
  })),
  "GET /api/routes/effective": list("/api/routes/effective"),
  "POST /api/routes/dry-run": read(({ organization }) => ({
    path: "/api/routes/dry-run",
    body: { model: "openai/gpt-4.1", organization_id: organization },
  })),
  "GET /api/routes/:id": read(async (make) => ({ path: `/api/routes/${await make.route()}` })),
  "DELETE /api/routes/:id": manage(async (make) => ({ path: `/api/routes/${await make.route()}` })),

  "GET /api/targets": list("/api/targets"),

  "GET /api/stats/summary": list("/api/stats/summary"),
  "GET /api/stats/series": list("/api/stats/series"),
  "GET /api/stats/breakdown": read(({ organization }) => ({
    path: `/api/stats/breakdown?group=model&organization=${organization}`,
  })),
  "GET /api/stats/sessions": list("/api/stats/sessions"),
  "POST /api/stats/what-if": read(({ organization }) => ({
    path: "/api/stats/what-if",
    body: { ...PERIOD, model: "openai/o3", scope: { organization } },
  })),

  "POST /api/playground/token": {
    ...{ least: "member", adminKey: false },
    of: ({ organization }) => ({ path: "/api/playground/token", body: { organization_id: organization } }),
  },

  "GET /api/views": account("/api/views"),
  "POST /api/views": account("/api/views", VIEW),
  "GET /api/views/:id": {
    ...{ least: "viewer", adminKey: false },
    of: async (make) => ({ path: `/api/views/${await make.view()}` }),
  },
  "PATCH /api/views/:id": anothersView({ name: "Ours" }),
  "DELETE /api/views/:id": anothersView(),

  "GET /api/webhooks": list("/api/webhooks"),
  "POST /api/webhooks": manage(({ organization }) => ({
    path: "/api/webhooks",
    body: { ...WEBHOOK, organization_id: organization },
  })),
  "GET /api/webhooks/:id": read(async (make) => ({ path: `/api/webhooks/${await make.webhook()}` })),
  "PATCH /api/webhooks/:id": manage(async (make) => ({
    path: `/api/webhooks/${await make.webhook()}`,
    body: { disabled: true },
  })),
  "DELETE /api/webhooks/:id": manage(async (make) => ({ path: `/api/webhooks/${await make.webhook()}` })),
  "POST /api/webhooks/:id/rotate": manage(async (make) => ({ path: `/api/webhooks/${await make.webhook()}/rotate` })),
  "POST /api/webhooks/:id/test": manage(async (make) => ({ path: `/api/webhooks/${await make.webhook()}/test` })),
  "GET /api/webhooks/:id/deliveries": read(async (make) => ({
    path: `/api/webhooks/${await make.webhook()}/deliveries`,
  })),
};
