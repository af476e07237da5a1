import type { Tenant } from "./support.ts";

/** A tenant, and what is its own. */
export type OtherTenant = Tenant &
  Record<"organization" | "key" | "request" | "limit" | "price" | "webhook" | "route", string>;

export const LIMIT = { metric: "cost", window: "day", amount: 1 };
export const PRICE = { model: "openai/own", price: { rates: { input: "1" } } };
export const PERIOD = { from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" };
export const ROUTE = { name: "fast", strategy: "ordered", targets: [{ model: "openai/gpt-4.1" }] };
export const WEBHOOK = { url: "https://example.com/hook" };

export interface RouteFacts {
  /** `key`: an admin key or a signed-in admin; `session`: the cookie only; `open`: anybody. */
  access: "key" | "session" | "open";
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
  "GET /api/organizations": { access: "key", path: "/api/organizations" },
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
  "POST /api/keys/:id/revoke": {
    access: "key",
    path: "/api/keys/key_000000000000/revoke",
    foreign: (other) => ({ path: `/api/keys/${other.key}/revoke` }),
  },
  "PATCH /api/organizations/:id": {
    access: "key",
    path: "/api/organizations/org_00000000",
    body: { name: "Other" },
    foreign: (other) => ({ path: `/api/organizations/${other.organization}`, body: { archived: true } }),
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
};
