import pg from "pg";
import { type SeededDay, seedDay } from "./seed-day.ts";
import { makeSums } from "./seed-sums.ts";

const DAY_MS = 86_400_000;

export interface Seeding {
  /** Connection string of a role that owns the tables and is above row-level security. */
  url: string;
  rootId: string;
  events: number;
  days: number;
  /** The end of the last day, milliseconds since the epoch. */
  until: number;
  onDay(written: number): void;
}

/** A month's events. */
interface Month {
  partition: string;
  first: Date;
  next: Date;
  days: SeededDay[];
}

/** Saturdays and Sundays have a part of the requests of other days. */
const ofDay = (from: number): number => ([0, 6].includes(new Date(from).getUTCDay()) ? 0.4 : 1);

function monthsOf({ events, days, until }: Seeding): Month[] {
  const end = Math.floor(until / DAY_MS) * DAY_MS;
  const all = Array.from({ length: days }, (_, day) => end - (days - day) * DAY_MS);
  const weight = all.reduce((sum, from) => sum + ofDay(from), 0);
  let [passed, written] = [0, 0];
  const seeded = all.map((from): SeededDay => {
    passed += ofDay(from);
    const count = Math.round((events * passed) / weight) - written;
    written += count;
    return { from, count };
  });
  return [...Map.groupBy(seeded, ({ from }) => new Date(from).toISOString().slice(0, 7))].map(([month, ofMonth]) => {
    const first = new Date(`${month}-01T00:00:00Z`);
    const next = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1));
    return { partition: `usage_events_${month.replace("-", "_")}`, first, next, days: ofMonth };
  });
}

/**
 * A month's partition, to be filled while it is attached to nothing, since indexes are made far faster of rows that are there.
 * One that is there and has rows is filled as it is.
 */
async function detached(client: pg.Client, { partition }: Month): Promise<boolean> {
  const { rows } = await client.query("select to_regclass($1) is not null as exists", [`public.${partition}`]);
  if (rows[0]?.exists === true) {
    const { rowCount } = await client.query(`select from ${partition} limit 1`);
    if (rowCount !== 0) return false;
    await client.query(`drop table ${partition}`);
  }
  await client.query(`create table ${partition} (like usage_events including defaults)`);
  await client.query(`alter table ${partition} enable row level security`);
  await client.query(`alter table ${partition} force row level security`);
  return true;
}

/**
 * Writes usage of many days for a tenant, with its sums, straight into Postgres: ten million events in some minutes. For
 * measuring; the tenant's Ledger knows nothing of them.
 */
export async function seedEvents(seeding: Seeding): Promise<void> {
  const { url, rootId, days, until, onDay } = seeding;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // The same for the same tenant; others have ids of their own.
    const seed = "select setseed(abs(hashtext($1)) / 2147483648.0), set_config('synchronous_commit', 'off', false)";
    await client.query(seed, [rootId]);
    let written = 0;
    for (const month of monthsOf(seeding)) {
      const alone = await detached(client, month);
      for (const day of month.days) {
        await seedDay(client, alone ? month.partition : "usage_events", rootId, day);
        written += day.count;
        onDay(written);
      }
      if (!alone) continue;
      const [first, next] = [month.first, month.next].map((at) => at.toISOString().slice(0, 10));
      await client.query(
        `alter table usage_events attach partition ${month.partition} for values from ('${first}') to ('${next}')`,
      );
    }
    await makeSums(client, rootId, new Date(until - (days + 1) * DAY_MS));
    await client.query("vacuum analyze");
  } finally {
    await client.end();
  }
}
