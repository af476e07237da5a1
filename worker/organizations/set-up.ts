import { eq } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, organizations, setupTokens, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { insertAudit } from "./audit.ts";
import { auditedKey, type KeyToStore, keyRow, PLAIN_TERMS } from "./keys.ts";
import type { KeyRow, OrganizationRow } from "./records.ts";

const UNIQUE_VIOLATION = "23505";
/** Who did it, where nobody was there before. */
const ACTOR = "setup";

export interface SetUp {
  database: Database;
  /** Lower-case hex SHA-256 of the one-time token, which was found right. */
  tokenHash: string;
  now: number;
  rootId: string;
  organization: string;
  user: { id: string; email: string; passwordHash: string };
  /** Inference and models. */
  apiKey: KeyToStore;
  /** The management API. */
  adminKey: KeyToStore;
}

/**
 * Makes a tenant out of nothing: root organization, its owner, a first key and an admin key, all or none of it. Throws
 * `setup_done` when the token was used before, `conflict` when the e-mail address has an account.
 */
export async function setUp(
  options: SetUp,
): Promise<{ organization: OrganizationRow; apiKey: KeyRow; adminKey: KeyRow }> {
  const { database, tokenHash, now, rootId, user } = options;
  const organization: OrganizationRow = {
    id: rootId,
    rootId,
    parentId: null,
    name: options.organization,
    timeZone: "UTC",
    settings: {},
    configVersion: 1,
    version: 1,
    createdAt: new Date(now),
    archivedAt: null,
    regroupedAt: null,
    removedAt: null,
  };
  const common = { rootId, organizationId: rootId, createdBy: ACTOR, now };
  const apiKey = keyRow({
    ...common,
    key: options.apiKey,
    terms: { ...PLAIN_TERMS, name: "First key", permissions: ["read", "write"] },
  });
  const adminKey = keyRow({
    ...common,
    key: options.adminKey,
    terms: { ...PLAIN_TERMS, name: "Admin key", permissions: ["admin"] },
  });
  try {
    await forRoot(database, rootId).batch([
      database.insert(setupTokens).values({ tokenHash, usedAt: new Date(now) }),
      database.insert(organizations).values(organization),
      database.insert(users).values({ ...user, rootId, name: user.email, createdAt: new Date(now) }),
      database.insert(memberships).values({ userId: user.id, organizationId: rootId, rootId, role: "owner" }),
      database.insert(apiKeys).values([apiKey, adminKey]),
      insertAudit(database, rootId, now, {
        actor: { id: ACTOR },
        action: "organization.set_up",
        target: rootId,
        organizationId: rootId,
        before: null,
        after: {
          name: organization.name,
          owner: user.id,
          keys: { [apiKey.id]: auditedKey(apiKey), [adminKey.id]: auditedKey(adminKey) },
        },
      }),
    ]);
  } catch (error) {
    if (sqlstateOf(error) !== UNIQUE_VIOLATION) throw error;
    if (await isSetUp(database, tokenHash)) throw setUpDone();
    throw new GatewayError("conflict", "This e-mail address has an account already.", { param: "email" });
  }
  return { organization, apiKey, adminKey };
}

/** True when the token has been used. */
export async function isSetUp(database: Database, tokenHash: string): Promise<boolean> {
  const rows = await database
    .select({ tokenHash: setupTokens.tokenHash })
    .from(setupTokens)
    .where(eq(setupTokens.tokenHash, tokenHash));
  return rows.length > 0;
}

/** The answer to a token that did its one job. */
const setUpDone = (): GatewayError => new GatewayError("setup_done", "This set-up token has been used.");
