import { useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";

const KEY = ["me", "second-factors"];

/** What second factors one has, as the API tells it. */
export type SecondFactorsBody = InferResponseType<(typeof api.me)["second-factors"]["$get"]>;
export type PasskeyBody = SecondFactorsBody["passkeys"][number];

/** What second factors one has, and how to have it read again. */
export function useSecondFactors() {
  const client = useQueryClient();
  const query = useQuery(() => ({
    queryKey: KEY,
    queryFn: ({ signal }) => ask(api.me["second-factors"].$get({}, { init: { signal } })),
  }));
  return { query, reread: () => client.invalidateQueries({ queryKey: KEY }) };
}
