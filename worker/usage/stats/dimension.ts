import { type SQL, sql } from "drizzle-orm";

/**
 * What rows can be grouped by: expressions over `usage_events e` and over the sums that know it, each text or null. `hours`:
 * `usage_rollups e`; `days`: `usage_days e` and `usage_hours e`. What all sums have in common is also in `usage_day_labels e`.
 */
export interface Dimension {
  /** Null: hourly sums do not know it. */
  hours: SQL | null;
  /** Sums of quarters of an hour know it, by the same expression. */
  quarters?: true;
  /** Daily sums by organization and model know it, by the same expression. */
  models?: true;
  /** Null: neither these nor the hours beside them know it. */
  days: SQL | null;
  events: SQL;
  /** Its values are those of `usage_day_labels` with this label. */
  label?: string;
  /** Over `usage_day_labels e` and `usage_hour_labels e`; where it is left out, as in hourly sums. */
  labels?: SQL;
  /** Its values are ids of these. */
  names?: "organizations" | "keys" | "members" | "routes";
  /** What the expressions need beside the rows, joined to them one to one. */
  join?: SQL;
}

/** The same column, or nearly, wherever there are sums. */
const common = (sums: SQL, events: SQL = sums): Dimension => ({ hours: sums, days: sums, events });
const ofDays = (expression: SQL): Dimension => ({ hours: null, days: expression, events: expression });
const labelled = (label: string, events: SQL): Dimension => ({
  ...{ hours: null, days: null, events, label, labels: sql`e.value` },
});

/** Whose key it is; null for a key that is nobody's, of a service. */
const MEMBER: Dimension = {
  ...common(sql`case when own.owner like 'user:%' then substr(own.owner, 6) end`),
  names: "members",
  join: sql`left join api_keys own on own.root_id = e.root_id and own.id = e.key_id`,
};

const DIMENSIONS = {
  organization: { ...common(sql`e.organization_id`), quarters: true, models: true, names: "organizations" },
  key: { ...common(sql`e.key_id`), names: "keys" },
  member: MEMBER,
  model: { ...common(sql`e.provider || '/' || e.model`, sql`e.provider || '/' || e.upstream_model`), models: true },
  provider: { ...common(sql`e.provider`), models: true },
  status: common(sql`e.status_class || 'xx'`, sql`e.status / 100 || 'xx'`),
  outcome: ofDays(sql`e.outcome`),
  error_code: ofDays(sql`e.error_code`),
  session: labelled("session", sql`e.session_id`),
  agent: labelled("agent", sql`e.agent_id`),
  client: ofDays(sql`e.client`),
  end_user: labelled("end_user", sql`e.end_user`),
  dialect: ofDays(sql`e.dialect`),
  route: { ...ofDays(sql`e.route_id`), names: "routes" },
} satisfies Record<string, Dimension>;

export type DimensionName = keyof typeof DIMENSIONS;
export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as DimensionName[];

export const dimension = (name: DimensionName): Dimension => DIMENSIONS[name];

/** Whether sums by hour tell the values of a label. Sessions and end users have one for every few requests. */
export const isToldByHour = (label: string): boolean => label !== "session" && label !== "end_user";

/** The value of a tag; null where a request does not have it. */
export const tagDimension = (name: string): Dimension => labelled(`tag:${name}`, sql`e.tags ->> ${name}::text`);
