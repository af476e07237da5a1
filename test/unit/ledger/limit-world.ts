import type { LimitMetric, LimitRecord, LimitWindow, TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import type { AdmitAnswer, AdmitRequest, Bound } from "../../../worker/ledger/contract.ts";
import { KEYS, ROOT, tenant, World } from "./world.ts";

export const [ROOT_KEY, TEAM_KEY, SQUAD_KEY] = KEYS as [string, string, string];
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** The world of the test that runs. */
export let world: World;
let version = 1;

let made = 0;
/** A limit that blocks, with an id of its own. */
export const limit = (
  nodeId: string,
  metric: LimitMetric,
  window: LimitWindow,
  amount: number,
  more: Partial<LimitRecord> = {},
): LimitRecord => ({
  id: `lim_${String(++made).padStart(12, "0")}`,
  ...{ nodeId, metric, window, amount },
  mode: "block",
  thresholds: [50, 80, 100],
  override: null,
  fallback: null,
  removed: false,
  ...more,
});

/** Begins a world with these limits. */
export const start = (limits: LimitRecord[], more: Partial<TenantConfiguration> = {}) => {
  version = 1;
  world = new World({ configuration: { ...tenant(), limits, ...more } });
  return world;
};
export const push = (
  change: Partial<Pick<TenantConfiguration, "limits" | "organizations" | "keys" | "routes" | "models">>,
) =>
  world.core.configure({
    ...{ rootId: ROOT, previous: version, version: ++version },
    ...{ organizations: [], keys: [], limits: [], prices: [], webhooks: [], routes: [], models: [], ...change },
  });

export const bound = (more: Partial<Bound> = {}): Bound => ({
  inputTokens: 100,
  outputTokens: 50,
  costNano: 1_000,
  ...more,
});

export const ask = (key: string, more: Partial<AdmitRequest> & { bound?: Bound } = {}): Promise<AdmitAnswer> =>
  world.core.admit({ ...world.request(key, { bound: more.bound ?? bound() }), ...more });

export async function admitted(key: string, more: Parameters<typeof ask>[1] = {}) {
  const request = { ...world.request(key, { bound: more.bound ?? bound() }), ...more };
  const answer = await world.core.admit(request);
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return { handle: answer.handle, eventId: request.draft.eventId, answer };
}

/** Uses so much of everything, at once. */
export async function use(key: string, used: { requests?: number; input?: number; output?: number; cost?: number }) {
  for (let i = 0; i < (used.requests ?? 1); i++) {
    const one = await admitted(key, { bound: { inputTokens: 0, outputTokens: 0, costNano: 0 } });
    const last = i === (used.requests ?? 1) - 1;
    world.settle(one, {
      inputUncached: last ? (used.input ?? 0) : 0,
      cacheRead: 0,
      cacheWrite: 0,
      output: last ? (used.output ?? 0) : 0,
      costNano: last ? (used.cost ?? 0) : 0,
    });
  }
}

export const refusal = (answer: AdmitAnswer) => (answer.ok || answer.code !== "limit" ? answer : answer.limit);

/** What one request of the usual bound needs of each metric. */
export const NEED: Record<LimitMetric, number> = {
  requests: 1,
  input_tokens: 100,
  output_tokens: 50,
  total_tokens: 150,
  cost: 1_000,
  concurrent_requests: 1,
};
