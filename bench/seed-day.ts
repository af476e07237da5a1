import type pg from "pg";

/** So many requests that started on the UTC day which begins at `from`, milliseconds since the epoch. */
export interface SeededDay {
  from: number;
  count: number;
}

/** Crockford's base 32, and the first ten characters of an id: the time `at` in milliseconds. */
const ALPHABET = "'0123456789ABCDEFGHJKMNPQRSTVWXYZ'";
const TIME = Array.from(
  { length: 10 },
  (_, place) => `substr(${ALPHABET}, ((ms >> ${45 - 5 * place}) & 31)::int + 1, 1)`,
).join(" || ");
/** What follows it, by chance; md5 knows sixteen characters, and what is sampled goes by the last two. */
const CHANCE = `upper(substr(md5(random()::text), 1, 14)) || substr(${ALPHABET}, floor(random() * 32)::int + 1, 1)
  || substr(${ALPHABET}, floor(random() * 32)::int + 1, 1)`;

/**
 * Requests of one day: more by day than by night; forty organizations of five keys each, few with most of the requests; a key is an
 * agent or an application, which keeps to its client, its dialect and mostly to one model; agents' sessions of about an hour
 * read what they have cached; some applications name their users, some tag; latencies have a long tail; one in fifteen did not end well.
 * Written in the order of time, as Ledgers do: rows of an hour are next to each other.
 */
const events = (table: string) => `
with drawn as (
  select i, r.*, ($2::bigint + (86400000 * (case when r.a < 0.8 then 0.3 + r.b * 0.45 else r.b end))::bigint) as ms,
    floor(power(r.c, 2.2) * 40)::int * 5 + floor(r.d * 5)::int as key,
    case when r.f < 0.93 then 200 when r.f < 0.95 then 499 when r.f < 0.98 then 429 when r.f < 0.985 then 400 else 502 end as status,
    exp(6.8 + 1.1 * sqrt(-2 * ln(r.g + 1e-9)) * cos(6.283185 * r.h))::int as duration
  from generate_series(1, $3::int) i, lateral (
    select random() a, random() b, random() c, random() d, random() e, random() f, random() g, random() h, i as again
  ) r
), owned as (
  select *, key / 5 as org, key % 2 = 0 as agent, (key * 7 + case when e < 0.9 then 0 else 5 end) % 12 as model, key % 5 as program,
    status in (200, 499) as answered
  from drawn
)
insert into ${table} (event_id, rev, day, root_id, organization_id, key_id, session_id, agent_id, client, end_user,
  tags, dialect, operation, provider, simulated, requested_model, upstream_model, served_model, streamed, price_version,
  started_at, settled_at, outcome, status, error_code, attempts, stop_reason, input_uncached, cache_read, cache_write, output,
  reasoning, raw_usage, exact, cost_nano, list_cost_nano, held_nano, ttft_ms, duration_ms, upstream_dialect)
select ${TIME} || ${CHANCE},
  0, to_timestamp(ms / 1000.0)::date, $1, 'org_seed' || lpad(org::text, 4, '0'), 'key_seed' || lpad(key::text, 8, '0'),
  case when agent then 'session ' || key || ' ' || ms / 3600000 || ' ' || floor(h * 3) end, null,
  (array['claude-cli/2.1', 'openai-js/7.57.0', 'openai-python/2.9', 'anthropic-python/1.4', 'curl/8'])[1 + program],
  case when key % 6 = 1 then 'user ' || org || ' ' || floor(power(h, 2) * 300) end,
  case when key % 4 = 1 then jsonb_build_object('team', 'team ' || org % 7, 'feature', 'feature ' || floor(g * 4)) else '{}' end,
  (array['anthropic-messages', 'openai-chat', 'openai-responses', 'anthropic-messages', 'openai-chat'])[1 + program], 'generate',
  (array['openai', 'anthropic', 'google'])[1 + model % 3], true, 'model-' || model, 'model-' || model, 'model-' || model,
  agent or program = 1 or e < 0.02, 'seed', to_timestamp(ms / 1000.0), to_timestamp((ms + duration) / 1000.0),
  case status when 200 then 'ok' when 499 then 'client_gone' else 'provider_error' end, status,
  case status when 429 then 'upstream_rate_limited' when 400 then 'upstream_rejected' when 502 then 'upstream_error' end, 1, 'stop',
  case when answered then (200 + g * 3000)::int else 0 end, case when agent and answered then (h * 60000)::int else 0 end,
  case when agent and answered then (g * 4000)::int else 0 end, case when answered then (20 + f * 900)::int else 0 end, 0,
  '{"prompt_tokens": 1}', f < 0.92 or f > 0.95, case when answered then (100000 + h * 90000000)::bigint else 0 end,
  case when answered then (100000 + h * 90000000)::bigint end, 200000000,
  case when answered then greatest(20, duration / 4) end, duration, 'openai-chat'
from owned order by ms`;

/** One in two hundred was corrected later. */
const corrections = (table: string) => `
insert into ${table}
select (jsonb_populate_record(e, jsonb_build_object('rev', 1, 'input_uncached', 0, 'cache_read', 0, 'cache_write', 0,
  'output', 0, 'duration_ms', 0, 'attempts', 0, 'held_nano', 0, 'cost_nano', -(e.cost_nano / 10),
  'list_cost_nano', -(e.cost_nano / 10)))).*
from ${table} e where e.root_id = $1 and e.day = to_timestamp($2::bigint / 1000.0)::date and e.rev = 0
  and e.started_at >= to_timestamp($2::bigint / 1000.0) and substr(e.event_id, 22, 2) in ('00')`;

/** Writes one day of a tenant into `table`, without its sums. */
export async function seedDay(client: pg.Client, table: string, rootId: string, { from, count }: SeededDay) {
  await client.query(events(table), [rootId, from, count]);
  await client.query(corrections(table), [rootId, from]);
}
