import { useQuery } from "@tanstack/solid-query";
import { type Accessor, createMemo } from "solid-js";
import { api, ask } from "../../api/client.ts";
import type { Breakdown } from "../../api/stats.ts";

/**
 * Models without a price, as ids of a breakdown; asked for where a model was used and cost nothing, for only then it makes a
 * difference.
 */
export function useUnpriced(answer: Accessor<Breakdown | undefined>, by: Accessor<readonly string[]>) {
  const isDoubtful = createMemo(
    () =>
      by().includes("model") &&
      (answer()?.data ?? []).some((row) =>
        [row, ...(row.sub ?? [])].some(({ requests, cost_nano }) => Number(requests) > 0 && Number(cost_nano) === 0),
      ),
  );
  const models = useQuery(() => ({
    queryKey: ["models", "unpriced"],
    enabled: isDoubtful(),
    staleTime: 60_000,
    queryFn: ({ signal }) => ask(api.models.$get({ query: { priced: "false", limit: "200" } }, { init: { signal } })),
  }));
  return createMemo(() => new Set(isDoubtful() ? (models.data?.data ?? []).map(({ id }) => id) : []));
}
