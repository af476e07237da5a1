import type { Usage } from "../../canonical/usage.ts";
import { decodeUsage as readMessages } from "../../dialects/anthropic-messages/usage.ts";
import { decodeUsage as readGemini } from "../../dialects/google-generate-content/usage.ts";
import { decodeUsage as readChat } from "../../dialects/openai-chat/usage.ts";
import { decodeUsage as readResponses } from "../../dialects/openai-responses/usage.ts";
import { ownValue } from "../../lib/own-value.ts";
import type { RequestRecord } from "../../usage/requests.ts";

/** By the wire format the provider was spoken to in; embeddings tell nothing beside the bucket. */
const READERS: Record<string, (raw: unknown) => Usage | null> = {
  "openai-chat": readChat,
  "openai-responses": readResponses,
  "anthropic-messages": readMessages,
  "google-generate-content": readGemini,
};

const toldBy = (event: RequestRecord): Usage | null =>
  ownValue(READERS, event.upstreamDialect ?? "")?.(event.rawUsage) ?? null;

/**
 * The usage a request was rated by: the four buckets as they are stored, and what the provider's own figures tell beside
 * them, which decides rates (lives of the cache, modalities, service tier). What the provider says it charged is left out.
 */
export function usageOfEvent(event: RequestRecord): Usage {
  const told = toldBy(event);
  const { inputUncached: uncached, cacheRead, cacheWrite } = event;
  return {
    input: { ...told?.input, total: uncached + cacheRead + cacheWrite, uncached, cacheRead, cacheWrite },
    output: { ...told?.output, total: event.output, reasoning: event.reasoning },
    ...(told?.serverTools === undefined ? {} : { serverTools: told.serverTools }),
    ...(told?.serviceTier === undefined ? {} : { serviceTier: told.serviceTier }),
  };
}

/**
 * What the provider said it charged, nano-USD; null when it said nothing. Rows of before both costs were recorded have one
 * cost, and where that is the provider's own, its figures say so.
 */
export function providerCostOf(event: RequestRecord): number | null {
  if (event.providerCostNano !== null || event.listCostNano !== null) return event.providerCostNano;
  return toldBy(event)?.providerCostNano === event.costNano ? event.costNano : null;
}
