/** Roles on an organization, each of which may do what those before it may, but see the usage of others as a member. They hold for everything below it too. */
export const ROLES = ["viewer", "member", "admin", "owner"] as const;

export type Role = (typeof ROLES)[number];

/** True when `role` may do all that `other` may. */
export const isAtLeast = (role: Role, other: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(other);

/** The role of several that may do most. */
export const highestRole = (roles: readonly Role[]): Role | undefined => ROLES.findLast((role) => roles.includes(role));
