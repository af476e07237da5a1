import { useQuery } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { api, ask } from "../../api/client.ts";

/** A route in force where the reader acts: its own, or one it inherits. */
export type Route = InferResponseType<typeof api.routes.effective.$get>["data"][number];

/** The routes in force, by name. */
export const useRoutes = () =>
  useQuery(() => ({
    queryKey: ["routes"],
    queryFn: ({ signal }) => ask(api.routes.effective.$get({ query: {} }, { init: { signal } })),
  }));

/** Requests and errors of each route in the last 30 days, by its id: one question for all of them. */
export const useTraffic = () =>
  useQuery(() => ({
    queryKey: ["routes", "traffic"],
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const { data } = await ask(
        api.stats.breakdown.$get({ query: { group: "route", top: "100", from: "-30d" } }, { init: { signal } }),
      );
      return new Map(data.flatMap((part) => (part.value === null ? [] : [[part.value, part] as const])));
    },
  }));

/** Models that a target may be, for suggestions. */
export const useModelNames = () =>
  useQuery(() => ({
    queryKey: ["models", "names"],
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const { data } = await ask(api.models.$get({ query: { limit: "200" } }, { init: { signal } }));
      return data.map(({ id }) => id);
    },
  }));
