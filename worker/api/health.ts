import { sql } from "drizzle-orm";
import type { AppContext } from "./context.ts";

/** A Ledger nobody's keys lead to: it answers when Durable Objects do, and stores nothing. */
const PROBE = "org_00000000";

async function check(probe: () => Promise<unknown>): Promise<{ ok: boolean; milliseconds: number }> {
  const begun = Date.now();
  try {
    await probe();
    return { ok: true, milliseconds: Date.now() - begun };
  } catch {
    return { ok: false, milliseconds: Date.now() - begun };
  }
}

/**
 * `GET /health` says what it checked. The status is the Ledger's alone: a tenant whose Ledger is warm is served while
 * Postgres is away. `?database=skip` leaves a sleeping database asleep, for a monitor that asks every few seconds.
 */
export async function health(c: AppContext): Promise<Response> {
  const services = c.get("services");
  const skip = c.req.query("database") === "skip";
  const [ledger, database] = await Promise.all([
    check(() => services.ledger(PROBE, "global").health()),
    skip ? null : check(() => services.database.execute(sql`select 1`)),
  ]);
  const checks = { ledger, database: database ?? { skipped: true } };
  return c.json({ status: ledger.ok ? "ok" : "unavailable", checks }, ledger.ok ? 200 : 503);
}
