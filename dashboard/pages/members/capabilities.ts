import type { AdminPermission } from "../../../worker/api/admin/permissions.ts";

/** From the least to the most. */
export const ROLES = ["viewer", "member", "admin", "owner"] as const;

type Role = (typeof ROLES)[number];

interface Capability {
  /** Who has it. */
  roles: readonly Role[];
  /** What it is for the API; each of its permissions stands in one capability. None: the API asks for the role itself. */
  permissions: readonly AdminPermission[];
}

const MANAGERS = ["admin", "owner"] as const;

/**
 * What the roles may do, by the rows of the table that tells it. `test/unit/dashboard/capabilities.test.ts` holds it against the
 * API's own tables: neither changes alone.
 */
export const CAPABILITIES = {
  see: {
    roles: ROLES,
    permissions: [
      "own_requests:read",
      ...(["keys:read", "limits:read", "routes:read", "models:read", "prices:read", "webhooks:read"] as const),
      ...(["organizations:read", "members:read", "invites:read", "reconciliations:read"] as const),
      // One's own account.
      ...(["me:read", "me:write", "views:read", "views:write"] as const),
    ],
  },
  /** A member sees what their own keys used: of everybody's usage a viewer sees more. */
  usage: { roles: ["viewer", ...MANAGERS], permissions: ["requests:read"] },
  own: { roles: ["member", ...MANAGERS], permissions: ["own_keys:write", "playground:use"] },
  manage: {
    roles: MANAGERS,
    permissions: [
      ...(["keys:write", "limits:write", "routes:write", "models:write", "prices:write", "webhooks:write"] as const),
      ...(["organizations:write", "reconciliations:write"] as const),
    ],
  },
  audit: { roles: MANAGERS, permissions: ["audit:read"] },
  people: { roles: MANAGERS, permissions: ["invites:write", "members:write"] },
  owners: { roles: ["owner"], permissions: [] },
} as const satisfies Record<string, Capability>;

/** Whether a role has a capability. */
export const may = (role: Role, capability: keyof typeof CAPABILITIES): boolean =>
  (CAPABILITIES[capability].roles as readonly Role[]).includes(role);
