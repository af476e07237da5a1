import type { createClient } from "./client.ts";

type Client = Pick<ReturnType<typeof createClient>, "query">;

/** Smaller ones are done before anybody has waited. */
const SMALL_BYTES = 8 * 1024 * 1024;

/** An index of a partitioned table, as drizzle-kit writes it. */
const INDEX = /^\s*(?:--[^\n]*\n\s*)*CREATE INDEX "(\w+)" ON "(\w+)" (USING [\s\S]+?);?\s*$/;

export interface PartitionIndex {
  name: string;
  table: string;
  /** What follows the table's name. */
  definition: string;
}

/** The indexes that a migration's statements make. */
export const indexesOf = (statements: readonly string[]): PartitionIndex[] =>
  statements.flatMap((statement) => {
    const [, name, table, definition] = INDEX.exec(statement) ?? [];
    return name && table && definition ? [{ name, table, definition }] : [];
  });

/**
 * Makes the indexes of a migration on each partition that has rows, while others write to it: an index of the partitioned table then
 * takes those over, where it would have let all writers wait until it was made. No transaction can do so; what was made stays
 * when the migration fails, and is found by the next attempt.
 */
export async function buildIndexes(
  client: Client,
  statements: readonly string[],
  smallBytes = SMALL_BYTES,
): Promise<void> {
  for (const index of indexesOf(statements)) {
    const partitions = await client.query(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = to_regclass($1) and pg_relation_size(c.oid) > $2 order by 1`,
      [`public.${index.table}`, smallBytes],
    );
    for (const { name } of partitions) await buildOn(client, String(name), index);
  }
}

async function buildOn(client: Client, partition: string, { name, definition }: PartitionIndex): Promise<void> {
  const own = `${partition}_${name.replace(/^usage_events_/, "")}`;
  const [found] = await client.query(
    "select i.indisvalid as valid from pg_index i where i.indexrelid = to_regclass($1)",
    [`public.${own}`],
  );
  // What broke off half made is of no use to anybody.
  if (found?.valid === false) await client.query(`drop index concurrently public."${own}"`);
  if (found?.valid !== true) {
    await client.query(`create index concurrently "${own}" on public."${partition}" ${definition}`);
  }
}
