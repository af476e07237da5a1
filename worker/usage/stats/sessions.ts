import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { dearest } from "./dearest.ts";
import { type Dimension, dimension } from "./dimension.ts";
import { addedFigures, anyUse, type Figures, pickFigures, summedFigures } from "./figures.ts";
import { readAll } from "./read.ts";
import { type Column, rowsOf, type UsageScope } from "./rows.ts";
import type { Slot } from "./tiles.ts";

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
  /** The keys it was made with, each with its organization then. */
  keys: { keyId: string; organizationId: string }[];
}

interface Row extends Figures {
  session: string;
  first_at: string;
  last_at: string;
  models: Session["models"];
  keys: Session["keys"];
}

const at = (events: SQL, labels: SQL): Dimension => ({ hours: null, days: null, label: "session", events, labels });

const COLUMNS: Column[] = [
  { name: "session", dimension: dimension("session") },
  { name: "model", dimension: dimension("model") },
  { name: "key_id", dimension: dimension("key") },
  { name: "organization_id", dimension: dimension("organization") },
  { name: "first_at", dimension: at(sql`e.started_at`, sql`e.first_at`) },
  { name: "last_at", dimension: at(sql`e.started_at`, sql`e.last_at`) },
];

const milliseconds = (of: SQL): SQL => sql`(extract(epoch from ${of}) * 1000)::bigint`;

const VALUES: Record<SessionOrder, SQL> = { recent: milliseconds(sql`max(last_at)`), cost: sql`sum(cost_nano)` };

interface Page {
  order: SessionOrder;
  limit: number;
  after: SessionPlace | null;
}

interface Place {
  session: string;
  value: string;
}

const slotsOf = ({ period }: UsageScope): Slot[] => [{ ...period, id: 0 }];

// A session's first moment cannot be taken away from a day's.
const sessionRows = (scope: UsageScope): SQL =>
  rowsOf(scope, COLUMNS, slotsOf(scope), { subtract: false, of: "labelled" }).rows;

/** The sessions of a page in their order and one more, by nothing but what they are ordered by. */
function pageStatement(rows: SQL, { order, limit, after }: Page, having: SQL): SQL {
  const beyond = after === null ? sql`true` : sql`(value, session) < (${after.value}::numeric, ${after.id}::text)`;
  return sql`
    select session, value::text as value from (
      select session, (${VALUES[order]})::numeric as value from (${rows}) r
      where session is not null group by session having ${having}
    ) found where ${beyond} order by found.value desc, session desc limit ${limit + 1}::int`;
}

const FIRST_LOOK_MS = 86_400_000;

/**
 * The places of a page of the latest. They are looked for in the last day first, and in eight times as long while that has too few: whoever
 * is among the latest was last seen there.
 */
async function readLatest(database: Database, scope: UsageScope, page: Page): Promise<Place[]> {
  const { from } = scope.period;
  // Nothing that is later than the place of the page before can follow it.
  const last = page.after === null ? scope.period.to : Number(page.after.value);
  for (let look = FIRST_LOOK_MS; ; look *= 8) {
    const period = { ...scope.period, from: Math.max(from, Math.floor((last - look) / FIRST_LOOK_MS) * FIRST_LOOK_MS) };
    const found = await readPlaces(database, scope, pageStatement(sessionRows({ ...scope, period }), page, sql`true`));
    if (found.length > page.limit || period.from === from) return found;
  }
}

/**
 * The places of a page of the dearest: among those that can be, then among all that cost something, and at last among those that only
 * were used.
 */
async function readDearest(database: Database, scope: UsageScope, page: Page): Promise<Place[]> {
  const columns = COLUMNS.slice(0, 1);
  const all = rowsOf(scope, columns, slotsOf(scope), { of: "labelled" });
  const bounds = all.source === "rollups" ? dearest(scope) : null;
  if (bounds !== null) {
    const { tables, sessions, atEdges, others } = bounds;
    const { rows } = rowsOf(scope, columns, slotsOf(scope), { of: "labelled", values: sessions, edgeValues: atEdges });
    const found = await readPlaces(
      database,
      scope,
      sql`with ${tables}
        page as (${pageStatement(rows, page, sql`sum(cost_nano) > ${others}`)}) select * from page`,
    );
    if (found.length > page.limit) return found;
  }
  const found = await readPlaces(database, scope, pageStatement(all.rows, page, sql`sum(cost_nano) > 0`));
  return found.length > page.limit ? found : readPlaces(database, scope, pageStatement(all.rows, page, anyUse));
}

async function readPlaces(database: Database, scope: UsageScope, statement: SQL): Promise<Place[]> {
  const [found = []] = (await readAll(database, scope.rootId, [statement])) as unknown as [Place[]];
  return found;
}

/** A scope's agent sessions with what each cost, a page of them; requests without a session are left out. Throws as `readAll`. */
export async function readSessions(
  database: Database,
  scope: UsageScope,
  page: Page,
): Promise<{ sessions: Session[]; next: SessionPlace | null }> {
  const places = await (page.order === "cost" ? readDearest : readLatest)(database, scope, page);
  const shown = places.slice(0, page.limit);
  if (shown.length === 0) return { sessions: [], next: null };
  const only = { ...scope, filter: { ...scope.filter, sessionIds: shown.map(({ session }) => session) } };
  const statement = sql`
    with by_key as materialized (
      select session, model, key_id, organization_id, min(first_at) as first_at, max(last_at) as last_at, ${addedFigures}
      from (${sessionRows(only)}) r group by session, model, key_id, organization_id
    ), by_model as (
      select session, model, min(first_at) as first_at, max(last_at) as last_at, ${addedFigures} from by_key group by session, model
    ), keys as (
      select session, jsonb_agg(distinct jsonb_build_object('keyId', key_id, 'organizationId', organization_id)) as keys
      from by_key group by session
    )
    select session, ${milliseconds(sql`min(first_at)`)}::text as first_at, ${milliseconds(sql`max(last_at)`)}::text as last_at, ${summedFigures},
      jsonb_agg(jsonb_build_object('model', model, 'requests', requests::text, 'cost_nano', cost_nano::text)
        order by cost_nano desc, model) as models,
      (select keys.keys from keys where keys.session = by_model.session) as keys
    from by_model group by session`;
  const [rows = []] = (await readAll(database, scope.rootId, [statement])) as unknown as [Row[]];
  const found = new Map(rows.map((row) => [row.session, row]));
  const last = shown.at(-1);
  return {
    sessions: shown.flatMap(({ session }) => {
      const row = found.get(session);
      if (row === undefined) return [];
      const { first_at: firstAt, last_at: lastAt, models, keys } = row;
      const at = { firstAt: Number(firstAt), lastAt: Number(lastAt) };
      return [{ id: session, ...at, figures: pickFigures(row), models, keys }];
    }),
    next: places.length > page.limit && last !== undefined ? { value: last.value, id: last.session } : null,
  };
}
