import type { Permission } from "../state/account.tsx";
import type { Key } from "../text/keys.ts";

/** A place one can go to from anywhere. */
export interface Destination {
  path: string;
  name: Key;
  /** Two keys, one after the other. */
  keys: string;
  /** What its reader must be allowed to do; it is not shown to others. */
  permission: Permission;
}

export const GROUPS: readonly { name: Key | null; destinations: readonly Destination[] }[] = [
  {
    name: null,
    destinations: [
      { path: "/", name: "shell.nav.overview", keys: "g o", permission: "own_requests:read" },
      { path: "/logs", name: "shell.nav.logs", keys: "g l", permission: "own_requests:read" },
      { path: "/usage", name: "shell.nav.usage", keys: "g u", permission: "own_requests:read" },
      { path: "/sessions", name: "shell.nav.sessions", keys: "g i", permission: "own_requests:read" },
      { path: "/start", name: "shell.nav.start", keys: "g h", permission: "own_keys:write" },
      { path: "/play", name: "shell.nav.playground", keys: "g p", permission: "playground:use" },
    ],
  },
  {
    name: "shell.nav.access",
    destinations: [
      { path: "/keys", name: "shell.nav.keys", keys: "g k", permission: "keys:read" },
      { path: "/orgs", name: "shell.nav.organizations", keys: "g n", permission: "organizations:read" },
      { path: "/members", name: "shell.nav.members", keys: "g e", permission: "members:read" },
      { path: "/budgets", name: "shell.nav.budgets", keys: "g b", permission: "limits:read" },
    ],
  },
  {
    name: "shell.nav.gateway",
    destinations: [
      { path: "/routes", name: "shell.nav.routes", keys: "g r", permission: "routes:read" },
      { path: "/models", name: "shell.nav.models", keys: "g m", permission: "models:read" },
    ],
  },
  {
    name: "shell.nav.system",
    destinations: [
      { path: "/audit", name: "shell.nav.audit", keys: "g a", permission: "audit:read" },
      { path: "/settings", name: "shell.nav.settings", keys: "g s", permission: "organizations:read" },
    ],
  },
];
