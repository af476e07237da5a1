import { and, eq, inArray, or, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { type AuditEntry, insertAudit } from "./audit.ts";
import { commitChange } from "./change.ts";
import { type KeyBounds, requireChangeWithin, selectBounds } from "./key-bounds.ts";
import { type KeyView, noSuchKey, selectVisibleKeys } from "./key-views.ts";
import { auditedKey, type KeyTerms, type KeyToStore } from "./keys.ts";
import { type KeyRow, keyRecord } from "./records.ts";
import { undisturbed } from "./undisturbed.ts";

/** What is to become of a key by somebody's (`by`, an id) act; null: it is so already. Throws the GatewayError that says why not. */
export type KeyAct = (key: KeyRow, now: number, by: string) => { action: `key.${string}`; set: Partial<KeyRow> } | null;

interface ChangeKeys {
  database: Database;
  actor: Actor;
  now: number;
  /** Each once. */
  ids: readonly string[];
  act: KeyAct;
  /** What else must hold when it is made, and what else is written for the keys that change. */
  along?: { onlyIf: SQL; statements(changed: readonly string[]): BatchItem<"pg">[] };
}

/** What became of each key, and what the Ledger must be told; null where no key was found that could be changed. */
export interface ChangedKeys {
  outcomes: Map<string, KeyView | GatewayError>;
  change: ConfigurationChange | null;
}

/**
 * Changes keys, each for itself: one that is not the actor's, or cannot be changed so, keeps none of the others; nor does one
 * that could do more than the key that changes it (`requireChangeWithin`). What is changed is changed in one transaction, with
 * a row of the audit log for each key. Where nothing was to be changed, `change` carries the keys as they stand once more, so
 * that a Ledger which missed an earlier change learns it now.
 */
export const changeKeys = ({ database, actor, now, ids, act, along }: ChangeKeys): Promise<ChangedKeys> =>
  undisturbed(async () => {
    const { rootId } = actor;
    const [rows, [root], [bounds]] = await forRoot(database, rootId).batch([
      selectVisibleKeys(database, actor, ids),
      database.select({ version: organizations.configVersion }).from(organizations).where(eq(organizations.id, rootId)),
      selectBounds(database, actor),
    ]);
    if (root === undefined) throw noSuchKey();
    const found = new Map(rows.map((row) => [row.id, row]));
    const decided = ids.map((id) => decide(id, found.get(id), { act, now, by: actor.id, bounds }));
    const outcomes = new Map(decided.map(({ id, outcome }) => [id, outcome]));
    const standing = decided.flatMap(({ outcome }) => (outcome instanceof GatewayError ? [] : [outcome]));
    const changed = decided.flatMap(({ before, outcome, set, action }) =>
      set === null || outcome instanceof GatewayError
        ? []
        : [{ before: before as KeyRow, after: outcome, set, action }],
    );
    if (standing.length === 0) return { outcomes, change: null };
    const keys = standing.map(keyRecord);
    if (changed.length === 0) return { outcomes, change: unchanged(rootId, root.version, keys) };
    const [last, ...others] = changed
      .map(
        (one): AuditEntry => ({
          ...{ actor, action: one.action, target: one.after.id },
          ...{ organizationId: one.after.organizationId, ...differing(one) },
        }),
      )
      .reverse();
    const asRead = allAsRead(
      database,
      rootId,
      changed.map(({ before }) => before),
    );
    const change = await commitChange(database, {
      rootId,
      now,
      onlyIf: along === undefined ? asRead : sql`${asRead} and ${along.onlyIf}`,
      statements: [
        ...updates(database, rootId, changed),
        ...(along?.statements(changed.map(({ after }) => after.id)) ?? []),
        ...others.reverse().map((entry) => insertAudit(database, rootId, now, entry)),
      ],
      audit: last as AuditEntry,
      keys,
    });
    return change && { outcomes, change };
  });

/** The same of one key. Throws what keeps it from being changed. */
export async function changeKey({
  id,
  ...change
}: Omit<ChangeKeys, "ids"> & { id: string }): Promise<{ key: KeyView; change: ConfigurationChange }> {
  return onlyOne(id, await changeKeys({ ...change, ids: [id] }));
}

/** What became of the only key of a change. Throws what kept it from being changed. */
export function onlyOne(id: string, { outcomes, change }: ChangedKeys): { key: KeyView; change: ConfigurationChange } {
  const key = outcomes.get(id) ?? noSuchKey();
  if (key instanceof GatewayError) throw key;
  if (change === null) throw new Error("a key was changed and the change is not there");
  return { key, change };
}

interface Decided {
  id: string;
  before: KeyView | undefined;
  outcome: KeyView | GatewayError;
  action: string;
  /** Null: nothing is to be written. */
  set: Partial<KeyRow> | null;
}

function decide(
  id: string,
  before: KeyView | undefined,
  { act, now, by, bounds }: { act: KeyAct; now: number; by: string; bounds: KeyBounds | undefined },
): Decided {
  const nothing = { id, before, action: "", set: null };
  if (before === undefined) return { ...nothing, outcome: noSuchKey() };
  try {
    const wanted = act(before, now, by);
    if (wanted === null) return { ...nothing, outcome: before };
    requireText(before, wanted.action);
    requireChangeWithin(bounds, before, wanted);
    const set = { ...wanted.set, updatedAt: new Date(now) };
    return { id, before, action: wanted.action, set, outcome: { ...before, ...set, version: before.version + 1 } };
  } catch (error) {
    if (error instanceof GatewayError) return { ...nothing, outcome: error };
    throw error;
  }
}

const OF_ANY_KIND = new Set(["key.disable", "key.enable", "key.revoke"]);

/** What would give a playground's key a text, or take it from its member and organization. */
function requireText({ kind }: KeyRow, action: string): void {
  if (kind === "api" || OF_ANY_KIND.has(action)) return;
  throw new GatewayError(
    "conflict",
    "This is the key of a member's playground: it can be disabled, enabled and revoked.",
  );
}

/** One statement for all keys that become the same. */
function updates(database: Database, rootId: string, changed: readonly { after: KeyRow; set: Partial<KeyRow> }[]) {
  const alike = Map.groupBy(changed, ({ set }) => JSON.stringify(set));
  return [...alike.values()].map((group) =>
    database
      .update(apiKeys)
      .set({ ...group[0]?.set, version: sql`${apiKeys.version} + 1` })
      .where(
        and(
          eq(apiKeys.rootId, rootId),
          inArray(
            apiKeys.id,
            group.map(({ after }) => after.id),
          ),
        ),
      ),
  );
}

function allAsRead(database: Database, rootId: string, rows: readonly KeyRow[]): SQL {
  const asRead = or(...rows.map(({ id, version }) => and(eq(apiKeys.id, id), eq(apiKeys.version, version))));
  const count = database
    .select({ count: sql`count(*)` })
    .from(apiKeys)
    .where(and(eq(apiKeys.rootId, rootId), asRead));
  return sql`${count} = ${rows.length}`;
}

/** What the audit log says of a change: the fields that differ. */
function differing({ before, after }: { before: KeyRow; after: KeyRow }) {
  const [was, is] = [auditedKey(before), auditedKey(after)];
  const names = Object.keys(is).filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
  const pick = (from: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, from[name]]));
  return { before: pick(was), after: pick(is) };
}

/** A change that changes nothing. */
const unchanged = (rootId: string, version: number, keys: ConfigurationChange["keys"]): ConfigurationChange => ({
  ...{ rootId, previous: version, version, keys },
  ...{ organizations: [], limits: [], prices: [], webhooks: [], routes: [], models: [] },
});

const MOST_TAGS = 20;

export function requireNotRevoked({ revokedAt }: KeyRow): void {
  if (revokedAt !== null) throw new GatewayError("conflict", "This key was revoked for good. Make a new one.");
}

/** Ends a key for good. */
export const revoke: KeyAct = ({ revokedAt }, now) =>
  revokedAt === null ? { action: "key.revoke", set: { revokedAt: new Date(now) } } : null;

/** Stops a key until it is enabled again. Who disables what somebody else has disabled takes it on. */
export const disable: KeyAct = (key, now, by) => {
  requireNotRevoked(key);
  const set = { disabledAt: key.disabledAt ?? new Date(now), disabledBy: by };
  return key.disabledAt === null || key.disabledBy !== by ? { action: "key.disable", set } : null;
};

export const enable: KeyAct = (key) => {
  requireNotRevoked(key);
  return key.disabledAt === null ? null : { action: "key.enable", set: { disabledAt: null, disabledBy: null } };
};

/** Sets what is named of a key's terms. */
export const update =
  (terms: Partial<KeyTerms>): KeyAct =>
  (key) => {
    requireNotRevoked(key);
    return { action: "key.update", set: terms };
  };

/** Adds tags and takes others away. */
export const tag =
  ({ add, remove }: { add: readonly string[]; remove: readonly string[] }): KeyAct =>
  (key) => {
    requireNotRevoked(key);
    const tags = [...new Set([...key.tags, ...add])].filter((one) => !remove.includes(one));
    if (tags.length > MOST_TAGS) {
      throw new GatewayError("invalid_value", `A key has at most ${MOST_TAGS} tags.`, { param: "add" });
    }
    const same = tags.length === key.tags.length && tags.every((one) => key.tags.includes(one));
    return same ? null : { action: "key.update", set: { tags } };
  };

/**
 * Gives a key another text. The one it had opens the same for some time more, and one it had before that nothing any more.
 * Everything that stands on the key stays where it is: limits, what was used of them, and the log.
 */
export const rotate =
  ({ mac, hint }: KeyToStore, overlapSeconds: number): KeyAct =>
  (key, now) => {
    requireNotRevoked(key);
    if (key.expiresAt !== null && key.expiresAt.getTime() <= now) {
      throw new GatewayError("conflict", "This key has expired. Set another expiry first, or make a new key.");
    }
    const overlapping = {
      ...{ previousMac: key.mac, previousHint: key.hint },
      previousExpiresAt: new Date(now + overlapSeconds * 1000),
    };
    return { action: "key.rotate", set: { mac, hint, ...(overlapSeconds === 0 ? NO_PREVIOUS : overlapping) } };
  };

/** Ends the overlap of a rotation: only the newest text opens anything. */
export const endOverlap: KeyAct = (key) =>
  key.previousMac === null ? null : { action: "key.end_overlap", set: NO_PREVIOUS };

const NO_PREVIOUS = { previousMac: null, previousHint: null, previousExpiresAt: null };
