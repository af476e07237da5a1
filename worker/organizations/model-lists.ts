import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { modelLists } from "../../drizzle/schema/index.ts";

export type ModelListRow = typeof modelLists.$inferSelect;

/** When each provider's list was read, and how that ended. The lists are the gateway's, of no tenant. */
export const readListStates = (database: Database): Promise<Omit<ModelListRow, "models">[]> => {
  const { provider, attemptedAt, failure, readAt, simulated } = modelLists;
  return database.select({ provider, attemptedAt, failure, readAt, simulated }).from(modelLists).orderBy(provider);
};

/** Keeps what a list said; a failure leaves what it said before. */
export async function storeModelList(
  database: Database,
  { provider, at, ...read }: { provider: string; at: Date } & StoredList,
): Promise<void> {
  const attempt = { attemptedAt: at, failure: read.ok ? null : read.failure };
  const set = read.ok ? { ...attempt, readAt: at, simulated: read.simulated, models: read.models } : attempt;
  await database
    .insert(modelLists)
    .values({ provider, ...set })
    .onConflictDoUpdate({
      target: modelLists.provider,
      set,
      setWhere: sql`${modelLists.attemptedAt} <= ${at.toISOString()}`,
    });
}

type StoredList = { ok: true; simulated: boolean; models: Record<string, unknown>[] } | { ok: false; failure: string };
