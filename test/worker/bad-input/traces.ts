import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import type { Gateway } from "../../support/gateway.ts";

/** What requests leave behind: at the providers, in the Ledgers' own files, and in Postgres. */
export interface Traces {
  upstreamCalls: number;
  ledgers: number;
  /** Requests admitted and not settled, in the Ledgers' journals. */
  holds: number;
  /** Requests settled and not yet forgotten. */
  settled: number;
  events: number;
}

/** Where workerd keeps the Ledgers' databases, one file each. */
const objectsOf = (gateway: Gateway): string => {
  const [, , configuration = ""] = gateway.worker.process.spawnargs;
  return join(dirname(configuration), "objects", "gaiarouter-Ledger");
};

export async function tracesOf(gateway: Gateway): Promise<Traces> {
  const books = await fetch(`${gateway.simulator.url}/_simulator/requests?limit=2000`);
  const { data } = (await books.json()) as { data: unknown[] };
  const directory = objectsOf(gateway);
  const files = readdirSync(directory).filter((name) => name.endsWith(".sqlite"));
  let [holds, settled] = [0, 0];
  for (const file of files) {
    const ledger = new DatabaseSync(join(directory, file), { readOnly: true });
    try {
      const tables = ledger.prepare("select name from sqlite_master where name = 'journal'").all();
      if (tables.length === 0) continue;
      const rows = ledger.prepare("select count(*) as n, count(result) as settled from journal").get();
      settled += Number(rows?.settled);
      holds += Number(rows?.n) - Number(rows?.settled);
    } finally {
      ledger.close();
    }
  }
  const [events] = await gateway.database.sql`select count(*) as n from usage_events`;
  return { upstreamCalls: data.length, ledgers: files.length, holds, settled, events: Number(events?.n) };
}

/** Refused requests left no trace at all. */
export async function expectNothingLeft(gateway: Gateway, before: Traces): Promise<void> {
  expect(await tracesOf(gateway)).toEqual(before);
}
