import type { Database } from "../../../drizzle/client.ts";
import type { Actor } from "../../organizations/actor.ts";
import { type Names, readNames, type Unnamed } from "../../organizations/names.ts";
import type { Facet } from "../../usage/log/overview.ts";
import { type Dimension, type DimensionName, dimension } from "../../usage/stats/dimension.ts";

const NO_FACET: Facet = { values: [], more: false };

type Kind = NonNullable<Dimension["names"]>;

/** Values that groups by a dimension have; none where it is null. */
interface Valued {
  by: Dimension | null;
  values: readonly (string | null)[];
}

/** What a statement for names is asked, of values by some dimensions. */
function idsOfGroups(groups: readonly Valued[]): Unnamed {
  const ids: Partial<Record<Kind, string[]>> = {};
  for (const { by, values } of groups) {
    if (by?.names === undefined) continue;
    ids[by.names] = [...(ids[by.names] ?? []), ...values.filter((value) => value !== null)];
  }
  return ids;
}

/** The names of groups by some dimensions, in one statement; none where their values are no ids. */
export const namesOfGroups = (database: Database, actor: Actor, groups: readonly Valued[]): Promise<Names> =>
  readNames(database, actor, idsOfGroups(groups));

/** What a group's value is called: null where it says itself what it is, and of what is gone or not the reader's to see. */
export const groupName = (by: Dimension, value: string | null, names: Names) => ({
  name: by.names === undefined ? null : names.of(by.names, value),
  email: by.names === "members" ? names.email(value) : null,
});

/** Values that a query chooses requests by. */
type Chosen = Partial<Record<DimensionName, readonly string[] | undefined>>;

/** A facet with the ids that were asked for and did not occur. Where not all that did occur is told, nothing is known of the others. */
const withChosen = ({ values, more }: Facet, chosen: readonly string[] = []): Facet => ({
  values: more
    ? values
    : [
        ...values,
        ...[...new Set(chosen)]
          .filter((id) => !values.some(({ value }) => value === id))
          .map((value) => ({ value, count: 0 })),
      ],
  more,
});

/** Facets, with the names of values that are ids; of those, `chosen` ones are told also where nothing matches. */
export async function namedFacets(
  database: Database,
  actor: Actor,
  facets: Record<string, Facet>,
  fields: readonly DimensionName[],
  chosen: Chosen,
) {
  const known = fields.map((field) => ({
    field,
    by: dimension(field),
    ...withChosen(facets[field] ?? NO_FACET, chosen[field]),
  }));
  const ids = known.map(({ by, values }) => ({ by, values: values.map(({ value }) => value) }));
  const names = await namesOfGroups(database, actor, ids);
  return Object.fromEntries(
    known.map(({ field, by, values, more }) => [
      field,
      {
        values: values.map((one) => (by.names === undefined ? one : { ...one, ...groupName(by, one.value, names) })),
        more,
      },
    ]),
  );
}
