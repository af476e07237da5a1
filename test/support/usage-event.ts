import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { newUlid } from "../../worker/lib/ulid.ts";

/** A finished request of this moment, with an id of its own; `changes` say what matters to the test. */
export function usageEvent(changes: Partial<UsageEvent>): UsageEvent {
  const startedAt = changes.startedAt ?? Date.now();
  return {
    eventId: newUlid(startedAt, (length) => crypto.getRandomValues(new Uint8Array(length))),
    rev: 0,
    rootId: "org_tenant00",
    organizationId: "org_tenant00",
    keyId: "key_000000000000",
    sessionId: null,
    agentId: null,
    client: "openai-js/7.57.0",
    endUser: null,
    tags: {},
    dialect: "openai-chat",
    operation: "generate",
    provider: "openai",
    simulated: true,
    requestedModel: "openai/gpt-6-mini",
    upstreamModel: "gpt-6-mini",
    streamed: true,
    priceVersion: "2026-11-01",
    startedAt,
    outcome: "ok",
    status: 200,
    errorCode: null,
    attempts: 1,
    stopReason: "stop",
    inputUncached: 12,
    cacheRead: 3,
    cacheWrite: 4,
    output: 50,
    reasoning: 20,
    rawUsage: { prompt_tokens: 19, completion_tokens: 50 },
    exact: true,
    costNano: 1234,
    ttftMs: 200,
    durationMs: 900,
    upstreamRequestId: "req_1",
    upstreamDialect: "openai-chat",
    warnings: [],
    servedModel: "gpt-6-mini",
    settledAt: startedAt + 900,
    ...changes,
  };
}
