import {
  type KeyRecord,
  type LimitMetric,
  type LimitRecord,
  type LimitWindow,
  NO_SETTINGS,
  type TenantConfiguration,
} from "../worker/canonical/tenant.ts";
import type { EventResult } from "../worker/canonical/usage-event.ts";
import type { AdmitRequest } from "../worker/ledger/contract.ts";

/** From the root to the organization of the key: five levels. */
const LEVELS = ["org_bench000", "org_bench001", "org_bench002", "org_bench003", "org_bench004"];
export const ROOT = LEVELS[0] as string;

/** All of the lowest organization; as many as make use of every shard of a region. */
export const KEYS = Array.from({ length: 8 }, (_, nth) => `key_bench000000${nth}`);
const MAC = "f".repeat(64);

const keys = KEYS.map(
  (id): KeyRecord => ({
    ...{ id, organizationId: LEVELS.at(-1) as string, mac: MAC },
    ...{ name: id, previous: null, models: null, ipRanges: null, origins: null },
    ...{ permissions: ["read", "write"], disabled: false, revoked: false, expiresAt: null, strict: false },
  }),
);

/** Nine limits on the way from a key to the root, of every metric and most windows; none is ever reached. */
const LIMITS: [node: string | undefined, metric: LimitMetric, window: LimitWindow][] = [
  ...KEYS.map((id): (typeof LIMITS)[number] => [id, "requests", "minute"]),
  ...KEYS.map((id): (typeof LIMITS)[number] => [id, "cost", "day"]),
  [LEVELS[4], "total_tokens", "hour"],
  [LEVELS[4], "concurrent_requests", "now"],
  [LEVELS[3], "input_tokens", "minute"],
  [LEVELS[2], "cost", "week"],
  [LEVELS[1], "output_tokens", "day"],
  [LEVELS[0], "cost", "month"],
  [LEVELS[0], "cost", "total"],
];

const limits: LimitRecord[] = LIMITS.map(([nodeId = "", metric, window], index) => ({
  ...{ id: `lim_bench${String(index).padStart(7, "0")}`, nodeId, metric, window, amount: 10 ** 12, mode: "block" },
  ...{ thresholds: [50, 80, 100], override: null, fallback: null, removed: false },
}));

export const configuration = (): TenantConfiguration => ({
  rootId: ROOT,
  version: 1,
  organizations: LEVELS.map((id, level) => ({
    ...{ id, parentId: LEVELS[level - 1] ?? null, name: `Level ${level}` },
    ...{ timeZone: level % 2 === 0 ? "UTC" : "Europe/Berlin", archived: false, settings: NO_SETTINGS },
  })),
  keys,
  limits,
  prices: [],
  webhooks: [],
  routes: [],
  models: [],
});

/** A request as the inference path admits it. */
export const requestOf = (eventId: string, startedAt: number, keyId = KEYS[0] as string): AdmitRequest => ({
  ...{ rootId: ROOT, keyId, mac: MAC },
  draft: {
    ...{ eventId, rootId: ROOT, organizationId: ROOT, keyId, startedAt },
    ...{ sessionId: "01KAVF5T8Z0000000000000000", agentId: null, client: "openai-js/7.57.0", endUser: null },
    ...{ tags: { team: "search" }, dialect: "openai-chat", operation: "generate", provider: "openai" },
    ...{ simulated: false, requestedModel: "gpt-5-mini", upstreamModel: "gpt-5-mini", streamed: true },
    ...{ priceVersion: "gpt-5-mini@0123abcd", routeId: null },
  },
  bound: { inputTokens: 30_000, outputTokens: 64_000, costNano: 135_500_000 },
  output: { requested: 64_000, assumed: 64_000, candidates: 1, picoEach: 2_000_000, least: 1 },
  ...{ unboundedBy: null, priced: true, patience: 2_000, substituted: false },
  ...{ from: { address: null, origin: null }, named: [] },
  ...{ route: null, facts: null, target: "openai/gpt-5-mini@", alternatives: false, replaces: null },
});

/** What it used. */
export const resultOf = (settledAt: number): EventResult => ({
  ...{ outcome: "ok", status: 200, errorCode: null, attempts: 1, stopReason: "stop" },
  ...{ tries: null, failedCostNano: 0 },
  ...{ inputUncached: 1_500, cacheRead: 6_000, cacheWrite: 0, output: 900, reasoning: 300 },
  rawUsage: {
    ...{ prompt_tokens: 7_500, completion_tokens: 900, total_tokens: 8_400 },
    ...{ prompt_tokens_details: { cached_tokens: 6_000 }, completion_tokens_details: { reasoning_tokens: 300 } },
  },
  ...{ exact: true, costNano: 2_325_000, listCostNano: 2_325_000, providerCostNano: null, outputCap: null },
  ...{ ttftMs: 700, durationMs: 12_000, upstreamRequestId: "req_0123456789abcdef", upstreamDialect: "openai-chat" },
  ...{ warnings: [], servedModel: "gpt-5-mini", settledAt },
});
