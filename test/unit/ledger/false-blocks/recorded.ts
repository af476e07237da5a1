import { findModel } from "../../../../worker/catalog/models.ts";
import { loadRecordings } from "../../../support/exchanges.ts";
import { billedTokens } from "../../../support/read-usage.ts";
import { durationOf, type TracedRequest } from "./trace.ts";

type Recorded = Omit<TracedRequest, "durationMs" | "pauseMs">;

/**
 * The recorded requests whose model has a price and whose provider told their usage. Not those that used more than their
 * bytes, since the provider searched or looked at an image: what bounds them has tests of its own.
 */
export function recordedRequests(directory: string): Recorded[] {
  return loadRecordings(directory).flatMap((exchange) => {
    const { provider, model: name, operation, request } = exchange;
    const model = operation !== "generate" || name === undefined ? null : findModel(provider, name);
    const billed = billedTokens(exchange);
    if (model === null || model.prices.length === 0 || billed === null) return [];
    const { input_uncached: inputUncached, cache_read: cacheRead, cache_write: cacheWrite, output } = billed;
    if (inputUncached + cacheRead + cacheWrite > Buffer.byteLength(request)) return [];
    return [
      { model, bytes: Buffer.byteLength(request), continues: false, inputUncached, cacheRead, cacheWrite, output },
    ];
  });
}

/** Recorded requests in an order of chance, again and again. */
export function* recordedLane(requests: readonly Recorded[], random: () => number): Generator<TracedRequest, never> {
  for (;;) {
    const request = requests[Math.floor(random() * requests.length)] as Recorded;
    yield { ...request, durationMs: durationOf(random, request.output), pauseMs: Math.ceil(random() * 2_000) };
  }
}
