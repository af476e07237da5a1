import { createMemo } from "solid-js";
import { api, ask } from "../api/client.ts";
import { useQuery } from "../api/use-query.ts";
import type { Filter, Scope } from "../state/scope.ts";

/** Of what a page is narrowed to, what stands in the address by its id. */
const NAMED = ["key", "member", "route"] as const satisfies Filter[];

type Names = Map<string, string | null>;
/** Of facets' answer what is read. */
interface Answer {
  data: Record<string, { values: { value: string | null; name?: string | null }[] }>;
}

/** What the things are called that a scope is narrowed to, asked for in one call, each once; what nobody knows has no name. */
export function createFilterNames(scope: Scope) {
  /** What had a name once keeps it: taking one off asks for nothing. */
  const known: Names = new Map();
  const ids = createMemo(() => NAMED.map((name): [name: Filter, ids: string[]] => [name, scope.filters[name][0]()]));
  const unknown = () => ids().flatMap(([name, all]) => all.filter((id) => !known.has(`${name} ${id}`)));
  const asked = useQuery<Answer>(() => ({
    queryKey: ["names", ids()],
    enabled: unknown().length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: ({ signal }) =>
      // The facets of what is asked for tell its name, of however short a time.
      ask(
        api.requests.facets.$get(
          { query: { ...Object.fromEntries(ids()), fields: NAMED.join(","), from: "-1m" } },
          { init: { signal } },
        ),
      ),
  }));
  const names = createMemo<Names>(
    () => {
      for (const [name, { values }] of Object.entries(asked.data?.data ?? {}))
        for (const one of values) known.set(`${name} ${one.value}`, one.name ?? null);
      return known;
    },
    known,
    { equals: false },
  );
  return {
    of: (name: Filter, id: string): string | null => names().get(`${name} ${id}`) ?? null,
    /** Nothing can be said yet. */
    toCome: () => asked.isLoading && unknown().length > 0,
  };
}
