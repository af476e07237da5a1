import { eq } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { prices } from "../../drizzle/schema/index.ts";
import type { ConfigurationChange, ModelRecord, TenantPriceRecord } from "../canonical/tenant.ts";
import { accepted } from "../catalog/model-changes.ts";
import { type ModelFacts, partsOf } from "../catalog/model-facts.ts";
import { findModel, type PriceRecord, type RateRecord } from "../catalog/models.ts";
import { priceRecordAt } from "../catalog/prices.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { type AuditEntry, insertAudit } from "./audit.ts";
import { atRoot } from "./authority.ts";
import { commitChange, isUnchangedSince } from "./change.ts";
import {
  type ChangesStanding,
  changesStanding,
  listedRates,
  noSuchChange,
  type PendingChange,
} from "./model-changes.ts";
import { auditedModel, factsOf, newModelRow, nextModelRow, writeModel } from "./models.ts";
import { type ModelRow, modelRecord, type PriceBookRow, priceRecord } from "./records.ts";
import { undisturbed } from "./undisturbed.ts";

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

/**
 * Accepts changes, each for itself, in one transaction: facts hold from the next request on, a price from now on. What was
 * used before keeps the price it had. Throws `permission_denied` below the root.
 */
export const acceptChanges = ({ database, actor, now, random, ids }: Settle): Promise<SettledChanges> =>
  undisturbed(async () => {
    const { rootId } = atRoot(actor);
    const standing = await changesStanding(database, rootId, now);
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
  { rows, prices: own }: ChangesStanding,
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
    ...{ source: "synced" as const, createdBy: actor.id, createdAt: validFrom, version: 1, removedAt: null },
  };
  return { ended: current ? { ...current, validUntil: validFrom, version: current.version + 1 } : null, begun };
}

function statementsOf(database: Database, { row, price }: Acceptance) {
  if (price === null) return [writeModel(database, row)];
  const { ended, begun } = price;
  const ends =
    ended &&
    database
      .update(prices)
      .set({ validUntil: ended.validUntil, version: ended.version })
      .where(eq(prices.id, ended.id));
  return [writeModel(database, row), ...(ends ? [ends] : []), database.insert(prices).values(begun)];
}

const audited = ({ change, before, row, price }: Acceptance, actor: Actor): AuditEntry => ({
  ...{ actor, action: "model.accept", target: row.model, organizationId: actor.rootId, before: auditedModel(before) },
  after: { ...auditedModel(row), change: change.kind, price: price?.begun.id ?? null },
});

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
