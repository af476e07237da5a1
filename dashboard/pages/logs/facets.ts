import type { InferResponseType } from "hono/client";
import { type Accessor, createMemo } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { outcomeName } from "../../format/request.ts";
import type { LogQuery } from "./log-filters.ts";
import type { Known } from "./suggestions.ts";
import type { Condition } from "./tokens.ts";
import { writeToken } from "./tokens.ts";

type Answer = InferResponseType<typeof api.requests.facets.$get>;

/** How often each value of each field occurs; an id's name is beside it. */
export interface Facets extends Omit<Answer, "data"> {
  data: Record<string, { values: { value: string | null; count: number; name?: string | null }[]; more: boolean }>;
}

/** Fields of the rail, in their order. */
export const RAIL = [
  "status",
  "outcome",
  "error_code",
  "model",
  "provider",
  "key",
  "member",
  "route",
  "client",
] as const;
export type RailField = (typeof RAIL)[number];
/** What is suggested in the bar beside them. */
const OTHERS = ["session", "agent", "end_user", "dialect"] as const;

/** A value as people call it. */
export const valueWords = (field: string, value: string, name: string | null): string =>
  field === "outcome" ? outcomeName(value) : (name ?? value);

export interface FacetsOfLog {
  facets: Accessor<Facets | undefined>;
  /** What occurs, for suggestions. */
  known: Accessor<Known>;
  /** A condition by its thing's name, where it has one: `key:ci-runner`. */
  nameOf: (condition: Condition) => string | null;
}

/** What values the requests of a query have, and how often. */
export function useFacets(query: Accessor<LogQuery>): FacetsOfLog {
  const asked = useQuery<Facets>(() => ({
    queryKey: ["logs", "facets", query()],
    queryFn: ({ signal }) =>
      ask(
        api.requests.facets.$get(
          { query: { ...query(), fields: [...RAIL, ...OTHERS].join(",") } },
          { init: { signal } },
        ),
      ),
  }));
  const known = createMemo<Known>(() =>
    Object.fromEntries(
      Object.entries(asked.data?.data ?? {}).map(([field, { values }]) => [
        field,
        values.flatMap(({ value, name, count }) => (value === null ? [] : [{ value, name: name ?? null, count }])),
      ]),
    ),
  );
  // What had a name once keeps it, also where a narrower question no longer finds it.
  const names = new Map<string, string>();
  const nameOf = (condition: Condition): string | null => {
    const { param, value } = condition;
    const found = known()[param]?.find((one) => one.value === value)?.name;
    if (found) names.set(`${param} ${value}`, found);
    const name = names.get(`${param} ${value}`);
    return name === undefined ? null : writeToken({ param, value: name });
  };
  return { facets: () => asked.data, known, nameOf };
}
