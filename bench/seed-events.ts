import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import pg from "pg";
import { hourlySums } from "../worker/usage/hourly-sums.ts";

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

/** Crockford's base 32, and the first ten characters of an id: the time `at` in milliseconds. */
const ALPHABET = "'0123456789ABCDEFGHJKMNPQRSTVWXYZ'";
const TIME = Array.from(
  { length: 10 },
  (_, place) => `substr(${ALPHABET}, ((ms >> ${45 - 5 * place}) & 31)::int + 1, 1)`,
).join(" || ");

/**
 * Requests of one day: more by day than by night, few organizations with most of them, a model or two a key, agents' sessions that read
 * what they have cached, latencies with a long tail, one in forty that failed.
 */
const EVENTS = `
with drawn as (
  select i, r.*, ($2::bigint + (86400000 * (case when r.a < 0.8 then 0.3 + r.b * 0.45 else r.b end))::bigint) as ms,
    floor(power(r.c, 2.2) * 40)::int as org, (floor(power(r.c, 2.2) * 40)::int * 5 + floor(r.a * 5)::int + floor(r.d * 1.4)::int * 7) % 12 as model, r.e < 0.55 as agent,
    case when r.f < 0.93 then 200 when r.f < 0.95 then 499 when r.f < 0.98 then 429 else 502 end as status,
    exp(6.8 + 1.1 * sqrt(-2 * ln(r.g + 1e-9)) * cos(6.283185 * r.h))::int as duration
  from generate_series(1, $3::int) i, lateral (
    select random() a, random() b, random() c, random() d, random() e, random() f, random() g, random() h, i as again
  ) r
)
insert into usage_events (event_id, rev, day, root_id, organization_id, key_id, session_id, agent_id, client, end_user,
  tags, dialect, operation, provider, simulated, requested_model, upstream_model, served_model, streamed, price_version,
  started_at, settled_at, outcome, status, error_code, attempts, stop_reason, input_uncached, cache_read, cache_write, output,
  reasoning, raw_usage, exact, cost_nano, list_cost_nano, held_nano, ttft_ms, duration_ms, upstream_dialect)
select ${TIME} || upper(substr(md5(random()::text), 1, 15)) || substr(${ALPHABET}, floor(random() * 32)::int + 1, 1),
  0, to_timestamp(ms / 1000.0)::date, $1, 'org_seed' || lpad(org::text, 4, '0'),
  'key_seed' || lpad((org * 5 + floor(a * 5))::text, 8, '0'),
  case when agent then 'session ' || $2 || ' ' || org || ' ' || floor(h * 60) end, null,
  (array['claude-cli/2.1', 'openai-js/7.57.0', 'openai-python/2.9', 'curl/8'])[1 + floor(g * 4)::int], null,
  case when e < 0.3 then jsonb_build_object('team', 'team ' || org % 7) else '{}' end,
  'openai-chat', 'generate', (array['openai', 'anthropic', 'google'])[1 + model % 3], true, 'model-' || model,
  'model-' || model, 'model-' || model, f < 0.7, 'seed', to_timestamp(ms / 1000.0), to_timestamp((ms + duration) / 1000.0),
  case status when 200 then 'ok' when 499 then 'client_gone' else 'provider_error' end, status,
  case when status in (429, 502) then 'upstream_error' end, 1, 'stop', (200 + g * 3000)::int,
  case when agent then (h * 60000)::int else 0 end, case when agent then (g * 4000)::int else 0 end, (20 + f * 900)::int, 0,
  '{"prompt_tokens": 1}', true, (100000 + h * 90000000)::bigint, (100000 + h * 90000000)::bigint, 200000000,
  case when status = 200 then greatest(20, duration / 4) end, duration, 'openai-chat'
from drawn`;

/** One in two hundred was corrected later. */
const CORRECTIONS = `
insert into usage_events
select (jsonb_populate_record(e, jsonb_build_object('rev', 1, 'input_uncached', 0, 'cache_read', 0, 'cache_write', 0,
  'output', 0, 'duration_ms', 0, 'attempts', 0, 'cost_nano', -(e.cost_nano / 10), 'list_cost_nano', -(e.cost_nano / 10)))).*
from usage_events e where e.root_id = $1 and e.day = to_timestamp($2::bigint / 1000.0)::date and e.rev = 0
  and substr(e.event_id, 24, 2) in ('00', '7F') and $3::int > 0`;

const PARTITION = `
do $$ declare first date := date_trunc('month', to_timestamp(:from) at time zone 'UTC')::date; begin
  if to_regclass(format('public.usage_events_%s', to_char(first, 'YYYY_MM'))) is null then
    execute format('create table usage_events_%s partition of usage_events for values from (%L) to (%L)',
      to_char(first, 'YYYY_MM'), first, (first + interval '1 month')::date);
  end if; end $$`;

/**
 * Writes usage of many days for a tenant, with its hourly sums, straight into Postgres: ten million events in some minutes.
 * For measuring; the tenant's Ledger knows nothing of them.
 */
export async function seedEvents({ url, rootId, events, days, until, onDay }: Seeding): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select setseed(0.42)");
    let written = 0;
    for (let day = days; day >= 1; day--) {
      const from = Math.floor(until / DAY_MS) * DAY_MS - day * DAY_MS;
      const count = Math.floor((events * (days - day + 1)) / days) - written;
      await client.query(PARTITION.replace(":from", String(from / 1000)));
      await client.query(EVENTS, [rootId, from, count]);
      await client.query(CORRECTIONS, [rootId, from, count]);
      written += count;
      onDay(written);
    }
    const first = new Date(until - (days + 1) * DAY_MS).toISOString();
    const sums = new PgDialect().sqlToQuery(sql`
      insert into usage_rollups (root_id, hour, organization_id, key_id, model, provider, status_class, requests,
        input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
      select ${hourlySums} from usage_events where root_id = ${rootId} and started_at >= ${first}::timestamptz
      group by 1, 2, 3, 4, 5, 6, 7`);
    await client.query(sums.sql, sums.params);
    await client.query("vacuum analyze usage_events, usage_rollups");
  } finally {
    await client.end();
  }
}
