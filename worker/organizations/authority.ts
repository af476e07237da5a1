import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";

// What bounds an organization is set above it: its own administrator could otherwise lift every limit that others set.

/** The actor, who must stand at the root; throws `permission_denied`. */
export function atRoot<Who extends Actor>(actor: Who): Who {
  if (actor.organizationId === actor.rootId) return actor;
  throw new GatewayError("permission_denied", "This is for administrators of the root organization.");
}

/** Throws `permission_denied` where an actor would move, archive, restore or delete the organization it stands on. */
export function requireHigher(actor: Actor, organizationId: string): void {
  if (organizationId !== actor.organizationId || actor.organizationId === actor.rootId) return;
  const message = "Your own organization is moved, archived and deleted by an administrator of one above it.";
  throw new GatewayError("permission_denied", message);
}

/** Throws `permission_denied` for what stands on the actor's own organization, unless that is the root: nobody is above. */
export function requireAbove(actor: Actor, organizationId: string, what: string): void {
  if (organizationId !== actor.organizationId || actor.organizationId === actor.rootId) return;
  const message = `${what} on your own organization are changed by an administrator of an organization above it.`;
  throw new GatewayError("permission_denied", message);
}
