import type { InferResponseType } from "hono/client";
import { createMemo } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { createVisible } from "../../state/visible.ts";

/** A target, and how it stands. */
export type TargetRow = InferResponseType<typeof api.targets.$get>["data"][number];

/** What is cooling shows within so many milliseconds. */
const POLL_MS = 5_000;
/** A day's figures change slowly, and take longer. */
const DAY_MS = 60_000;
/** The worst come first. */
const MOST = "200";

const keyOf = ({ model, credential }: { model: string; credential: string | null }): string =>
  `${model}@${credential ?? ""}`;

/** How the targets of a branch stand, asked every five seconds by a page that can be seen; and what they did in a day. */
export function useTargets(organization: () => string) {
  const visible = createVisible();
  const place = () => (organization() ? { organization: organization() } : {});
  const health = useQuery(() => ({
    queryKey: ["targets", "health", organization()],
    queryFn: ({ signal }) => ask(api.targets.$get({ query: { limit: MOST, ...place() } }, { init: { signal } })),
    refetchInterval: visible() ? POLL_MS : false,
    staleTime: POLL_MS,
  }));
  const day = useQuery(() => ({
    queryKey: ["targets", "day", organization()],
    queryFn: ({ signal }) =>
      ask(api.targets.$get({ query: { limit: MOST, figures: "true", ...place() } }, { init: { signal } })),
    refetchInterval: visible() ? DAY_MS : false,
    staleTime: DAY_MS,
  }));
  const byKey = createMemo(() => new Map(health.data?.data.map((one) => [one.id, one])));
  const figures = createMemo(() => new Map(day.data?.data.map((one) => [one.id, one.figures])));
  return {
    health,
    /** A route's target; undefined while nobody knows. */
    of: (target: { model: string; credential: string | null }) => byKey().get(keyOf(target)),
    /** Null while they are not here. */
    dayOf: (id: string) => figures().get(id) ?? null,
  };
}

export type Targets = ReturnType<typeof useTargets>;
