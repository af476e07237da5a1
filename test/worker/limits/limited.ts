import { randomBytes } from "node:crypto";
import type { LimitMetric, LimitWindow } from "../../../worker/canonical/tenant.ts";
import type { Gateway } from "../../support/gateway.ts";

/** A limit on a key, as far as tests care. */
export interface KeyLimit {
  metric: LimitMetric;
  window: LimitWindow;
  /** Requests, tokens or nano-USD. */
  amount: number;
  mode?: "block" | "warn";
  fallback?: { percent: number; model: string };
}

export interface LimitedKey {
  apiKey: string;
  keyId: string;
  limitIds: string[];
}

const idOf = (prefix: string): string => `${prefix}_${randomBytes(6).toString("hex")}`;

/** Makes a key for each name, with limits that stand in the tables before a Ledger reads them: all of it begins anew. */
export async function startLimited<Name extends string>(
  gateway: Gateway,
  wanted: Record<Name, readonly KeyLimit[]>,
  prices: { model: string; price: object }[] = [],
): Promise<Record<Name, LimitedKey>> {
  const { rootId, database, adminKey } = gateway;
  const made: Partial<Record<Name, LimitedKey>> = {};
  for (const [name, limits] of Object.entries(wanted) as [Name, readonly KeyLimit[]][]) {
    const response = await fetch(`${gateway.url}/api/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name }),
    });
    const { key, id } = (await response.json()) as { key: string; id: string };
    const limitIds: string[] = [];
    for (const { metric, window, amount, mode = "block", fallback } of limits) {
      const limitId = idOf("lim");
      limitIds.push(limitId);
      await database.sql`
        insert into limits (id, root_id, organization_id, key_id, metric, "window", amount, mode, thresholds,
          fallback_percent, fallback_model, created_by)
        values (${limitId}, ${rootId}, ${rootId}, ${id}, ${metric}, ${window}, ${amount}, ${mode}, '{}',
          ${fallback?.percent ?? null}, ${fallback?.model ?? null}, 'test')`;
    }
    made[name] = { apiKey: key, keyId: id, limitIds };
  }
  for (const { model, price } of prices) {
    await database.sql`
      insert into prices (id, root_id, organization_id, model, valid_from, price, created_by)
      values (${idOf("prc")}, ${rootId}, ${rootId}, ${model}, now() - interval '1 day', ${JSON.stringify(price)}, 'test')`;
  }
  await gateway.restart({ cold: true });
  return made as Record<Name, LimitedKey>;
}
