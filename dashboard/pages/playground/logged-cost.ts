import { api, ask } from "../../api/client.ts";
import type { Answer } from "./thread.ts";

/** The log has a request so long after its answer at the latest, as a rule. */
const LOOKED_FOR_MS = [700, 1500, 3000, 6000];

/**
 * What a request cost and how often it was tried: that stands in the log once the request is settled. Null: it did not come to
 * stand there in time, or nobody wants it any more.
 */
export async function loggedCost(
  requestId: string,
  isWanted: () => boolean,
): Promise<Pick<Answer, "cost" | "attempts"> | null> {
  for (const wait of LOOKED_FOR_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (!isWanted()) return null;
    const query = { q: requestId, limit: "1", fields: "id,cost_usd,price_version,attempts" } as const;
    const found = await ask(api.requests.$get({ query })).then(
      ({ data }) => data[0],
      () => undefined,
    );
    if (found?.cost_usd === undefined) continue;
    return { cost: found.price_version === null ? "none" : found.cost_usd, attempts: found.attempts ?? 1 };
  }
  return null;
}
