import type { TestDatabase } from "./database.ts";

/** Takes events of before this month, for which a database that is new has no partition. */
export async function makePastPartition({ sql }: Pick<TestDatabase, "sql">): Promise<void> {
  const [bounds] = await sql`select date_trunc('month', now() at time zone 'UTC')::date::text as month`;
  await sql.query(
    `create table usage_events_past partition of usage_events for values from ('2000-01-01') to ('${bounds?.month}')`,
  );
}
