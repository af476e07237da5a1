import type { RouteRow } from "../../organizations/records.ts";

/** A route as the API shows it. */
export const routeBody = (row: RouteRow) => ({
  id: row.id,
  organization_id: row.organizationId,
  name: row.name,
  strategy: row.strategy,
  targets: row.targets,
  timeouts: {
    headers_ms: row.timeouts.headers ?? null,
    first_token_ms: row.timeouts.firstToken ?? null,
    idle_ms: row.timeouts.idle ?? null,
    total_ms: row.timeouts.total ?? null,
  },
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
});
