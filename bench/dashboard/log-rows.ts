/** A row of the log made up of its place: `at` grows with its age; below zero it is newer than the first. */
export const madeRow = (at: number): Record<string, unknown> & { id: string } => {
  const age = Math.abs(at);
  return {
    id: `01M${at < 0 ? 9 : 8}${String(age).padStart(22, "0")}`,
    created_at: new Date(1_795_600_000_000 - at * 1_000).toISOString(),
    ...{ status: age % 20 ? 200 : 502, outcome: age % 20 ? "ok" : "provider_error", attempts: age % 7 ? 1 : 2 },
    ...{ requested_model: `openai/model-${age % 12}`, provider: "openai", simulated: false, route_name: null },
    ...{ key_id: `key_${age % 40}`, key_name: `ci-${age % 40}`, cost_usd: "0.00123", price_version: "x", exact: true },
    tokens: { input_uncached: age % 999, cache_read: 0, cache_write: 0, output: age % 77, reasoning: 0 },
    ...{ duration_ms: 900 + (age % 500), ttft_ms: 100 + (age % 50) },
  };
};
