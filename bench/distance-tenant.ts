import type { LimitMetric, LimitWindow } from "../worker/canonical/tenant.ts";
import type { Stage } from "./stage.ts";

/** Keys with and without limits; five levels with limits below the root. */
export interface FarTenant {
  /** A key that no limit stands above. */
  free: string;
  /** A fresh key below nine limits, none of which is ever near. */
  limited(): Promise<string>;
}

/** Limits on each level, the key's own last; requests, tokens, nano-USD. */
const LIMITS: [metric: LimitMetric, window: LimitWindow, amount: number][][] = [
  [["cost", "month", 1e14]],
  [["output_tokens", "day", 1e11]],
  [["cost", "week", 1e14]],
  [["input_tokens", "minute", 1e9]],
  [
    ["total_tokens", "hour", 1e11],
    ["concurrent_requests", "now", 500],
  ],
];
const OF_KEY: (typeof LIMITS)[number] = [
  ["requests", "minute", 100_000],
  ["cost", "day", 1e13],
  ["cost", "total", 1e14],
];

/** Makes the tree, below the root that has no limits, through the management API. */
export async function makeTenant({ router, adminKey, apiKey, rootId }: Stage): Promise<FarTenant> {
  const post = async (path: string, body: object): Promise<{ id: string; key: string }> => {
    const response = await fetch(router.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { id: string; key: string };
  };
  const limit = async (node: object, limits: (typeof LIMITS)[number]) => {
    for (const [metric, window, amount] of limits) await post("/api/limits", { ...node, metric, window, amount });
  };
  let parent = rootId;
  for (const [level, limits] of LIMITS.entries()) {
    parent = (await post("/api/organizations", { name: `Level ${level + 1}`, parent_id: parent })).id;
    await limit({ organization_id: parent }, limits);
  }
  return {
    free: apiKey,
    async limited() {
      const { id, key } = await post("/api/keys", { name: "Far", organization_id: parent });
      await limit({ key_id: id }, OF_KEY);
      return key;
    },
  };
}
