import { type SQL, sql } from "drizzle-orm";

/** A model as it is sent upstream. */
export interface ModelName {
  provider: string;
  upstreamModel: string;
}

/**
 * Which rows count. Several values of one field are alternatives; different fields must all hold. A field that is left out
 * narrows nothing.
 */
export interface UsageFilter {
  /** Only of these organizations; undefined: of the whole tree. */
  organizationIds?: readonly string[] | undefined;
  keyIds?: readonly string[] | undefined;
  /** Of keys that are these users'. */
  memberIds?: readonly string[] | undefined;
  models?: readonly ModelName[] | undefined;
  providers?: readonly string[] | undefined;
  /** First digits of the status: 2, 4, 5. */
  statusClasses?: readonly number[] | undefined;
  outcomes?: readonly string[] | undefined;
  errorCodes?: readonly string[] | undefined;
  sessionIds?: readonly string[] | undefined;
  agentIds?: readonly string[] | undefined;
  clients?: readonly string[] | undefined;
  endUsers?: readonly string[] | undefined;
  dialects?: readonly string[] | undefined;
  routeIds?: readonly string[] | undefined;
  tags?: readonly { name: string; value: string }[] | undefined;
  streamed?: boolean | undefined;
  /** Whether its answer read from a prompt cache. */
  cached?: boolean | undefined;
  /** Whether it was sent upstream more than once. */
  retried?: boolean | undefined;
}

const oneOf = (column: SQL, values: readonly (string | number)[] | undefined): SQL[] =>
  values === undefined ? [] : values.length === 0 ? [sql`false`] : [sql`${column} in ${values}`];

const either = (conditions: readonly SQL[]): SQL[] =>
  conditions.length === 0 ? [] : [sql`(${sql.join([...conditions], sql` or `)})`];

/** What hourly sums and events have in common; `model` is the column with the upstream model. */
function common(rootId: string, filter: UsageFilter, model: SQL, statusClass: SQL): SQL[] {
  const { organizationIds, keyIds, memberIds, models, providers, statusClasses } = filter;
  return [
    sql`e.root_id = ${rootId}`,
    ...oneOf(sql`e.organization_id`, organizationIds),
    ...oneOf(sql`e.key_id`, keyIds),
    ...(memberIds === undefined
      ? []
      : [
          sql`e.key_id in (select id from api_keys where root_id = ${rootId} and ${sql.join(
            oneOf(
              sql`owner`,
              memberIds.map((id) => `user:${id}`),
            ),
            sql``,
          )})`,
        ]),
    ...either((models ?? []).map((name) => sql`(e.provider = ${name.provider} and ${model} = ${name.upstreamModel})`)),
    ...oneOf(sql`e.provider`, providers),
    ...oneOf(statusClass, statusClasses),
  ];
}

/** What many values are told apart by, of which a filter names some. */
export interface LabelFilter {
  label: string;
  values: readonly string[];
}

/** Which sums can tell the rows apart by which a filter chooses. */
export interface FilterNeeds {
  /** Hourly sums are needed: those of a quarter of an hour do not know a field. */
  hours: boolean;
  /** Sums by organization and model do not know a field, which is a key's or of the status. */
  keys: boolean;
  /** Daily sums are needed: hourly ones do not know a field. */
  days: boolean;
  label: LabelFilter | null;
  /** No sums of whole requests can. */
  events: boolean;
  /** Those of first rows can, with corrections beside them. */
  requests: boolean;
}

/** What a filter needs to know of the rows. */
export function needsOf(filter: UsageFilter): FilterNeeds {
  const { outcomes, errorCodes, clients, dialects, routeIds, streamed } = filter;
  const { sessionIds, agentIds, endUsers, tags = [], cached, retried } = filter;
  const days = [outcomes, errorCodes, clients, dialects, routeIds, streamed].some((field) => field !== undefined);
  // A request that has two of the tags would be in both of their sums.
  const names = [...new Set(tags.map(({ name }) => name))];
  const labels: LabelFilter[] = [
    ...(sessionIds === undefined ? [] : [{ label: "session", values: sessionIds }]),
    ...(agentIds === undefined ? [] : [{ label: "agent", values: agentIds }]),
    ...(endUsers === undefined ? [] : [{ label: "end_user", values: endUsers }]),
    ...names.map((name) => ({
      label: `tag:${name}`,
      values: tags.filter((tag) => tag.name === name).map(({ value }) => value),
    })),
  ];
  const { keyIds, memberIds, models, providers, statusClasses } = filter;
  const keys = [keyIds, memberIds, statusClasses].some((field) => field !== undefined);
  const hours = keys || models !== undefined || providers !== undefined;
  const ofRequests = cached !== undefined || retried !== undefined;
  const events = ofRequests || labels.length > 1 || (labels.length > 0 && days);
  const requests = ofRequests && !days && !keys && labels.length === 0;
  return { hours, keys, days, label: labels[0] ?? null, events, requests };
}

/** The conditions for rows of `usage_rollups e`, of coarser sums as far as they know them, and of sums by label but for the label. */
export const rollupConditions = (rootId: string, filter: UsageFilter): SQL =>
  sql.join(common(rootId, filter, sql`e.model`, sql`e.status_class`), sql` and `);

/** The same for rows of `usage_events e`. */
export const rollupConditionsOfEvents = (rootId: string, filter: UsageFilter): SQL =>
  sql.join(common(rootId, filter, sql`e.upstream_model`, sql`e.status / 100`), sql` and `);

/** The conditions for rows of `usage_hour_requests e`. */
export const requestConditions = (rootId: string, filter: UsageFilter): SQL =>
  sql.join(
    [
      rollupConditions(rootId, filter),
      ...(filter.cached === undefined ? [] : [sql`e.cached = ${filter.cached}`]),
      ...(filter.retried === undefined ? [] : [sql`e.retried = ${filter.retried}`]),
    ],
    sql` and `,
  );

/** The conditions for rows of `usage_days e` or `usage_hours e`. */
export const dayConditions = (rootId: string, filter: UsageFilter): SQL =>
  sql.join([...common(rootId, filter, sql`e.model`, sql`e.status_class`), ...ofDays(filter)], sql` and `);

/** What daily sums and events have in common beside. */
const ofDays = ({ outcomes, errorCodes, clients, dialects, routeIds, streamed }: UsageFilter): SQL[] => [
  ...oneOf(sql`e.outcome`, outcomes),
  ...oneOf(sql`e.error_code`, errorCodes),
  ...oneOf(sql`e.client`, clients),
  ...oneOf(sql`e.dialect`, dialects),
  ...oneOf(sql`e.route_id`, routeIds),
  ...(streamed === undefined ? [] : [sql`e.streamed = ${streamed}`]),
];

/** The condition for rows of `usage_day_labels e`, `usage_hour_labels e` or `usage_day_models e` with a label. */
export const labelCondition = (label: string, values: readonly string[] | null): SQL =>
  sql.join([sql`e.label = ${label}`, ...oneOf(sql`e.value`, values ?? undefined)], sql` and `);

/** The condition that what a request's rows come to is above a bound, or is not. All of its rows say the same. */
const exceeds = (column: SQL, bound: number, wanted: boolean | undefined): SQL[] => {
  if (wanted === undefined) return [];
  const others = sql`from usage_events a where a.root_id = e.root_id and a.event_id = e.event_id and a.day = e.day`;
  // Nearly no request has a later row, and an index knows those that have.
  const whole = sql`case when e.rev = 0 and not exists (select ${others} and a.rev > 0) then e.${column}
    else (select sum(a.${column}) ${others}) end`;
  return [wanted ? sql`(${whole}) > ${bound}` : sql`(${whole}) <= ${bound}`];
};

/** The conditions for rows of `usage_events e`, whatever their revision. */
export function eventConditions(rootId: string, filter: UsageFilter): SQL {
  const { sessionIds, agentIds, endUsers, tags } = filter;
  return sql.join(
    [
      ...common(rootId, filter, sql`e.upstream_model`, sql`e.status / 100`),
      ...ofDays(filter),
      ...oneOf(sql`e.session_id`, sessionIds),
      ...oneOf(sql`e.agent_id`, agentIds),
      ...oneOf(sql`e.end_user`, endUsers),
      ...either((tags ?? []).map(({ name, value }) => sql`e.tags ->> ${name}::text = ${value}`)),
      ...exceeds(sql`cache_read`, 0, filter.cached),
      ...exceeds(sql`attempts`, 1, filter.retried),
    ],
    sql` and `,
  );
}
