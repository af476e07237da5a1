import { eq, lt } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { spentStates, users } from "../../drizzle/schema/index.ts";
import { forSignIn } from "../../drizzle/tenant.ts";
import { isAtLeast, type Role } from "../canonical/role.ts";
import { sha256 } from "../lib/sha256.ts";
import type { Identity, VerifyIdentity } from "./identity.ts";
import { type OidcClient, STATE_SECONDS } from "./oidc.ts";

/** A role that whoever is named by `value` gets. */
export interface RoleRule {
  /** A value of the roles' claim, an e-mail address, `@` and a domain, or `*` for everybody. */
  value: string;
  organizationId: string;
  role: Role;
}

/** Signing in at identity providers, as the operator has set it up. */
export interface SignOn {
  /** The root organization whose people they are. */
  rootId: string;
  /** Whom to ask to be let in. */
  contact: string | null;
  rolesClaim: string;
  rules: readonly RoleRule[];
  access: VerifyIdentity | null;
  oidc: OidcClient | null;
}

/** A claim by its path, `a.b`; a name with dots in it is tried whole first. */
function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** The roles that an identity's claims give, by organization. Of several on one organization the highest. */
export function rolesByClaims(
  { claims, email, emailVerified }: Identity,
  { rolesClaim, rules }: Pick<SignOn, "rolesClaim" | "rules">,
): Map<string, Role> {
  const claim = claimAt(claims, rolesClaim);
  const named = (Array.isArray(claim) ? claim : [claim]).filter((value) => typeof value === "string");
  // A provider's groups may have any name: what stands for an address or for all is never taken from them.
  const groups = named.filter((value) => !value.includes("@") && value !== "*");
  const values = new Set([...groups, "*", ...(emailVerified ? [email, `@${email.split("@").at(-1)}`] : [])]);
  const roles = new Map<string, Role>();
  for (const { value, organizationId, role } of rules) {
    const other = roles.get(organizationId);
    if (values.has(value) && !(other && isAtLeast(other, role))) roles.set(organizationId, role);
  }
  return roles;
}

/** Who has an e-mail address, whatever the tenant; null for nobody. */
export async function accountOf(database: Database, email: string) {
  const [[user]] = await forSignIn(database, email).batch([
    database
      .select({ id: users.id, rootId: users.rootId, identities: users.identities })
      .from(users)
      .where(eq(users.email, email)),
  ]);
  return user ?? null;
}

/** True the first time that a state comes back. */
export async function spendState(database: Database, state: string, now: number): Promise<boolean> {
  const expiresAt = new Date(now + STATE_SECONDS * 1000);
  const [, rows] = await database.batch([
    database.delete(spentStates).where(lt(spentStates.expiresAt, new Date(now))),
    database
      .insert(spentStates)
      .values({ hash: await sha256(state), expiresAt })
      .onConflictDoNothing()
      .returning({ hash: spentStates.hash }),
  ]);
  return rows.length === 1;
}
