import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { modelDismissals, modelLists, organizations, prices } from "../../drizzle/schema/index.ts";
import { forList } from "../../drizzle/tenant.ts";
import { changesOf, type ListedFacts, type ModelChange } from "../catalog/model-changes.ts";
import { type KnownModel, knownModel, type ModelFacts, partsOf } from "../catalog/model-facts.ts";
import { findModel, listModels, type RateRecord } from "../catalog/models.ts";
import { priceRecordAt } from "../catalog/prices.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { atRoot } from "./authority.ts";
import { commitAct } from "./change.ts";
import type { ModelListRow } from "./model-lists.ts";
import { factsOf, selectModels } from "./models.ts";
import type { ModelRow, PriceBookRow } from "./records.ts";

/** A change of a provider's list that a root has not accepted. */
export interface PendingChange extends ModelChange {
  dismissed: boolean;
  list: Omit<ModelListRow, "models">;
}

/** Everything that changes are made of, as of one moment. */
export interface ChangesStanding {
  changes: PendingChange[];
  lists: Omit<ModelListRow, "models">[];
  rows: Map<string, ModelRow>;
  /** The root's own, that were not removed. */
  prices: PriceBookRow[];
  version: number;
}

/** What the providers' lists say that the actor's root has not accepted, and when each was read. For the root alone. */
export async function pendingChanges(
  database: Database,
  actor: Actor,
  now: number,
): Promise<Pick<ChangesStanding, "changes" | "lists">> {
  return changesStanding(database, atRoot(actor).rootId, now);
}

/** Reads it all, of a root. */
export async function changesStanding(database: Database, rootId: string, now: number): Promise<ChangesStanding> {
  const [lists, rows, own, dismissals, [root]] = await forList(database, rootId).batch([
    database.select().from(modelLists),
    selectModels(database, rootId),
    database
      .select()
      .from(prices)
      .where(and(eq(prices.rootId, rootId), eq(prices.organizationId, rootId), isNull(prices.removedAt))),
    database.select({ id: modelDismissals.changeId }).from(modelDismissals).where(eq(modelDismissals.rootId, rootId)),
    database.select({ version: organizations.configVersion }).from(organizations).where(eq(organizations.id, rootId)),
  ]);
  const byModel = new Map(rows.map((row) => [row.model, row]));
  const dismissed = new Set(dismissals.map(({ id }) => id));
  const changes = lists.flatMap(({ models, ...list }) => {
    const { provider, readAt, simulated } = list;
    if (readAt === null) return [];
    const before = {
      models: knownOf(provider, byModel),
      ratesOf: (id: string) => listedRates(byModel.get(id) ?? null, id, now),
    };
    // The simulator knows every name, whatever it lists.
    const found = changesOf(listedFacts(provider, models), before, { gone: !simulated });
    return found.map((change) => ({ ...change, list, dismissed: dismissed.has(change.id) }));
  });
  const states = lists.map(({ models: _models, ...list }) => list);
  return { changes, lists: states, rows: byModel, prices: own, version: root?.version ?? 0 };
}

const listedFacts = (provider: string, listed: readonly Record<string, unknown>[]): ListedFacts[] =>
  listed.map((one) => {
    const { upstreamId, ...rest } = one as unknown as { upstreamId: string; facts: ModelFacts; rates?: RateRecord };
    return { id: `${provider}/${upstreamId}`, ...rest };
  });

/** A provider's models as a root knows them. */
function knownOf(provider: string, rows: ReadonlyMap<string, ModelRow>): KnownModel[] {
  const shipped = listModels().filter((model) => model.provider === provider);
  const own = [...rows.keys()].filter((id) => partsOf(id).provider === provider);
  const ids = new Set([...shipped.map(({ id }) => id), ...own]);
  return [...ids].flatMap((id) => {
    const row = rows.get(id);
    return knownModel(id, row ? factsOf(row) : null) ?? [];
  });
}

/** What a list named as prices when they were last accepted, else what the catalogue does: a root's own price is its own. */
export function listedRates(row: ModelRow | null, id: string, now: number): RateRecord | null {
  const { provider, upstreamId } = partsOf(id);
  const shipped = findModel(provider, upstreamId);
  return (row && factsOf(row).rates) ?? (shipped && priceRecordAt(shipped, now))?.rates ?? null;
}

export const noSuchChange = (): GatewayError =>
  new GatewayError(
    "not_found",
    "There is no such change, or not any more: GET /api/models/changes lists what there is.",
  );

/**
 * Hides changes until a list says something else of the model, or shows them again. Throws `permission_denied` below the root.
 */
export async function dismissChanges({
  database,
  actor,
  now,
  ids,
  dismissed,
}: {
  database: Database;
  actor: Actor;
  now: number;
  /** Each once. */
  ids: readonly string[];
  dismissed: boolean;
}): Promise<Map<string, PendingChange | GatewayError>> {
  const { rootId } = atRoot(actor);
  const { changes } = await changesStanding(database, rootId, now);
  const known = new Map(changes.map((change) => [change.id, change]));
  const outcomes = new Map(ids.map((id) => [id, known.get(id) ?? noSuchChange()]));
  const found = [...outcomes.values()].flatMap((one) => (one instanceof GatewayError ? [] : [one]));
  const differing = found.filter((change) => change.dismissed !== dismissed);
  if (differing.length === 0) return outcomes;
  const named = differing.map(({ id }) => id);
  const rows = differing.map(({ id, model }) => ({
    ...{ rootId, changeId: id, model, dismissedBy: actor.id, dismissedAt: new Date(now) },
  }));
  const statement = dismissed
    ? database.insert(modelDismissals).values(rows).onConflictDoNothing()
    : database
        .delete(modelDismissals)
        .where(and(eq(modelDismissals.rootId, rootId), inArray(modelDismissals.changeId, named)));
  await commitAct(database, {
    ...{ rootId, now, statements: [statement] },
    audit: {
      ...{
        actor,
        action: dismissed ? "model.dismiss" : "model.restore_changes",
        target: rootId,
        organizationId: rootId,
      },
      ...{ before: null, after: { changes: differing.map(({ id, model }) => ({ id, model })) } },
    },
  });
  return outcomes;
}
