import { and, eq, getTableColumns, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { limits } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange, LimitMetric, LimitWindow } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { byInstant, byNumber, byText, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { requireAbove } from "./authority.ts";
import { commitChange } from "./change.ts";
import { getKey } from "./key-views.ts";
import { type LimitRow, limitRecord } from "./records.ts";
import { inBranch, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

/** What of a limit may change. Amounts are requests, tokens or nano-USD. */
export type LimitTerms = Pick<
  LimitRow,
  "amount" | "mode" | "thresholds" | "overrideAmount" | "overrideUntil" | "fallbackPercent" | "fallbackModel"
>;

/** Where a limit stands: on a key when it is named, else on the organization. */
interface Node {
  organizationId?: string | undefined;
  keyId?: string | undefined;
}

interface Act {
  database: Database;
  actor: Actor;
  now: number;
}

type Changed = Promise<{ limit: LimitRow; change: ConfigurationChange }>;

const notRemoved = (rootId: string) => and(eq(limits.rootId, rootId), isNull(limits.removedAt));

/**
 * Sets a limit on a node of the actor's branch, also on its own organization: a further limit only narrows. Throws
 * `not_found` for the node, `conflict` when it has one of that kind.
 */
export async function createLimit({
  database,
  actor,
  now,
  random,
  node,
  input,
}: Act & {
  random: Random;
  node: Node;
  input: LimitTerms & { metric: LimitMetric; window: LimitWindow };
}): Changed {
  const at = new Date(now);
  const limit: LimitRow = {
    ...input,
    ...(await nodeOf(database, actor, node)),
    id: newId("lim", random),
    rootId: actor.rootId,
    createdBy: actor.id,
    createdAt: at,
    updatedAt: at,
    version: 1,
    removedAt: null,
  };
  const sameKind = database.select({ id: limits.id }).from(limits).where(ofItsKind(limit));
  return undisturbed(async () => {
    const change = await commitChange(database, {
      rootId: actor.rootId,
      now,
      onlyIf: sql`not exists ${sameKind}`,
      statements: [database.insert(limits).values(limit)],
      audit: {
        ...{ actor, action: "limit.create", target: limit.id, organizationId: limit.organizationId },
        ...{ before: null, after: auditedLimit(limit) },
      },
      limits: [limitRecord(limit)],
    });
    if (change) return { limit, change };
    const [[existing]] = await forRoot(database, actor.rootId).batch([sameKind]);
    if (existing) {
      throw new GatewayError("conflict", `There is a limit of this metric and window already: change ${existing.id}.`);
    }
    return null;
  });
}

async function nodeOf(database: Database, actor: Actor, { organizationId, keyId }: Node) {
  if (keyId !== undefined) {
    const key = await getKey(database, actor, keyId);
    return { organizationId: key.organizationId, keyId: key.id };
  }
  const id = organizationId ?? actor.organizationId;
  await pathWithin(database, actor, id);
  return { organizationId: id, keyId: null };
}

const ofItsKind = ({ rootId, organizationId, keyId, metric, window }: LimitRow): SQL | undefined =>
  and(
    notRemoved(rootId),
    eq(limits.organizationId, organizationId),
    keyId === null ? isNull(limits.keyId) : eq(limits.keyId, keyId),
    eq(limits.metric, metric),
    eq(limits.window, window),
  );

/** What the audit log says of a limit. */
const auditedLimit = (row: LimitRow) => ({
  organization_id: row.organizationId,
  key_id: row.keyId,
  metric: row.metric,
  window: row.window,
  amount: row.amount,
  mode: row.mode,
  thresholds: row.thresholds,
  override_amount: row.overrideAmount,
  override_until: row.overrideUntil?.toISOString() ?? null,
  fallback_percent: row.fallbackPercent,
  fallback_model: row.fallbackModel,
});

export const LIMIT_SORTS = ["created_at", "updated_at", "metric", "amount"] as const;

const ORDERS = {
  created_at: byInstant(limits.createdAt),
  updated_at: byInstant(limits.updatedAt),
  metric: byText(limits.metric),
  amount: byNumber(limits.amount),
};

/** Limits on the actor's organizations and their keys; of one branch or key when it is given (`not_found`). */
export async function listLimits(
  database: Database,
  actor: Actor,
  page: PageRequest<(typeof LIMIT_SORTS)[number]> &
    Node & { metric?: LimitMetric | undefined; window?: LimitWindow | undefined },
): Promise<Page<LimitRow>> {
  const { organizationId, keyId, metric, window } = page;
  if (organizationId !== undefined) await pathWithin(database, actor, organizationId);
  if (keyId !== undefined) await getKey(database, actor, keyId);
  const { place, order, after } = pageOf(ORDERS, limits.id, page);
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .select({ ...getTableColumns(limits), place })
      .from(limits)
      .where(
        and(
          notRemoved(actor.rootId),
          inBranch(limits.organizationId, actor.rootId, organizationId ?? actor.organizationId),
          keyId === undefined ? undefined : eq(limits.keyId, keyId),
          metric === undefined ? undefined : eq(limits.metric, metric),
          window === undefined ? undefined : eq(limits.window, window),
          after,
        ),
      )
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}

/** One limit; throws `not_found` when it was removed or the actor may not see it, whether it exists or not. */
export async function getLimit(database: Database, actor: Actor, id: string): Promise<LimitRow> {
  const [[row]] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(limits)
      .where(
        and(
          notRemoved(actor.rootId),
          eq(limits.id, id),
          inBranch(limits.organizationId, actor.rootId, actor.organizationId),
        ),
      ),
  ]);
  if (!row) throw new GatewayError("not_found", "There is no such limit, or it is not yours to see.");
  return row;
}

interface ChangeLimit extends Act {
  id: string;
  /** Throws when the caller does not want to change this version. */
  check(version: number): void;
}

/**
 * Changes a limit's terms; what is not named stays. Throws `not_found`, `permission_denied` for a limit on the actor's own
 * organization, which must be the root to change those, and what `check` throws.
 */
export const changeLimit = ({ terms, ...act }: ChangeLimit & { terms: Partial<LimitTerms> }): Changed =>
  revise(act, "limit.update", terms);

/** Ends a limit: its row stays, and it no longer holds. Throws as `changeLimit` does. */
export const removeLimit = (act: ChangeLimit): Changed => revise(act, "limit.delete", { removedAt: new Date(act.now) });

async function revise(
  { database, actor, now, id, check }: ChangeLimit,
  action: "limit.update" | "limit.delete",
  values: Partial<LimitRow>,
): Changed {
  return undisturbed(async () => {
    const found = await getLimit(database, actor, id);
    if (found.keyId === null) requireAbove(actor, found.organizationId, "Limits");
    check(found.version);
    const set = { ...values, updatedAt: new Date(now), version: found.version + 1 };
    const limit: LimitRow = { ...found, ...set };
    const unchanged = and(notRemoved(actor.rootId), eq(limits.id, id), eq(limits.version, found.version));
    const change = await commitChange(database, {
      rootId: actor.rootId,
      now,
      onlyIf: sql`exists ${database.select({ id: limits.id }).from(limits).where(unchanged)}`,
      statements: [database.update(limits).set(set).where(unchanged)],
      audit: {
        actor,
        action,
        target: id,
        organizationId: found.organizationId,
        before: auditedLimit(found),
        after: limit.removedAt ? null : auditedLimit(limit),
      },
      limits: [limitRecord(limit)],
    });
    return change && { limit, change };
  });
}
