import { or, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

/** The condition that one of the columns holds a text, in any case. The text's own `%`, `_` and `\` mean themselves. */
export function holdsText(columns: readonly PgColumn[], text: string): SQL | undefined {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return or(...columns.map((column) => sql`${column} ilike ${pattern}`));
}
