import { QueryClient } from "@tanstack/solid-query";
import { asFailure } from "./failure.ts";

const FRESH_FOR_MS = 15_000;
const TRIES = 2;

/** A question that is on its way may be answered by how things stood before: what is shown and to be read again is asked anew. */
class Client extends QueryClient {
  override async invalidateQueries(...asked: Parameters<QueryClient["invalidateQueries"]>): Promise<void> {
    await this.cancelQueries({ ...asked[0], type: "active" });
    await super.invalidateQueries(...asked);
  }
}

/** What the page knows of the gateway. */
export const createQueryClient = (): QueryClient =>
  new Client({
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

/** For what a form stands on: not read anew by itself, for a form that begins anew forgets what was written there. Who saves learns of others' changes. */
export const UNDER_A_FORM = { refetchOnWindowFocus: false, refetchOnReconnect: false } as const;
