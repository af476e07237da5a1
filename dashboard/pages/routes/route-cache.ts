import type { QueryClient } from "@tanstack/solid-query";
import type { RouteRow } from "./route-draft.ts";

/**
 * A route was changed to what the API answered, or is gone (null): lists are read again. The route itself is known, and is not: read
 * once more behind an editor that was opened meanwhile, it would take away what is being written there.
 */
export function routeChanged(client: QueryClient, answer: (RouteRow & { pending?: boolean }) | null): void {
  if (answer !== null) {
    const { pending: _, ...route } = answer;
    client.setQueryData(["routes", "one", route.id], route);
  }
  const keys = [["routes", "list"], ["routes", "effective"], ["routes", "live"], ["audit"], ["targets"]];
  for (const queryKey of keys) void client.invalidateQueries({ queryKey });
}
