import { MutationCache, QueryCache, QueryClient } from "@tanstack/solid-query";
import { asFailure } from "./failure.ts";

const FRESH_FOR_MS = 15_000;
const TRIES = 2;

/** What the page knows of the gateway. `onSignedOut` is called when the gateway no longer knows who asks. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (thrown: unknown) => {
    if (asFailure(thrown).kind === "signed_out") onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_FOR_MS,
        // A refusal stays one; what could not be reached may be there in a moment.
        retry: (failures, thrown) => failures < TRIES && asFailure(thrown).kind === "gateway_away",
        // Old figures stay on the page until the new ones are there.
        placeholderData: (before: unknown) => before,
      },
    },
  });
}
