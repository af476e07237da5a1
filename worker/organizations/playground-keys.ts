import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { toHex } from "../lib/encoding.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { commitChange } from "./change.ts";
import { auditedKey, keyRow, PLAIN_TERMS } from "./keys.ts";
import { keyRecord } from "./records.ts";
import { isThere, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

/** As long as a MAC. Of no text at all: no key can be made that has it. */
const MAC_BYTES = 32;

export interface Play {
  database: Database;
  /** Somebody signed in. */
  actor: Actor;
  /** Their name, for the key's. */
  name: string;
  /** The first letter of the root's jurisdiction, as the texts of its keys carry it. */
  letter: string;
  organizationId: string;
  random: Random;
  now: number;
}

/**
 * The key that pays for what a member asks in the playground of an organization, made when there is none (`change`: then the
 * Ledger must be told). It has no text: only tokens present it (`auth/play-token.ts`). It is strict, so that no isolate and no
 * shard decides by what it was a moment ago. Throws `not_found` for the organization, `permission_denied` where the key was stopped.
 */
export function playgroundKey(play: Play): Promise<{ keyId: string; change: ConfigurationChange | null }> {
  const { database, actor, name, letter, organizationId, random, now } = play;
  const { rootId } = actor;
  const own = and(
    eq(apiKeys.rootId, rootId),
    eq(apiKeys.organizationId, organizationId),
    eq(apiKeys.createdBy, actor.id),
    eq(apiKeys.kind, "playground"),
    isNull(apiKeys.revokedAt),
  );
  return undisturbed(async () => {
    await pathWithin(database, actor, organizationId);
    const [[found]] = await forRoot(database, rootId).batch([
      database.select({ id: apiKeys.id, disabledAt: apiKeys.disabledAt }).from(apiKeys).where(own),
    ]);
    if (found?.disabledAt) {
      throw new GatewayError(
        "permission_denied",
        "Your playground is stopped here. Ask an administrator to enable its key.",
      );
    }
    if (found) return { keyId: found.id, change: null };
    const keyId = newId("key", random);
    const row = keyRow({
      ...{ rootId, organizationId, createdBy: actor.id, now, kind: "playground" },
      // The jurisdiction stands where it does in other hints (`hintJurisdiction`).
      key: { keyId, mac: toHex(random(MAC_BYTES)), hint: `gaia-play${letter}…${keyId.slice(-4)}` },
      terms: {
        ...{ ...PLAIN_TERMS, name: `Playground: ${name}`, permissions: ["read", "write"] },
        ...{ strict: true, owner: `user:${actor.id}` },
      },
    });
    const another = database.select({ one: sql`1` }).from(apiKeys).where(own);
    const change = await commitChange(database, {
      ...{ rootId, now },
      onlyIf: sql`${isThere(rootId, organizationId)} and not exists ${another}`,
      statements: [database.insert(apiKeys).values(row)],
      audit: { actor, action: "key.create", target: keyId, organizationId, before: null, after: auditedKey(row) },
      keys: [keyRecord(row)],
    });
    return change && { keyId, change };
  });
}
