import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { models, organizations, prices } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { knownModel, type ModelFacts, partsOf } from "../catalog/model-facts.ts";
import { findModel } from "../catalog/models.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { atRoot } from "./authority.ts";
import { commitChange, isUnchangedSince } from "./change.ts";
import { organizationPath } from "./organizations.ts";
import { type ModelRow, modelRecord, type OrganizationRow, type PriceBookRow } from "./records.ts";
import { undisturbed } from "./undisturbed.ts";

interface Act {
  database: Database;
  actor: Actor;
  now: number;
  /** `provider/model`. */
  model: string;
}

type Changed = Promise<{ row: ModelRow; change: ConfigurationChange }>;

/** What is to be set of a model's facts; null: as shipped, or not known, from now on. */
export type FactsPatch = { [Field in keyof Omit<ModelFacts, "capabilities">]?: ModelFacts[Field] | null } & {
  capabilities?: { [Flag in keyof NonNullable<ModelFacts["capabilities"]>]?: unknown } | null;
};

/** The condition for a tenant's models that were not removed. */
const standingModels = (rootId: string) => and(eq(models.rootId, rootId), isNull(models.removedAt));

/** The statement that reads what a root knows of models. */
export const selectModels = (database: Database, rootId: string) =>
  database.select().from(models).where(standingModels(rootId)).orderBy(asc(models.model));

/** What the actor's root knows of models beside the catalogue. Everybody in its tree may read it: it holds for all. */
export async function modelRows(database: Database, { rootId }: Pick<Actor, "rootId">): Promise<ModelRow[]> {
  const [rows] = await forRoot(database, rootId).batch([selectModels(database, rootId)]);
  return rows;
}

/** What decides how an organization sees models: those above it, what the root knows, and the prices that can apply. */
export interface ModelStanding {
  path: [OrganizationRow, ...OrganizationRow[]];
  rows: ModelRow[];
  prices: PriceBookRow[];
}

/** Throws `not_found` for the organization. */
export async function modelStanding(database: Database, actor: Actor, organizationId: string): Promise<ModelStanding> {
  const { rootId } = actor;
  const path = await organizationPath(database, actor, organizationId);
  const ids = path.map(({ id }) => id);
  const [rows, own] = await forList(database, rootId).batch([
    selectModels(database, rootId),
    database
      .select()
      .from(prices)
      .where(and(eq(prices.rootId, rootId), isNull(prices.removedAt), inArray(prices.organizationId, ids))),
  ]);
  return { path, rows, prices: own };
}

/** A row's facts, as the catalogue means them. */
export const factsOf = ({ facts }: Pick<ModelRow, "facts">): ModelFacts => facts as ModelFacts;

/** What the audit log says of a model. */
export const auditedModel = (row: ModelRow | null) => (row === null ? null : { model: row.model, facts: row.facts });

/** The statement that writes a row as it is now, in place of the row of that id where there is one. */
export function writeModel(database: Database, row: ModelRow) {
  const { facts, sources, source, updatedAt, version, removedAt } = row;
  const set = { facts, sources, source, updatedAt, version, removedAt };
  return database.insert(models).values(row).onConflictDoUpdate({ target: models.id, set });
}

/** A row that is not stored yet. */
export const newModelRow = (
  { rootId, id: createdBy }: Pick<Actor, "rootId" | "id">,
  { model, source, now, random }: { model: string; source: ModelRow["source"]; now: number; random: Random },
): ModelRow => ({
  ...{ id: newId("mdl", random), rootId, model, source, facts: {}, sources: {}, createdBy },
  ...{ createdAt: new Date(now), updatedAt: new Date(now), version: 0, removedAt: null },
});

/** A row one version on, with other facts. */
export const nextModelRow = (row: ModelRow, now: number, set: Partial<ModelRow>): ModelRow => ({
  ...{ ...row, ...set, updatedAt: new Date(now), version: row.version + 1 },
});

/**
 * Makes a model that neither the catalogue nor the root knows. For administrators at the root, like prices: what is known of
 * a model decides what its requests are held to. Throws `permission_denied`, `conflict` for a model that is known.
 */
export const createModel = ({ random, facts, ...act }: Act & { random: Random; facts: FactsPatch }): Changed =>
  write(act, "model.create", (found) => {
    if (found !== null || findModel(partsOf(act.model).provider, partsOf(act.model).upstreamId) !== null) {
      throw new GatewayError("conflict", "This model is known already. Change it with PATCH.", { param: "model" });
    }
    return patched(newModelRow(act.actor, { ...act, source: "custom", random }), act.now, facts);
  });

/**
 * Sets some facts of a model, of a shipped one too. Throws `permission_denied`, `not_found` for a model that nobody knows, and
 * what `check` throws, which is given the version that would be changed (0: as shipped).
 */
export const changeModel = ({
  random,
  facts,
  check,
  ...act
}: Act & { random: Random; facts: FactsPatch; check(version: number): void }): Changed =>
  write(act, "model.update", (found) => {
    if (knownModel(act.model, found && factsOf(found)) === null) throw noSuchModel();
    check(found?.version ?? 0);
    const row = found ?? newModelRow(act.actor, { ...act, source: "custom", random });
    return patched(row, act.now, facts);
  });

/** Forgets what a root knows of a model: a shipped one is as shipped again. Throws like `changeModel`. */
export const removeModel = ({ check, ...act }: Act & { check(version: number): void }): Changed =>
  write(act, "model.delete", (found) => {
    if (found === null) {
      throw new GatewayError(
        "not_found",
        "Nothing of your own is known of this model. Disable it to keep it from use.",
      );
    }
    check(found.version);
    return nextModelRow(found, act.now, { removedAt: new Date(act.now) });
  });

export const noSuchModel = (): GatewayError =>
  new GatewayError("not_found", "No such model is known here. POST /api/models makes one.");

function write(
  { database, actor, now, model }: Act,
  action: `model.${"create" | "update" | "delete"}`,
  next: (found: ModelRow | null) => ModelRow,
): Changed {
  const { rootId } = atRoot(actor);
  return undisturbed(async () => {
    const [[found = null], [root]] = await forRoot(database, rootId).batch([
      database
        .select()
        .from(models)
        .where(and(standingModels(rootId), eq(models.model, model))),
      database.select({ version: organizations.configVersion }).from(organizations).where(eq(organizations.id, rootId)),
    ]);
    const row = next(found);
    const change = await commitChange(database, {
      ...{ rootId, now, models: [modelRecord(row)] },
      onlyIf: isUnchangedSince(root?.version ?? 0, rootId),
      statements: [writeModel(database, row)],
      audit: {
        ...{ actor, action, target: model, organizationId: rootId },
        ...{ before: auditedModel(found), after: auditedModel(row.removedAt === null ? row : null) },
      },
    });
    return change && { row, change };
  });
}

/** A row with facts set and taken away, each known by where it comes from. */
function patched(row: ModelRow, now: number, { capabilities, ...traits }: FactsPatch): ModelRow {
  const flags = capabilities === null ? {} : merged(factsOf(row).capabilities ?? {}, capabilities ?? {});
  const facts: Record<string, unknown> = merged(row.facts, traits);
  const { capabilities: _before, ...others } = facts;
  const all = Object.keys(flags).length === 0 ? others : { ...others, capabilities: flags };
  const set = [...Object.keys(traits), ...Object.keys(capabilities ?? {}).map((flag) => `capabilities.${flag}`)];
  const named = [...Object.keys(others), ...Object.keys(flags).map((flag) => `capabilities.${flag}`)];
  const sources = Object.fromEntries(
    named.map((name) => [name, set.includes(name) ? ("custom" as const) : (row.sources[name] ?? "custom")]),
  );
  return nextModelRow(row, now, { facts: all, sources });
}

/** Null takes away. */
const merged = (before: object, after: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ ...before, ...after }).filter(([, value]) => value !== null && value !== undefined),
  );
