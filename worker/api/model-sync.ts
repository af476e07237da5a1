import type { Database } from "../../drizzle/client.ts";
import { readListStates, storeModelList } from "../organizations/model-lists.ts";
import { connectionTo, type ProviderSettings } from "../providers/connection.ts";
import { providers } from "../providers/registry.ts";
import { readModelList } from "../router/read-model-list.ts";

/** What came of reading one provider's list. */
export interface ListReport {
  provider: string;
  /** `recent`: it was read, or tried, a moment ago. */
  outcome: "read" | "failed" | "recent";
  /** In a stable word; null: it did not fail. */
  failure: string | null;
  /** How many models it names; null where nobody has read it. */
  models: number | null;
  /** The simulator stands in for the provider. */
  simulated: boolean;
}

export interface SyncDependencies {
  database: Database;
  providers: ProviderSettings;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Milliseconds in which a list is not read again: the lists are everybody's, and so is the credential. */
const RECENT = 60_000;

/**
 * Reads the lists of all providers that are set up, beside each other, and keeps what each says. One that fails keeps none of
 * the others, and what it said before. Throws only when the database cannot be asked.
 */
export async function syncModelLists({ database, providers: settings, now }: SyncDependencies): Promise<ListReport[]> {
  const states = new Map((await readListStates(database)).map((state) => [state.provider, state]));
  const reached = Object.values(providers).flatMap((provider) => {
    const connection = connectionTo(provider, settings, null);
    return connection === null ? [] : [{ provider, connection }];
  });
  return Promise.all(
    reached.map(async ({ provider, connection }): Promise<ListReport> => {
      const { id } = provider;
      const { simulated } = connection;
      const state = states.get(id);
      if (state !== undefined && state.simulated === simulated && now() - state.attemptedAt.getTime() < RECENT) {
        return { provider: id, outcome: "recent", failure: state.failure, models: null, simulated };
      }
      const at = new Date(now());
      const list = await readModelList(provider, connection);
      if (!list.ok) {
        await storeModelList(database, { provider: id, at, ok: false, failure: list.failure });
        return { provider: id, outcome: "failed", failure: list.failure, models: null, simulated };
      }
      const models = list.models as unknown as Record<string, unknown>[];
      await storeModelList(database, { provider: id, at, ok: true, simulated, models });
      return { provider: id, outcome: "read", failure: null, models: models.length, simulated };
    }),
  );
}
