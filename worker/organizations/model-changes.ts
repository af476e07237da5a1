import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { modelDismissals, modelLists, organizations, prices } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange, ModelRecord, TenantPriceRecord } from "../canonical/tenant.ts";
import { accepted, changesOf, type ListedFacts, type ModelChange } from "../catalog/model-changes.ts";
import { type KnownModel, knownModel, type ModelFacts, partsOf } from "../catalog/model-facts.ts";
import { findModel, listModels, type PriceRecord, type RateRecord } from "../catalog/models.ts";
import { priceRecordAt } from "../catalog/prices.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { type AuditEntry, insertAudit } from "./audit.ts";
import { atRoot } from "./authority.ts";
import { commitAct, commitChange, isUnchangedSince } from "./change.ts";
import type { ModelListRow } from "./model-lists.ts";
import { auditedModel, factsOf, newModelRow, nextModelRow, selectModels, writeModel } from "./models.ts";
import { type ModelRow, modelRecord, type PriceBookRow, priceRecord } from "./records.ts";
import { undisturbed } from "./undisturbed.ts";

/** A change of a provider's list that a root has not accepted. */
export interface PendingChange extends ModelChange {
  dismissed: boolean;
  list: Omit<ModelListRow, "models">;
}

/** Everything that changes are made of, as of one moment. */
interface Standing {
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
): Promise<Pick<Standing, "changes" | "lists">> {
  return standingOf(database, atRoot(actor).rootId, now);
}

async function standingOf(database: Database, rootId: string, now: number): Promise<Standing> {
  const [lists, rows, own, dismissals, [root]] = await forRoot(database, rootId).batch([
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
function listedRates(row: ModelRow | null, id: string, now: number): RateRecord | null {
  const { provider, upstreamId } = partsOf(id);
  const shipped = findModel(provider, upstreamId);
  return (row && factsOf(row).rates) ?? (shipped && priceRecordAt(shipped, now))?.rates ?? null;
}

/** The root's own price of a model at a moment, else the catalogue's. */
function priceInForce(own: readonly PriceBookRow[], id: string, now: number): PriceRecord | null {
  const row = own.find(
    ({ model, validFrom, validUntil }) =>
      model === id && validFrom.getTime() <= now && (validUntil === null || now < validUntil.getTime()),
  );
  if (row !== undefined) return row.price as unknown as PriceRecord;
  const { provider, upstreamId } = partsOf(id);
  const shipped = findModel(provider, upstreamId);
  return shipped && priceRecordAt(shipped, now);
}

interface Settle {
  database: Database;
  actor: Actor;
  now: number;
  random: Random;
  /** Each once. */
  ids: readonly string[];
}

/** What became of each change: null, or why it could not be accepted. */
export interface SettledChanges {
  outcomes: Map<string, { change: PendingChange; row: ModelRow } | GatewayError>;
  /** What the Ledger must be told; null: nothing. */
  change: ConfigurationChange | null;
}

const noSuchChange = (): GatewayError =>
  new GatewayError(
    "not_found",
    "There is no such change, or not any more: GET /api/models/changes lists what there is.",
  );

/**
 * Accepts changes, each for itself, in one transaction: facts hold from the next request on, a price from now on. What was
 * used before keeps the price it had. Throws `permission_denied` below the root.
 */
export const acceptChanges = ({ database, actor, now, random, ids }: Settle): Promise<SettledChanges> =>
  undisturbed(async () => {
    const { rootId } = atRoot(actor);
    const standing = await standingOf(database, rootId, now);
    const known = new Map(standing.changes.map((change) => [change.id, change]));
    const made = ids.map((id): [string, Acceptance | GatewayError] => {
      const change = known.get(id);
      if (change === undefined) return [id, noSuchChange()];
      return [id, acceptance(standing, change, { actor, now, random })];
    });
    const outcomes = new Map(made);
    const acceptances = made.flatMap(([, one]) => (one instanceof GatewayError ? [] : [one]));
    const [last, ...others] = acceptances.map((one) => audited(one, actor)).reverse();
    if (last === undefined) return { outcomes, change: null };
    const change = await commitChange(database, {
      ...{ rootId, now },
      onlyIf: isUnchangedSince(standing.version, rootId),
      statements: [
        ...acceptances.flatMap((one) => statementsOf(database, one)),
        ...others.reverse().map((entry) => insertAudit(database, rootId, now, entry)),
      ],
      audit: last,
      models: acceptances.map(({ row }): ModelRecord => modelRecord(row)),
      prices: acceptances.flatMap(({ price }): TenantPriceRecord[] =>
        price === null ? [] : [...(price.ended === null ? [] : [priceRecord(price.ended)]), priceRecord(price.begun)],
      ),
    });
    return change && { outcomes, change };
  });

/** A change, and the rows that it makes. */
interface Acceptance {
  change: PendingChange;
  before: ModelRow | null;
  row: ModelRow;
  price: { ended: PriceBookRow | null; begun: PriceBookRow } | null;
}

function acceptance(
  { rows, prices: own }: Standing,
  change: PendingChange,
  { actor, now, random }: Pick<Settle, "actor" | "now" | "random">,
): Acceptance | GatewayError {
  const before = rows.get(change.model) ?? null;
  const base = before ?? newModelRow(actor, { model: change.model, source: "synced", now, random });
  const made = accepted(change, factsOf(base), new Date(now).toISOString().slice(0, 10));
  const { rates } = made;
  const listed = rates && { ...listedRates(before, change.model, now), ...rates };
  const facts = listed ? { ...made.facts, rates: listed } : made.facts;
  const said = change.fields.map(({ field }) => [field, "synced" as const]);
  const sources = { ...base.sources, ...Object.fromEntries(change.kind === "gone" ? [["gone", "synced"]] : said) };
  const stored = facts as Record<string, unknown>;
  const row = nextModelRow(base, now, { facts: stored, sources: onlyNamed(sources, facts) });
  if (rates === null) return { change, before, row, price: null };
  const price = newPrice(own, change.model, rates, { actor, now, random });
  return price instanceof GatewayError ? price : { change, before, row, price };
}

/** Sources of what is there. */
const onlyNamed = (sources: ModelRow["sources"], facts: ModelFacts): ModelRow["sources"] => {
  const flags = Object.keys(facts.capabilities ?? {}).map((flag) => `capabilities.${flag}`);
  const named = new Set([...Object.keys(facts), ...flags]);
  return Object.fromEntries(Object.entries(sources).filter(([name]) => named.has(name)));
};

function newPrice(
  own: readonly PriceBookRow[],
  model: string,
  rates: RateRecord,
  { actor, now, random }: Pick<Settle, "actor" | "now" | "random">,
): Acceptance["price"] | GatewayError {
  const validFrom = new Date(now);
  const following = own.filter((row) => row.model === model && (row.validUntil === null || row.validUntil > validFrom));
  const [current, ...more] = following;
  if (more.length > 0 || (current && (current.validUntil !== null || current.validFrom >= validFrom))) {
    const name = (more[0] ?? current)?.id;
    return new GatewayError(
      "conflict",
      `Its price would overlap ${name}, a price of your own. End or remove that one first.`,
    );
  }
  const { from: _from, until: _until, ...terms } = priceInForce(own, model, now) ?? { rates: {} };
  const begun: PriceBookRow = {
    ...{ id: newId("prc", random), rootId: actor.rootId, organizationId: actor.rootId, model },
    ...{ validFrom, validUntil: null, price: { ...terms, rates: { ...terms.rates, ...rates } } },
    ...{ createdBy: actor.id, createdAt: validFrom, removedAt: null },
  };
  return { ended: current ? { ...current, validUntil: validFrom } : null, begun };
}

function statementsOf(database: Database, { row, price }: Acceptance) {
  if (price === null) return [writeModel(database, row)];
  const { ended, begun } = price;
  const ends = ended && database.update(prices).set({ validUntil: ended.validUntil }).where(eq(prices.id, ended.id));
  return [writeModel(database, row), ...(ends ? [ends] : []), database.insert(prices).values(begun)];
}

const audited = ({ change, before, row, price }: Acceptance, actor: Actor): AuditEntry => ({
  ...{ actor, action: "model.accept", target: row.model, organizationId: actor.rootId, before: auditedModel(before) },
  after: { ...auditedModel(row), change: change.kind, price: price?.begun.id ?? null },
});

/**
 * Hides changes until a list says something else of the model, or shows them again. Throws `permission_denied` below the root.
 */
export async function dismissChanges({
  database,
  actor,
  now,
  ids,
  dismissed,
}: Omit<Settle, "random"> & { dismissed: boolean }): Promise<Map<string, PendingChange | GatewayError>> {
  const { rootId } = atRoot(actor);
  const { changes } = await standingOf(database, rootId, now);
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
