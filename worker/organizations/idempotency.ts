import { and, eq, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import type { Claim } from "../../drizzle/idempotency-claim.ts";
import { idempotencyKeys } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";

/** Milliseconds after which a request that has not ended is taken for dead. */
const HELD_MS = 60_000;
/** Milliseconds for which an answer is kept. */
const KEPT_MS = 24 * 3_600_000;

type KeyRow = typeof idempotencyKeys.$inferSelect;

/** What a key was found to be. */
export type Claimed =
  /** It is this request's. */
  | { state: "held" }
  /** It was sent with another request. */
  | { state: "mismatch" }
  /** Another request holds it, which may be at work. */
  | { state: "in_progress" }
  /** The request was answered so. */
  | { state: "answered"; answer: string }
  /** The request has changed `changed`, and its answer is not known. */
  | { state: "answer_lost"; changed: string };

/**
 * Claims a key for a request, in one step for all requests at once. What nobody holds any more is taken over: a key that
 * has run out, and one whose holder is dead and has changed nothing. `request`: the keyed hash of what it asks.
 */
export async function claimKey(
  database: Database,
  { rootId, id, holder }: Claim,
  request: string,
  now: number,
): Promise<Claimed> {
  const fresh = {
    ...{ request, holder, heldUntil: new Date(now + HELD_MS), expiresAt: new Date(now + KEPT_MS) },
    ...{ changed: null, answer: null },
  };
  const at = new Date(now);
  const { expiresAt, heldUntil, changed, answer } = idempotencyKeys;
  const abandoned = and(eq(idempotencyKeys.request, request), lte(heldUntil, at), isNull(changed), isNull(answer));
  const [, [row]] = await forRoot(database, rootId).batch([
    database
      .insert(idempotencyKeys)
      .values({ rootId, id, ...fresh })
      .onConflictDoUpdate({
        target: [idempotencyKeys.rootId, idempotencyKeys.id],
        set: fresh,
        setWhere: or(lte(expiresAt, at), abandoned) as SQL,
      }),
    database
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.rootId, rootId), eq(idempotencyKeys.id, id))),
  ]);
  if (row === undefined) throw new Error("a key was claimed and is not there");
  return stateOf(row, { holder, request, now });
}

function stateOf(row: KeyRow, { holder, request, now }: { holder: string; request: string; now: number }): Claimed {
  if (row.holder === holder) return { state: "held" };
  if (row.request !== request) return { state: "mismatch" };
  if (row.answer !== null) return { state: "answered", answer: row.answer };
  if (row.changed === null || row.heldUntil.getTime() > now) return { state: "in_progress" };
  return { state: "answer_lost", changed: row.changed };
}

const held = ({ rootId, id, holder }: Claim) =>
  and(eq(idempotencyKeys.rootId, rootId), eq(idempotencyKeys.id, id), eq(idempotencyKeys.holder, holder));

const nothingChanged = (claim: Claim) => and(held(claim), isNull(idempotencyKeys.changed));

/** Keeps an answer, which is sealed already, for whoever sends the request again. */
export async function keepAnswer(database: Database, claim: Claim, answer: string): Promise<void> {
  await forRoot(database, claim.rootId).batch([database.update(idempotencyKeys).set({ answer }).where(held(claim))]);
}

/** The same for a refusal: where nothing was changed the key is free again, and the request may be mended and sent anew. */
export async function keepRefusal(database: Database, claim: Claim, answer: string): Promise<void> {
  await forRoot(database, claim.rootId).batch([
    database.delete(idempotencyKeys).where(nothingChanged(claim)),
    database.update(idempotencyKeys).set({ answer }).where(held(claim)),
  ]);
}

/**
 * Gives a key back whose request has failed, free again unless something was changed. A change that is still on its way to
 * the database does not arrive any more (`noteChange`). Where one has arrived, whoever sends the request again is told so
 * from now on.
 */
export async function giveBack(database: Database, claim: Claim, now: number): Promise<void> {
  await forRoot(database, claim.rootId).batch([
    database.delete(idempotencyKeys).where(nothingChanged(claim)),
    database
      .update(idempotencyKeys)
      .set({ heldUntil: new Date(now) })
      .where(held(claim)),
  ]);
}

/** Frees a key whose request may be made again as often as one likes. */
export async function freeKey(database: Database, claim: Claim): Promise<void> {
  await forRoot(database, claim.rootId).batch([database.delete(idempotencyKeys).where(held(claim))]);
}

/** As many rows go with one call (`migrations/`), and at most so many calls are made an hour. */
const AT_ONCE = 10_000;
const MOST_CALLS = 100;

/** Takes away what has run out, of all tenants. For the Worker's cron. */
export async function dropIdempotencyKeys(database: Database): Promise<void> {
  for (let call = 0; call < MOST_CALLS; call++) {
    const { rows } = await database.execute<{ gone: string }>(sql`select gaia_drop_idempotency_keys() as gone`);
    if (Number(rows[0]?.gone) < AT_ONCE) return;
  }
}
