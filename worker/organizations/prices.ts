import { and, eq, gt, inArray, isNull, lt, ne, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { prices } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { atRoot } from "./authority.ts";
import { commitChange } from "./change.ts";
import { type PriceBookRow, priceRecord } from "./records.ts";
import { pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

interface Act {
  database: Database;
  actor: Actor;
  now: number;
}

type Changed = Promise<{ price: PriceBookRow; change: ConfigurationChange }>;

const notRemoved = (rootId: string) => and(eq(prices.rootId, rootId), isNull(prices.removedAt));

/** The other prices of the same organization and model that hold at any moment of this one's time. */
const overlapping = (row: PriceBookRow): SQL | undefined =>
  and(
    notRemoved(row.rootId),
    eq(prices.organizationId, row.organizationId),
    eq(prices.model, row.model),
    ne(prices.id, row.id),
    row.validUntil === null ? undefined : lt(prices.validFrom, row.validUntil),
    or(isNull(prices.validUntil), gt(prices.validUntil, row.validFrom)),
  );

/**
 * Sets a price for an organization and those below. An open price that began earlier ends where this one begins. For actors
 * at the root alone, like every change of prices: a price of 0 anywhere below empties the cost limits of all above. Throws
 * `permission_denied`, `not_found` for the organization, `conflict` when it overlaps another price of that organization and
 * model.
 */
export async function createPrice({
  database,
  actor,
  now,
  random,
  input,
}: Act & {
  random: Random;
  input: Pick<PriceBookRow, "model" | "validFrom" | "validUntil" | "price"> & { organizationId?: string | undefined };
}): Changed {
  const { rootId } = atRoot(actor);
  const organizationId = input.organizationId ?? rootId;
  await pathWithin(database, actor, organizationId);
  const price: PriceBookRow = {
    ...input,
    id: newId("prc", random),
    rootId: actor.rootId,
    organizationId,
    source: "custom",
    createdBy: actor.id,
    createdAt: new Date(now),
    version: 1,
    removedAt: null,
  };
  return undisturbed(async () => {
    const [[older, ...more]] = await forRoot(database, actor.rootId).batch([
      database.select().from(prices).where(overlapping(price)),
    ]);
    if (older && (more.length > 0 || older.validUntil !== null || older.validFrom >= price.validFrom)) {
      throw overlap(older);
    }
    const open = older && and(notRemoved(actor.rootId), eq(prices.id, older.id), isNull(prices.validUntil));
    const others = and(overlapping(price), older && ne(prices.id, older.id));
    const change = await commitChange(database, {
      rootId: actor.rootId,
      now,
      onlyIf: sql`not ${exists(database, others)} and ${open ? exists(database, open) : sql`true`}`,
      statements: [
        ...(open ? [database.update(prices).set({ validUntil: price.validFrom, version: raised }).where(open)] : []),
        database.insert(prices).values(price),
      ],
      audit: {
        actor,
        action: "price.create",
        target: price.id,
        organizationId,
        before: null,
        after: { ...auditedPrice(price), ends: older?.id ?? null },
      },
      prices: [...(older ? [priceRecord({ ...older, validUntil: price.validFrom })] : []), priceRecord(price)],
    });
    return change && { price, change };
  });
}

const raised = sql`${prices.version} + 1`;

const exists = (database: Database, condition: SQL | undefined): SQL =>
  sql`exists ${database.select({ id: prices.id }).from(prices).where(condition)}`;

const overlap = ({ id }: PriceBookRow) =>
  new GatewayError("conflict", `Its time overlaps that of ${id}, a price of the same organization and model.`);

/** What the audit log says of a price. */
const auditedPrice = (row: PriceBookRow) => ({
  organization_id: row.organizationId,
  model: row.model,
  valid_from: row.validFrom.toISOString(),
  valid_until: row.validUntil?.toISOString() ?? null,
  price: row.price,
});

/**
 * The tenant's own prices that can apply to an organization: its own and those of the organizations above, which `path`
 * names from it to the root. Throws `not_found` for the organization.
 */
export async function pricesFor(
  database: Database,
  actor: Actor,
  { organizationId, model }: { organizationId: string; model: string | undefined },
): Promise<{ path: string[]; rows: PriceBookRow[] }> {
  const path = await pathWithin(database, actor, organizationId);
  const [rows] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(prices)
      .where(
        and(
          notRemoved(actor.rootId),
          inArray(prices.organizationId, path),
          model === undefined ? undefined : eq(prices.model, model),
        ),
      ),
  ]);
  return { path, rows };
}

/** A price that is to be changed. */
async function getPrice(database: Database, actor: Actor, id: string): Promise<PriceBookRow> {
  const { rootId } = atRoot(actor);
  const [[row]] = await forRoot(database, rootId).batch([
    database
      .select()
      .from(prices)
      .where(and(notRemoved(rootId), eq(prices.id, id))),
  ]);
  if (!row) throw new GatewayError("not_found", "There is no such price, or it is not yours to see.");
  return row;
}

interface ChangePrice extends Act {
  id: string;
  /** Throws when the caller does not want to change this version. */
  check(version: number): void;
}

/**
 * Gives a price another end, or none. What was rated by it stays so. Throws `permission_denied`, `not_found`, `invalid_value`
 * for an end that is not after its beginning, `conflict` when it would overlap another price, and what `check` throws.
 */
export function endPrice(act: ChangePrice & { validUntil: Date | null }): Changed {
  const { database, actor, id, validUntil, check } = act;
  return undisturbed(async () => {
    const found = await getPrice(database, actor, id);
    check(found.version);
    if (validUntil !== null && validUntil <= found.validFrom) {
      throw new GatewayError("invalid_value", "Must be later than the price's 'valid_from'.", { param: "valid_until" });
    }
    const price = { ...found, validUntil, version: found.version + 1 };
    const [[other]] = await forRoot(database, actor.rootId).batch([
      database.select().from(prices).where(overlapping(price)).limit(1),
    ]);
    if (other) throw overlap(other);
    return revise(act, { action: "price.end", found, price, onlyIf: sql`not ${exists(database, overlapping(price))}` });
  });
}

/**
 * Takes back a price that has not begun; one that ended for it stays ended. Throws `permission_denied`, `not_found`, and
 * `conflict` for one that has begun: it can only be ended; and what `check` throws.
 */
export function removePrice(act: ChangePrice): Changed {
  const { database, actor, now, id, check } = act;
  return undisturbed(async () => {
    const found = await getPrice(database, actor, id);
    check(found.version);
    if (found.validFrom.getTime() <= now) {
      throw new GatewayError("conflict", "This price has begun, so it cannot be taken back. Give it an end instead.");
    }
    return revise(act, { action: "price.delete", found, price: { ...found, removedAt: new Date(now) } });
  });
}

async function revise(
  { database, actor, now, id }: Act & { id: string },
  {
    action,
    found,
    price,
    onlyIf,
  }: { action: "price.end" | "price.delete"; found: PriceBookRow; price: PriceBookRow; onlyIf?: SQL },
) {
  const { validUntil, removedAt } = price;
  const row = and(notRemoved(actor.rootId), eq(prices.id, id));
  const until = found.validUntil;
  const asRead = and(row, eq(prices.version, found.version));
  const asFound = and(asRead, until === null ? isNull(prices.validUntil) : eq(prices.validUntil, until));
  const change = await commitChange(database, {
    rootId: actor.rootId,
    now,
    onlyIf: sql`${exists(database, asFound)} and ${onlyIf ?? sql`true`}`,
    statements: [database.update(prices).set({ validUntil, removedAt, version: raised }).where(row)],
    audit: {
      actor,
      action,
      target: id,
      organizationId: found.organizationId,
      before: auditedPrice(found),
      after: removedAt ? null : auditedPrice(price),
    },
    prices: [priceRecord(price)],
  });
  return change && { price, change };
}
