import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { createDatabase, type Database } from "../drizzle/client.ts";
import { forRoot } from "../drizzle/tenant.ts";
import { startDatabase } from "../local/database/start.ts";
import { plansOf, startRecorder } from "./size-plans.ts";
import { type Asking, QUESTIONS, type Question } from "./size-questions.ts";
import { type Answered, MOST_MS, sizeDocument, writeSizeDocument } from "./size-report.ts";
import { quantile } from "./statistics.ts";

/**
 * `npm run bench:statistics -- --root org_… [--rounds 25] [--only text] [--write]`: what statistics and the log take at size, in the
 * Postgres of `DATABASE_URL` (the application's role) that `bench:seed` has filled. `--write` puts it into
 * docs/benchmarks-statistics.md.
 */
const { values } = parseArgs({
  options: {
    root: { type: "string" },
    rounds: { type: "string", default: "25" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
const { DATABASE_URL: url } = process.env;
if (url === undefined || values.root === undefined) {
  console.error("DATABASE_URL and --root are needed.");
  process.exit(1);
}
const rootId = values.root;

const DAY_MS = 86_400_000;
const FLOORS: Question[] = [
  {
    name: "select 1",
    kind: "floor",
    async ask({ database }) {
      await forRoot(database, rootId).batch([database.execute(sql`select 1`)]);
      return "";
    },
  },
  {
    name: "one row by its primary key",
    kind: "floor",
    async ask({ database, eventId }) {
      const row = sql`select * from usage_events where event_id = ${eventId} and rev = 0`;
      await forRoot(database, rootId).batch([database.execute(row)]);
      return "events";
    },
  },
];
const PLANNED = [
  ...[
    "summary, 90 d",
    "summary, 30 d, of a client",
    "series, 30 d by day, Europe/Zurich",
    "series, 30 d by day, Asia/Kolkata",
  ],
  ...[
    "breakdown, 30 d by organization and model",
    "breakdown, 30 d by session",
    "sessions, 7 d, recent",
    "log, first page",
  ],
  ...["log, of a tag that is rare", "log, count", "log, facets"],
];

interface Drawn extends Record<string, unknown> {
  event_id: string | null;
  session_id: string | null;
  end_user: string | null;
}

/** What a round asks for; big organizations more often than small ones, as they have more requests. */
async function draw(database: Database): Promise<Asking> {
  const to = Date.now() - Math.floor(Math.random() * DAY_MS);
  const key = Math.floor(Math.random() ** 2.2 * 40) * 5 + Math.floor(Math.random() * 5);
  const iso = (days: number) => new Date(to - days * DAY_MS).toISOString();
  const label = (name: string, days: number) => sql`(select value from usage_day_labels where root_id = ${rootId}
    and label = ${name} and day = ${iso(days).slice(0, 10)}::date offset ${Math.floor(Math.random() * 3_000)} limit 1)`;
  const [{ rows }] = await forRoot(database, rootId).batch([
    database.execute<Drawn>(sql`select (
        select event_id from usage_events where root_id = ${rootId} and started_at > ${iso(1 + Math.random() * 85)}::timestamptz
        order by started_at limit 1
      ) as event_id, ${label("session", 2 + Math.random() * 20)} as session_id, ${label("end_user", 3)} as end_user`),
  ]);
  return {
    ...{ database, rootId, to },
    keyId: `key_seed${String(key).padStart(8, "0")}`,
    organizationId: `org_seed${String(Math.floor(key / 5)).padStart(4, "0")}`,
    eventId: rows[0]?.event_id ?? "",
    sessionId: rows[0]?.session_id ?? "",
    endUser: rows[0]?.end_user ?? "",
  };
}

async function ask(question: Question, asking: Asking, answered: Answered): Promise<void> {
  const at = performance.now();
  try {
    answered.source = await question.ask(asking);
  } catch (error) {
    answered.source = String((error as { code?: unknown }).code ?? error);
  }
  answered.times.push(performance.now() - at);
}

const SIZES = sql`select case when relname like 'usage_events%' then 'usage_events' else relname end as name,
    sum(n_live_tup)::text as rows, pg_size_pretty(sum(pg_total_relation_size(relid))) as bytes
  from pg_stat_user_tables where relname like 'usage%' and n_live_tup > 0 group by 1 order by 1`;
const SETTINGS = sql`select 'PostgreSQL ' || current_setting('server_version') || ', ' || string_agg(name || ' ' ||
    current_setting(name), ', ' order by name) || '.' as told
  from unnest(array['shared_buffers', 'effective_cache_size', 'random_page_cost', 'max_parallel_workers_per_gather']) name`;

const server = await startDatabase({
  ...{ port: 0, postgresUrl: url },
  appPassword: decodeURIComponent(new URL(url).password),
});
const recorder = await startRecorder(server.url);
try {
  const database = createDatabase({ url, endpoint: server.url }, 30_000);
  const questions = [...FLOORS, ...QUESTIONS].filter(({ name }) => name.includes(values.only));
  const answered = questions.map(({ name, kind }): Answered => ({ name, kind, source: "", times: [] }));
  for (let round = 0; round <= Number(values.rounds); round++) {
    const asking = await draw(database);
    for (const [index, question] of questions.entries()) await ask(question, asking, answered[index] as Answered);
    // The first warms up.
    if (round === 0) for (const one of answered) one.times = [];
    process.stderr.write(`\rround ${round} of ${values.rounds} `);
  }
  process.stderr.write("\n");
  for (const { name, kind, source, times } of answered) {
    const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
    const told = [Math.min(...times), p50, p95].map((time) => time.toFixed(0).padStart(6)).join(" ");
    console.log(`${name.padEnd(55)} ${source.padEnd(8)} ${told}${p95 > MOST_MS[kind] ? ` > ${MOST_MS[kind]}` : ""}`);
  }
  if (values.write) {
    const recorded = createDatabase({ url, endpoint: recorder.url }, 30_000);
    const asking = { ...(await draw(database)), database: recorded };
    const plans: { name: string; plans: string[] }[] = [];
    for (const question of questions.filter(({ name }) => PLANNED.includes(name))) {
      recorder.take();
      await question.ask(asking);
      plans.push({ name: question.name, plans: await plansOf(url, rootId, recorder.take()) });
    }
    const tables = (await database.execute<{ name: string; rows: string; bytes: string }>(SIZES)).rows;
    const settings = (await database.execute<{ told: string }>(SETTINGS)).rows[0]?.told ?? "";
    writeSizeDocument(sizeDocument({ answered, tables, plans, settings }, new Date()));
  }
} finally {
  await recorder.close();
  await server.close();
}
