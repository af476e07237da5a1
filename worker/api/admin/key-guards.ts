import { GatewayError } from "../../errors.ts";
import type { KeyAct } from "../../organizations/key-changes.ts";
import type { KeyRow } from "../../organizations/records.ts";
import type { Caller } from "./context.ts";

/** Who may do what with whose keys. All of these throw `permission_denied`. */

/** Nobody makes a key that may do more than they may themselves. */
export function checkGrant({ can }: Caller, permissions: KeyRow["permissions"]): void {
  if (can.has("keys:write") || !permissions.includes("admin")) return;
  throw new GatewayError("permission_denied", "A key with the permission 'admin' is made by an administrator.", {
    param: "permissions",
  });
}

/** What takes from a key and gives nothing. */
const ENDING = new Set(["key.disable", "key.end_overlap", "key.revoke"]);

/**
 * The same act, where the caller may do it: everybody who may make keys manages their own; others' are for administrators,
 * and so is all that would give an admin key to somebody who may make none, and a key that an administrator has disabled.
 */
export const allowed =
  ({ id, can }: Caller, act: KeyAct): KeyAct =>
  (key, now, by) => {
    if (can.has("keys:write")) return act(key, now, by);
    if (key.createdBy !== id && key.owner !== `user:${id}`) {
      throw new GatewayError("permission_denied", "This is another's key. An administrator may change it.");
    }
    const wanted = act(key, now, by);
    if (key.disabledAt !== null && key.disabledBy !== id) {
      if (wanted?.action === "key.disable") return null;
      if (wanted?.action === "key.enable") {
        throw new GatewayError("permission_denied", "An administrator has disabled this key, and may enable it again.");
      }
    }
    if (wanted === null || ENDING.has(wanted.action) || !key.permissions.includes("admin")) return wanted;
    throw new GatewayError("permission_denied", "This is an admin key. You may stop it; an administrator changes it.");
  };

/** Who a key belongs to is for administrators to change. */
export function checkOwner({ can }: Caller, owner: string | undefined): void {
  if (owner === undefined || can.has("keys:write")) return;
  throw new GatewayError("permission_denied", "A key is given to somebody else by an administrator.", {
    param: "owner",
  });
}
