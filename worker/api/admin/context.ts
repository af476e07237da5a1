import type { Context } from "hono";
import type { Jurisdiction } from "../../auth/api-key.ts";
import type { SignedIn } from "../../auth/session.ts";
import type { Actor } from "../../organizations/actor.ts";
import type { AdminPermission } from "./permissions.ts";

/** Who calls the management API: an actor, what it may do, and how it showed who it is. */
export interface Caller extends Actor {
  jurisdiction: Jurisdiction;
  can: ReadonlySet<AdminPermission>;
  /** Set for somebody signed in with a cookie, null for a key. */
  signedIn: SignedIn | null;
}

/** What the management API's handlers read from Hono's context. */
export interface AdminEnv {
  Variables: {
    /** ULID; the answer's `x-request-id`. */
    requestId: string;
    /** Set by `authenticateAdmin`. */
    caller: Caller;
  };
}

export type AdminContext = Context<AdminEnv>;
