import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { addedFigures, type Figures, pickFigures, summedFigures } from "./figures.ts";
import { readAll } from "./read.ts";
import { type Column, rowsOf, type UsageScope } from "./rows.ts";

export const SESSION_ORDERS = ["recent", "cost"] as const;
/** `recent`: the last request first; `cost`: the dearest first. */
export type SessionOrder = (typeof SESSION_ORDERS)[number];

/** Where a page ended: by what its last session is ordered, in decimal digits, and its id. */
export interface SessionPlace {
  value: string;
  id: string;
}

export interface Session {
  id: string;
  /** When its first and last requests of the period started, milliseconds since the epoch. */
  firstAt: number;
  lastAt: number;
  figures: Figures;
  /** What it used of each model, the dearest first. */
  models: { model: string; requests: string; cost_nano: string }[];
}

interface Row extends Figures {
  session: string;
  first_at: string;
  last_at: string;
  value: string;
  models: Session["models"];
}

const COLUMNS: Column[] = [
  { name: "session", dimension: { rollups: null, events: sql`e.session_id` } },
  { name: "model", dimension: { rollups: null, events: sql`e.provider || '/' || e.upstream_model` } },
  { name: "at", dimension: { rollups: null, events: sql`(extract(epoch from e.started_at) * 1000)::bigint` } },
];

const VALUES: Record<SessionOrder, SQL> = { recent: sql`max(last_at)`, cost: sql`sum(cost_nano)` };

/** A scope's agent sessions with what each cost, a page of them; requests without a session are left out. Throws as `readAll`. */
export async function readSessions(
  database: Database,
  scope: UsageScope,
  { order, limit, after }: { order: SessionOrder; limit: number; after: SessionPlace | null },
): Promise<{ sessions: Session[]; next: SessionPlace | null }> {
  const beyond = after === null ? sql`true` : sql`(value, session) < (${after.value}::numeric, ${after.id}::text)`;
  const statement = sql`
    with by_model as materialized (
      select session, model, min(at) as first_at, max(at) as last_at, ${addedFigures}
      from (${rowsOf(scope, COLUMNS, "events")}) r where session is not null group by session, model
    ),
    by_session as (
      select session, min(first_at)::text as first_at, max(last_at)::text as last_at,
        (${VALUES[order]})::numeric as value, ${summedFigures}
      from by_model group by session
    ),
    page as materialized (
      select * from by_session where ${beyond} order by value desc, session desc limit ${limit + 1}::int
    ),
    models as (
      select session, jsonb_agg(jsonb_build_object('model', model, 'requests', requests::text, 'cost_nano', cost_nano::text)
        order by cost_nano desc, model) as models
      from by_model where session in (select session from page) group by session
    )
    select page.*, value::text as value, models from page join models using (session)
    order by page.value desc, session desc`;
  const [rows = []] = (await readAll(database, scope.rootId, [statement])) as unknown as [Row[]];
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    sessions: shown.map((row) => ({
      ...{ id: row.session, firstAt: Number(row.first_at), lastAt: Number(row.last_at) },
      ...{ figures: pickFigures(row), models: row.models },
    })),
    next: rows.length > limit && last !== undefined ? { value: last.value, id: last.session } : null,
  };
}
