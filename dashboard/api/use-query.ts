import { useInfiniteQuery as useInfiniteTanstack, useQuery as useTanstack } from "@tanstack/solid-query";

/**
 * TanStack's answer as it stands. Read while its data are on their way, it would hold back everything up to the next
 * `<Suspense>`, which is the whole page; here each panel shows its skeleton meanwhile, and none waits for another.
 */
const unsuspended = <Query extends { isSuccess: boolean; dataUpdatedAt: number }>(query: Query): Query =>
  new Proxy(query, {
    get: (asked, name) =>
      name === "data" && !asked.isSuccess && asked.dataUpdatedAt === 0 ? undefined : Reflect.get(asked, name),
  });

/** A question to the gateway; see TanStack Query for its options. */
export const useQuery = ((options: Parameters<typeof useTanstack>[0]) =>
  unsuspended(useTanstack(options))) as typeof useTanstack;

/** A question whose answer comes in pages. */
export const useInfiniteQuery = ((options: Parameters<typeof useInfiniteTanstack>[0]) =>
  unsuspended(useInfiniteTanstack(options))) as typeof useInfiniteTanstack;
