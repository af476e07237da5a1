import { type SQL, sql } from "drizzle-orm";

/** What rows can be grouped by: an expression over `usage_rollups e` and one over `usage_events e`, each text or null. */
export interface Dimension {
  /** Null: hourly sums do not know it. */
  rollups: SQL | null;
  events: SQL;
  /** What the expressions need beside the rows, joined to them one to one. */
  join?: SQL;
}

const same = (expression: SQL): Dimension => ({ rollups: expression, events: expression });
const ofEvents = (expression: SQL): Dimension => ({ rollups: null, events: expression });

/** Who made the key; null when that is nobody with an account. */
const MEMBER: Dimension = {
  ...same(sql`case when made.created_by like 'usr\_%' then made.created_by end`),
  join: sql`left join api_keys made on made.root_id = e.root_id and made.id = e.key_id`,
};

const DIMENSIONS = {
  organization: same(sql`e.organization_id`),
  key: same(sql`e.key_id`),
  member: MEMBER,
  model: { rollups: sql`e.provider || '/' || e.model`, events: sql`e.provider || '/' || e.upstream_model` },
  provider: same(sql`e.provider`),
  status: { rollups: sql`e.status_class || 'xx'`, events: sql`e.status / 100 || 'xx'` },
  outcome: ofEvents(sql`e.outcome`),
  error_code: ofEvents(sql`e.error_code`),
  session: ofEvents(sql`e.session_id`),
  agent: ofEvents(sql`e.agent_id`),
  client: ofEvents(sql`e.client`),
  end_user: ofEvents(sql`e.end_user`),
  dialect: ofEvents(sql`e.dialect`),
  route: ofEvents(sql`e.route_id`),
} satisfies Record<string, Dimension>;

export type DimensionName = keyof typeof DIMENSIONS;
export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as DimensionName[];

export const dimension = (name: DimensionName): Dimension => DIMENSIONS[name];

/** The value of a tag; null where a request does not have it. */
export const tagDimension = (name: string): Dimension => ofEvents(sql`e.tags ->> ${name}::text`);
