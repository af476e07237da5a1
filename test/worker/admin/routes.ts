import type { Tenant } from "./support.ts";

/** A tenant, and what is its own. */
export type OtherTenant = Tenant &
  Record<
    | "organization"
    | "key"
    | "request"
    | "limit"
    | "price"
    | "webhook"
    | "route"
    | "member"
    | "invite"
    | "session"
    | "passkey"
    | "view",
    string
  >;

export const LIMIT = { metric: "cost", window: "day", amount: 1 };
export const PRICE = { model: "openai/own", price: { rates: { input: "1" } } };
export const MODEL = { model: "openai/own", kind: "chat" };
export const DISABLE = { action: "disable", models: ["openai/gpt-6-sol"] };
export const SOME_CHANGES = { ids: ["chg_0000000000000000"] };
/** A model of the catalogue, as a path names it. */
export const SHIPPED = "openai%2Fgpt-6-sol";
export const PERIOD = { from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" };
export const ROUTE = { name: "fast", strategy: "ordered", targets: [{ model: "openai/gpt-4.1" }] };
export const WEBHOOK = { url: "https://example.com/hook" };

const NAMED = { id: "AA", rawId: "AA", type: "public-key" };
/** Of no passkey there is. */
export const CREDENTIAL = { ...NAMED, response: { clientDataJSON: "AA", authenticatorData: "AA", signature: "AA" } };
export const NEW_CREDENTIAL = { ...NAMED, response: { clientDataJSON: "AA", attestationObject: "AA" } };

export const VIEW = { name: "Mine", page: "logs", query: "from=-24h&status=4xx" };

export interface RouteFacts {
  /**
   * `key`: an admin key or a signed-in admin; `person`: a key is refused; `session`: a key is not even read; `open`:
   * anybody.
   */
  access: "key" | "person" | "session" | "open";
  /** A request that would be answered well. */
  path: string;
  body?: Record<string, unknown>;
  /** A body with a field of a wrong type, where it is not `name`, `token` or `email`. */
  wrongType?: Record<string, unknown>;
  /** The same request about something of another tenant: 404. */
  foreign?: (other: OtherTenant) => { path: string; body?: Record<string, unknown> };
}

/** Every route of the management API. One that is not here fails a test. */
export const ROUTES: Record<string, RouteFacts> = {
  "GET /api/setup": { access: "open", path: "/api/setup" },
  "POST /api/setup": { access: "open", path: "/api/setup", body: {} },
  "POST /api/session": { access: "open", path: "/api/session", body: {} },
  "GET /api/session": { access: "session", path: "/api/session" },
  "DELETE /api/session": { access: "session", path: "/api/session" },
  "GET /api/session/methods": { access: "open", path: "/api/session/methods" },
  "POST /api/session/access": { access: "open", path: "/api/session/access" },
  "POST /api/session/code": {
    access: "open",
    path: "/api/session/code",
    body: { code: "000000" },
    wrongType: { code: 1 },
  },
  "POST /api/session/passkey/options": { access: "open", path: "/api/session/passkey/options" },
  "POST /api/session/passkey": {
    access: "open",
    path: "/api/session/passkey",
    body: { credential: CREDENTIAL },
    wrongType: { credential: 1 },
  },
  "GET /api/session/oidc": { access: "open", path: "/api/session/oidc" },
  "GET /api/session/oidc/callback": { access: "open", path: "/api/session/oidc/callback" },
  "POST /api/invites/accept": {
    access: "open",
    path: "/api/invites/accept",
    body: { token: "x", password: "p" },
    wrongType: { token: 1 },
  },
  "POST /api/password/reset": {
    access: "open",
    path: "/api/password/reset",
    body: { token: "x", password: "p".repeat(12) },
    wrongType: { token: 1 },
  },
  "GET /api/me": { access: "person", path: "/api/me" },
  "PATCH /api/me": { access: "person", path: "/api/me", body: { name: "Other" } },
  "POST /api/me/password": {
    access: "person",
    path: "/api/me/password",
    body: { old_password: "x", new_password: "p".repeat(12) },
    wrongType: { old_password: 1 },
  },
  "GET /api/me/sessions": { access: "person", path: "/api/me/sessions" },
  "DELETE /api/me/sessions": { access: "person", path: "/api/me/sessions" },
  "DELETE /api/me/sessions/:id": {
    access: "person",
    path: "/api/me/sessions/ses_00000000000000000000",
    foreign: (other) => ({ path: `/api/me/sessions/${other.session}` }),
  },
  "GET /api/me/second-factors": { access: "person", path: "/api/me/second-factors" },
  "POST /api/me/confirm": {
    access: "person",
    path: "/api/me/confirm",
    body: { password: "x" },
    wrongType: { password: 1 },
  },
  "POST /api/me/confirm/passkey": {
    access: "person",
    path: "/api/me/confirm/passkey",
    body: { credential: CREDENTIAL },
    wrongType: { credential: 1 },
  },
  "POST /api/me/totp": { access: "person", path: "/api/me/totp" },
  "POST /api/me/totp/confirm": {
    access: "person",
    path: "/api/me/totp/confirm",
    body: { code: "000000" },
    wrongType: { code: 1 },
  },
  "DELETE /api/me/totp": { access: "person", path: "/api/me/totp" },
  "POST /api/me/recovery-codes": { access: "person", path: "/api/me/recovery-codes" },
  "POST /api/me/passkeys/options": { access: "person", path: "/api/me/passkeys/options" },
  "POST /api/me/passkeys": {
    access: "person",
    path: "/api/me/passkeys",
    body: { name: "Mine", credential: NEW_CREDENTIAL },
  },
  "PATCH /api/me/passkeys/:id": {
    access: "person",
    path: "/api/me/passkeys/pky_000000000000",
    body: { name: "Other" },
    foreign: (other) => ({ path: `/api/me/passkeys/${other.passkey}`, body: { name: "Other" } }),
  },
  "DELETE /api/me/passkeys/:id": {
    access: "person",
    path: "/api/me/passkeys/pky_000000000000",
    foreign: (other) => ({ path: `/api/me/passkeys/${other.passkey}` }),
  },
  "GET /api/members": {
    access: "key",
    path: "/api/members",
    foreign: (other) => ({ path: `/api/members?organization=${other.organization}` }),
  },
  "GET /api/members/:id": {
    access: "key",
    path: "/api/members/usr_000000000000",
    foreign: (other) => ({ path: `/api/members/${other.member}` }),
  },
  "PATCH /api/members/:id": {
    access: "person",
    path: "/api/members/usr_000000000000",
    body: { organization_id: "org_00000000", role: "viewer" },
    wrongType: { organization_id: 1 },
    foreign: (other) => ({
      path: `/api/members/${other.member}`,
      body: { organization_id: other.organization, role: "viewer" },
    }),
  },
  "DELETE /api/members/:id": {
    access: "person",
    path: "/api/members/usr_000000000000",
    foreign: (other) => ({ path: `/api/members/${other.member}` }),
  },
  "POST /api/members/:id/reset": {
    access: "person",
    path: "/api/members/usr_000000000000/reset",
    foreign: (other) => ({ path: `/api/members/${other.member}/reset` }),
  },
  "GET /api/members/:id/sessions": {
    access: "person",
    path: "/api/members/usr_000000000000/sessions",
    foreign: (other) => ({ path: `/api/members/${other.member}/sessions` }),
  },
  "DELETE /api/members/:id/sessions": {
    access: "person",
    path: "/api/members/usr_000000000000/sessions",
    foreign: (other) => ({ path: `/api/members/${other.member}/sessions?session=${other.session}` }),
  },
  "DELETE /api/members/:id/second-factors": {
    access: "person",
    path: "/api/members/usr_000000000000/second-factors",
    foreign: (other) => ({ path: `/api/members/${other.member}/second-factors` }),
  },
  "GET /api/invites": {
    access: "key",
    path: "/api/invites",
    foreign: (other) => ({ path: `/api/invites?organization=${other.organization}` }),
  },
  "POST /api/invites": {
    access: "person",
    path: "/api/invites",
    body: { role: "viewer", emails: ["a@example.com"] },
    wrongType: { organization_id: 1 },
    foreign: (other) => ({
      path: "/api/invites",
      body: { organization_id: other.organization, role: "viewer", emails: ["a@example.com"] },
    }),
  },
  "DELETE /api/invites/:id": {
    access: "person",
    path: "/api/invites/inv_000000000000",
    foreign: (other) => ({ path: `/api/invites/${other.invite}` }),
  },
  "GET /api/requests": {
    access: "key",
    path: "/api/requests",
    foreign: (other) => ({ path: `/api/requests?organization=${other.organization}` }),
  },
  "GET /api/requests/count": {
    access: "key",
    path: "/api/requests/count",
    foreign: (other) => ({ path: `/api/requests/count?key=${other.key}` }),
  },
  "GET /api/requests/facets": {
    access: "key",
    path: "/api/requests/facets",
    foreign: (other) => ({ path: `/api/requests/facets?key=${other.key}` }),
  },
  "GET /api/requests/histogram": {
    access: "key",
    path: "/api/requests/histogram",
    foreign: (other) => ({ path: `/api/requests/histogram?key=${other.key}` }),
  },
  "GET /api/requests/export": {
    access: "key",
    path: "/api/requests/export",
    foreign: (other) => ({ path: `/api/requests/export?organization=${other.organization}` }),
  },
  "GET /api/requests/live": {
    access: "key",
    path: "/api/requests/live",
    foreign: (other) => ({ path: `/api/requests/live?organization=${other.organization}` }),
  },
  "GET /api/requests/:id": {
    access: "key",
    path: "/api/requests/01ARZ3NDEKTSV4RRFFQ69G5FAV",
    foreign: (other) => ({ path: `/api/requests/${other.request}` }),
  },
  "GET /api/refusals": {
    access: "key",
    path: "/api/refusals",
    foreign: (other) => ({ path: `/api/refusals?key=${other.key}` }),
  },
  "GET /api/organizations": {
    access: "key",
    path: "/api/organizations",
    foreign: (other) => ({ path: `/api/organizations?parent=${other.organization}` }),
  },
  "POST /api/organizations": {
    access: "key",
    path: "/api/organizations",
    body: { name: "New" },
    foreign: (other) => ({ path: "/api/organizations", body: { name: "New", parent_id: other.organization } }),
  },
  "GET /api/organizations/:id": {
    access: "key",
    path: "/api/organizations/org_00000000",
    foreign: (other) => ({ path: `/api/organizations/${other.organization}` }),
  },
  "GET /api/keys": {
    access: "key",
    path: "/api/keys",
    foreign: (other) => ({ path: `/api/keys?organization=${other.organization}` }),
  },
  "POST /api/keys": {
    access: "key",
    path: "/api/keys",
    body: { name: "New" },
    foreign: (other) => ({ path: "/api/keys", body: { name: "New", organization_id: other.organization } }),
  },
  "GET /api/keys/:id": {
    access: "key",
    path: "/api/keys/key_000000000000",
    foreign: (other) => ({ path: `/api/keys/${other.key}` }),
  },
  "POST /api/keys/:id/move": {
    access: "key",
    path: "/api/keys/key_000000000000/move",
    body: { organization_id: "org_00000000" },
    wrongType: { organization_id: 1 },
    foreign: (other) => ({ path: `/api/keys/${other.key}/move`, body: { organization_id: other.organization } }),
  },
  "POST /api/keys/:id/revoke": {
    access: "key",
    path: "/api/keys/key_000000000000/revoke",
    foreign: (other) => ({ path: `/api/keys/${other.key}/revoke` }),
  },
  "POST /api/keys/bulk": {
    access: "key",
    path: "/api/keys/bulk",
    body: { action: "disable", ids: ["key_000000000000"] },
    wrongType: { action: "disable", ids: 1 },
  },
  "PATCH /api/keys/:id": {
    access: "key",
    path: "/api/keys/key_000000000000",
    body: { name: "Other" },
    foreign: (other) => ({ path: `/api/keys/${other.key}`, body: { name: "Other" } }),
  },
  "GET /api/keys/:id/impact": {
    access: "key",
    path: "/api/keys/key_000000000000/impact",
    foreign: (other) => ({ path: `/api/keys/${other.key}/impact` }),
  },
  "POST /api/keys/:id/disable": {
    access: "key",
    path: "/api/keys/key_000000000000/disable",
    foreign: (other) => ({ path: `/api/keys/${other.key}/disable` }),
  },
  "POST /api/keys/:id/enable": {
    access: "key",
    path: "/api/keys/key_000000000000/enable",
    foreign: (other) => ({ path: `/api/keys/${other.key}/enable` }),
  },
  "POST /api/keys/:id/rotate": {
    access: "key",
    path: "/api/keys/key_000000000000/rotate",
    body: { overlap_seconds: 0 },
    wrongType: { overlap_seconds: "0" },
    foreign: (other) => ({ path: `/api/keys/${other.key}/rotate`, body: { overlap_seconds: 0 } }),
  },
  "POST /api/keys/:id/end-overlap": {
    access: "key",
    path: "/api/keys/key_000000000000/end-overlap",
    foreign: (other) => ({ path: `/api/keys/${other.key}/end-overlap` }),
  },
  "PATCH /api/organizations/:id": {
    access: "key",
    path: "/api/organizations/org_00000000",
    body: { name: "Other" },
    foreign: (other) => ({ path: `/api/organizations/${other.organization}`, body: { archived: true } }),
  },
  "GET /api/organizations/:id/effective": {
    access: "key",
    path: "/api/organizations/org_00000000/effective",
    foreign: (other) => ({ path: `/api/organizations/${other.organization}/effective` }),
  },
  "GET /api/organizations/:id/impact": {
    access: "key",
    path: "/api/organizations/org_00000000/impact",
    foreign: (other) => ({ path: `/api/organizations/${other.organization}/impact` }),
  },
  "POST /api/organizations/:id/move": {
    access: "key",
    path: "/api/organizations/org_00000000/move",
    body: { parent_id: "org_00000000" },
    wrongType: { parent_id: 1 },
    foreign: (other) => ({
      path: `/api/organizations/${other.organization}/move`,
      body: { parent_id: other.organization, dry_run: false },
    }),
  },
  "POST /api/organizations/:id/archive": {
    access: "key",
    path: "/api/organizations/org_00000000/archive",
    foreign: (other) => ({ path: `/api/organizations/${other.organization}/archive` }),
  },
  "POST /api/organizations/:id/restore": {
    access: "key",
    path: "/api/organizations/org_00000000/restore",
    foreign: (other) => ({ path: `/api/organizations/${other.organization}/restore` }),
  },
  "DELETE /api/organizations/:id": {
    access: "key",
    path: "/api/organizations/org_00000000",
    foreign: (other) => ({ path: `/api/organizations/${other.organization}` }),
  },
  "GET /api/audit": {
    access: "key",
    path: "/api/audit",
    foreign: (other) => ({ path: `/api/audit?organization=${other.organization}` }),
  },
  "GET /api/audit/verify": { access: "key", path: "/api/audit/verify" },
  "GET /api/audit/export": {
    access: "key",
    path: "/api/audit/export",
    foreign: (other) => ({ path: `/api/audit/export?organization=${other.organization}` }),
  },
  "GET /api/limits": {
    access: "key",
    path: "/api/limits",
    foreign: (other) => ({ path: `/api/limits?key=${other.key}` }),
  },
  "POST /api/limits": {
    access: "key",
    path: "/api/limits",
    body: { ...LIMIT, key_id: "key_000000000000" },
    wrongType: { organization_id: 1 },
    foreign: (other) => ({ path: "/api/limits", body: { ...LIMIT, organization_id: other.organization } }),
  },
  "GET /api/attention": {
    access: "key",
    path: "/api/attention",
    foreign: (other) => ({ path: `/api/attention?organization=${other.organization}` }),
  },
  "POST /api/limits/simulate": {
    access: "key",
    path: "/api/limits/simulate",
    body: { ...LIMIT, organization_id: "org_00000000" },
    wrongType: { organization_id: 1 },
    foreign: (other) => ({
      path: "/api/limits/simulate",
      body: { ...LIMIT, organization_id: other.organization },
    }),
  },
  "GET /api/limits/standings": {
    access: "key",
    path: "/api/limits/standings",
    foreign: (other) => ({ path: `/api/limits/standings?organization=${other.organization}` }),
  },
  "GET /api/limits/status": {
    access: "key",
    path: "/api/limits/status",
    foreign: (other) => ({ path: `/api/limits/status?key=${other.key}` }),
  },
  "GET /api/limits/:id": {
    access: "key",
    path: "/api/limits/lim_000000000000",
    foreign: (other) => ({ path: `/api/limits/${other.limit}` }),
  },
  "PATCH /api/limits/:id": {
    access: "key",
    path: "/api/limits/lim_000000000000",
    body: { amount: 2 },
    wrongType: { thresholds: 1 },
    foreign: (other) => ({ path: `/api/limits/${other.limit}`, body: { amount: 2 } }),
  },
  "DELETE /api/limits/:id": {
    access: "key",
    path: "/api/limits/lim_000000000000",
    foreign: (other) => ({ path: `/api/limits/${other.limit}` }),
  },
  "GET /api/models": {
    access: "key",
    path: "/api/models",
    foreign: (other) => ({ path: `/api/models?organization=${other.organization}` }),
  },
  "POST /api/models": { access: "key", path: "/api/models", body: MODEL, wrongType: { model: 1 } },
  "GET /api/models/sync": { access: "key", path: "/api/models/sync" },
  "POST /api/models/sync": { access: "key", path: "/api/models/sync" },
  "POST /api/models/bulk": {
    access: "key",
    path: "/api/models/bulk",
    body: DISABLE,
    wrongType: { action: "enable", models: 1 },
    foreign: (other) => ({ path: "/api/models/bulk", body: { ...DISABLE, organization_id: other.organization } }),
  },
  "GET /api/models/changes": { access: "key", path: "/api/models/changes" },
  "POST /api/models/changes/accept": {
    access: "key",
    path: "/api/models/changes/accept",
    body: SOME_CHANGES,
    wrongType: { ids: 1 },
  },
  "POST /api/models/changes/dismiss": {
    access: "key",
    path: "/api/models/changes/dismiss",
    body: SOME_CHANGES,
    wrongType: { ids: 1 },
  },
  "POST /api/models/changes/restore": {
    access: "key",
    path: "/api/models/changes/restore",
    body: SOME_CHANGES,
    wrongType: { ids: 1 },
  },
  "GET /api/models/:id": {
    access: "key",
    path: `/api/models/${SHIPPED}`,
    foreign: (other) => ({ path: `/api/models/${SHIPPED}?organization=${other.organization}` }),
  },
  "PATCH /api/models/:id": {
    access: "key",
    path: `/api/models/${SHIPPED}`,
    body: { context_window: 1_000 },
    wrongType: { context_window: "x" },
  },
  "DELETE /api/models/:id": { access: "key", path: `/api/models/${SHIPPED}` },
  "GET /api/prices": {
    access: "key",
    path: "/api/prices",
    foreign: (other) => ({ path: `/api/prices?organization=${other.organization}` }),
  },
  "POST /api/prices": {
    access: "key",
    path: "/api/prices",
    body: PRICE,
    wrongType: { organization_id: 1 },
    foreign: (other) => ({ path: "/api/prices", body: { ...PRICE, organization_id: other.organization } }),
  },
  "PATCH /api/prices/:id": {
    access: "key",
    path: "/api/prices/prc_000000000000",
    body: { valid_until: null },
    wrongType: { valid_until: 1 },
    foreign: (other) => ({ path: `/api/prices/${other.price}`, body: { valid_until: "2027-01-01T00:00:00Z" } }),
  },
  "DELETE /api/prices/:id": {
    access: "key",
    path: "/api/prices/prc_000000000000",
    foreign: (other) => ({ path: `/api/prices/${other.price}` }),
  },
  "GET /api/routes": {
    access: "key",
    path: "/api/routes",
    foreign: (other) => ({ path: `/api/routes?organization=${other.organization}` }),
  },
  "PUT /api/routes": {
    access: "key",
    path: "/api/routes",
    body: ROUTE,
    wrongType: { organization_id: 1 },
    foreign: (other) => ({ path: "/api/routes", body: { ...ROUTE, organization_id: other.organization } }),
  },
  "GET /api/routes/effective": {
    access: "key",
    path: "/api/routes/effective",
    foreign: (other) => ({ path: `/api/routes/effective?organization=${other.organization}` }),
  },
  "POST /api/routes/dry-run": {
    access: "key",
    path: "/api/routes/dry-run",
    body: { model: "openai/x" },
    wrongType: { organization_id: 1 },
    foreign: (other) => ({
      path: "/api/routes/dry-run",
      body: { model: "openai/x", organization_id: other.organization },
    }),
  },
  "GET /api/routes/:id": {
    access: "key",
    path: "/api/routes/rte_000000000000",
    foreign: (other) => ({ path: `/api/routes/${other.route}` }),
  },
  "DELETE /api/routes/:id": {
    access: "key",
    path: "/api/routes/rte_000000000000",
    foreign: (other) => ({ path: `/api/routes/${other.route}` }),
  },
  "GET /api/targets": {
    access: "key",
    path: "/api/targets",
    foreign: (other) => ({ path: `/api/targets?organization=${other.organization}` }),
  },
  "POST /api/playground/token": {
    access: "person",
    path: "/api/playground/token",
    body: { organization_id: "org_00000000" },
    wrongType: { organization_id: 1 },
    foreign: (other) => ({ path: "/api/playground/token", body: { organization_id: other.organization } }),
  },
  "GET /api/views": { access: "person", path: "/api/views" },
  "POST /api/views": {
    access: "person",
    path: "/api/views",
    body: VIEW,
    foreign: (other) => ({ path: "/api/views", body: { ...VIEW, organization_id: other.organization } }),
  },
  "GET /api/views/:id": {
    access: "person",
    path: "/api/views/viw_000000000000",
    foreign: (other) => ({ path: `/api/views/${other.view}` }),
  },
  "PATCH /api/views/:id": {
    access: "person",
    path: "/api/views/viw_000000000000",
    body: { name: "Other" },
    foreign: (other) => ({ path: `/api/views/${other.view}`, body: { name: "Other" } }),
  },
  "DELETE /api/views/:id": {
    access: "person",
    path: "/api/views/viw_000000000000",
    foreign: (other) => ({ path: `/api/views/${other.view}` }),
  },
  "GET /api/webhooks": {
    access: "key",
    path: "/api/webhooks",
    foreign: (other) => ({ path: `/api/webhooks?organization=${other.organization}` }),
  },
  "POST /api/webhooks": {
    access: "key",
    path: "/api/webhooks",
    body: WEBHOOK,
    wrongType: { organization_id: 1 },
    foreign: (other) => ({ path: "/api/webhooks", body: { ...WEBHOOK, organization_id: other.organization } }),
  },
  "GET /api/webhooks/:id": {
    access: "key",
    path: "/api/webhooks/whk_000000000000",
    foreign: (other) => ({ path: `/api/webhooks/${other.webhook}` }),
  },
  "PATCH /api/webhooks/:id": {
    access: "key",
    path: "/api/webhooks/whk_000000000000",
    body: { disabled: true },
    wrongType: { url: 1 },
    foreign: (other) => ({ path: `/api/webhooks/${other.webhook}`, body: { disabled: true } }),
  },
  "DELETE /api/webhooks/:id": {
    access: "key",
    path: "/api/webhooks/whk_000000000000",
    foreign: (other) => ({ path: `/api/webhooks/${other.webhook}` }),
  },
  "POST /api/webhooks/:id/rotate": {
    access: "key",
    path: "/api/webhooks/whk_000000000000/rotate",
    foreign: (other) => ({ path: `/api/webhooks/${other.webhook}/rotate` }),
  },
  "POST /api/webhooks/:id/test": {
    access: "key",
    path: "/api/webhooks/whk_000000000000/test",
    foreign: (other) => ({ path: `/api/webhooks/${other.webhook}/test` }),
  },
  "GET /api/webhooks/:id/deliveries": {
    access: "key",
    path: "/api/webhooks/whk_000000000000/deliveries",
    foreign: (other) => ({ path: `/api/webhooks/${other.webhook}/deliveries` }),
  },
  "POST /api/prices/rerate": {
    access: "key",
    path: "/api/prices/rerate",
    body: PERIOD,
    wrongType: { from: 1 },
    foreign: (other) => ({ path: "/api/prices/rerate", body: { ...PERIOD, organization_id: other.organization } }),
  },
  "GET /api/stats/summary": {
    access: "key",
    path: "/api/stats/summary",
    foreign: (other) => ({ path: `/api/stats/summary?key=${other.key}` }),
  },
  "GET /api/stats/series": {
    access: "key",
    path: "/api/stats/series",
    foreign: (other) => ({ path: `/api/stats/series?key=${other.key}` }),
  },
  "GET /api/stats/breakdown": {
    access: "key",
    path: "/api/stats/breakdown?group=model",
    foreign: (other) => ({ path: `/api/stats/breakdown?group=model&key=${other.key}` }),
  },
  "GET /api/stats/sessions": {
    access: "key",
    path: "/api/stats/sessions",
    foreign: (other) => ({ path: `/api/stats/sessions?organization=${other.organization}` }),
  },
  "POST /api/stats/what-if": {
    access: "key",
    path: "/api/stats/what-if",
    body: { ...PERIOD, model: "openai/o3" },
    wrongType: { from: 1 },
    foreign: (other) => ({
      path: "/api/stats/what-if",
      body: { ...PERIOD, model: "openai/o3", scope: { organization: other.organization } },
    }),
  },
  "GET /api/reconciliations": { access: "key", path: "/api/reconciliations" },
  "POST /api/reconciliations": { access: "key", path: "/api/reconciliations" },
  "POST /api/reconciliations/repair": {
    access: "key",
    path: "/api/reconciliations/repair",
    body: PERIOD,
    wrongType: { from: 1 },
  },
  "GET /api/retention": { access: "key", path: "/api/retention" },
  "PUT /api/retention": {
    access: "key",
    path: "/api/retention",
    body: { days: 100 },
    wrongType: { days: "100" },
  },
  "POST /api/retention/erase": {
    access: "key",
    path: "/api/retention/erase",
    body: { end_user: "ada" },
    wrongType: { end_user: 1 },
  },
};
