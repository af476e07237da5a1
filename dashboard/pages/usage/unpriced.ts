import { type Accessor, createMemo } from "solid-js";
import { api, ask } from "../../api/client.ts";
import type { Breakdown } from "../../api/stats.ts";
import { useQuery } from "../../api/use-query.ts";
import { costless } from "../../usage/unpriced-of.ts";

/**
 * Models without a price, as ids of a breakdown: those that were used and cost nothing, but are not free. Which are free is
 * asked where there are such.
 */
export function useUnpriced(answer: Accessor<Breakdown | undefined>, by: Accessor<readonly string[]>) {
  const doubtful = createMemo(() => (by().includes("model") ? costless(answer()) : []));
  const free = useQuery(() => ({
    queryKey: ["models", "free"],
    enabled: doubtful().length > 0,
    staleTime: 60_000,
    queryFn: ({ signal }) => ask(api.models.$get({ query: { free: "true", limit: "200" } }, { init: { signal } })),
  }));
  return createMemo(() => {
    if (!free.data) return new Set<string>();
    const known = new Set(free.data.data.map(({ id }) => id));
    return new Set(doubtful().filter((id) => !known.has(id)));
  });
}
