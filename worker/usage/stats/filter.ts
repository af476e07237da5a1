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
  /** Of keys that these users made. */
  memberIds?: readonly string[] | undefined;
  models?: readonly ModelName[] | undefined;
  providers?: readonly string[] | undefined;
  /** First digits of the status: 2, 4, 5. */
  statusClasses?: readonly number[] | undefined;
  outcomes?: readonly string[] | undefined;
  errorCodes?: readonly string[] | undefined;
  sessionIds?: readonly string[] | undefined;
  clients?: readonly string[] | undefined;
  endUsers?: readonly string[] | undefined;
  dialects?: readonly string[] | undefined;
  tags?: readonly { name: string; value: string }[] | undefined;
  streamed?: boolean | undefined;
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
          sql`e.key_id in (select id from api_keys where root_id = ${rootId} and ${sql.join(oneOf(sql`created_by`, memberIds), sql``)})`,
        ]),
    ...either((models ?? []).map((name) => sql`(e.provider = ${name.provider} and ${model} = ${name.upstreamModel})`)),
    ...oneOf(sql`e.provider`, providers),
    ...oneOf(statusClass, statusClasses),
  ];
}

/** True when hourly sums can tell the rows apart by which the filter chooses. */
export const fitsRollups = (filter: UsageFilter): boolean =>
  [
    ...[filter.outcomes, filter.errorCodes, filter.sessionIds, filter.clients, filter.endUsers, filter.dialects],
    ...[filter.tags, filter.streamed],
  ].every((field) => field === undefined);

/** The conditions for rows of `usage_rollups e`; the filter must fit them. */
export const rollupConditions = (rootId: string, filter: UsageFilter): SQL =>
  sql.join(common(rootId, filter, sql`e.model`, sql`e.status_class`), sql` and `);

/** The conditions for rows of `usage_events e`, whatever their revision. */
export function eventConditions(rootId: string, filter: UsageFilter): SQL {
  const { outcomes, errorCodes, sessionIds, clients, endUsers, dialects, tags, streamed } = filter;
  return sql.join(
    [
      ...common(rootId, filter, sql`e.upstream_model`, sql`e.status / 100`),
      ...oneOf(sql`e.outcome`, outcomes),
      ...oneOf(sql`e.error_code`, errorCodes),
      ...oneOf(sql`e.session_id`, sessionIds),
      ...oneOf(sql`e.client`, clients),
      ...oneOf(sql`e.end_user`, endUsers),
      ...oneOf(sql`e.dialect`, dialects),
      ...either((tags ?? []).map(({ name, value }) => sql`e.tags ->> ${name}::text = ${value}`)),
      ...(streamed === undefined ? [] : [sql`e.streamed = ${streamed}`]),
    ],
    sql` and `,
  );
}
