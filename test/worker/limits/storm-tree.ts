import type { Gateway } from "../../support/gateway.ts";

/** Asks the management API; throws unless it answers with a success. */
export async function admin<T>(
  { url, adminKey }: Pick<Gateway, "url" | "adminKey">,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const response = await fetch(`${url}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Five levels with the root, limits on most of them, and keys on the two lowest. */
export interface Tree {
  /** Every key with the nodes above it, itself first. */
  keys: { id: string; key: string; nodes: string[] }[];
  /** The limit on the root's cost. */
  budgetId: string;
}

/** Makes the tree by the management API: one dollar at the top, and limits below it that everybody keeps. */
export async function makeTree(gateway: Gateway, usd: string): Promise<Tree> {
  const post = <T>(path: string, body: object) => admin<T>(gateway, "POST", path, body);
  const path = [gateway.rootId];
  for (const name of ["Company", "Department", "Team", "Project"]) {
    const { id } = await post<{ id: string }>("organizations", { name, parent_id: path[0] });
    path.unshift(id);
  }
  const [leaf = "", above = "", middle = "", high = ""] = path;
  const keys: Tree["keys"] = [];
  for (const [name, organization] of [
    ["one", leaf],
    ["two", leaf],
    ["three", leaf],
    ["four", above],
  ] as const) {
    const made = await post<{ id: string; key: string }>("keys", { name, organization_id: organization });
    keys.push({ ...made, nodes: [made.id, ...path.slice(path.indexOf(organization))] });
  }
  const { id: budgetId } = await post<{ id: string }>("limits", {
    organization_id: gateway.rootId,
    metric: "cost",
    window: "total",
    amount_usd: usd,
  });
  for (const limit of [
    { organization_id: leaf, metric: "requests", window: "minute", amount: 20_000 },
    { organization_id: above, metric: "concurrent_requests", window: "now", amount: 5_000 },
    { organization_id: middle, metric: "total_tokens", window: "day", amount: 100_000_000 },
    { organization_id: high, metric: "cost", window: "month", amount_usd: "40" },
    { key_id: keys[0]?.id, metric: "output_tokens", window: "hour", amount: 10_000_000 },
    { key_id: keys[1]?.id, metric: "requests", window: "total", amount: 100_000 },
  ]) {
    await post("limits", limit);
  }
  return { keys, budgetId };
}

/** A line of `GET /api/limits/status`. */
export interface Status {
  limit_id: string;
  amount: number;
  settled: number;
  held: number;
}

/** How every limit above a key stands. */
export const statusesOf = async (gateway: Gateway, keyId: string): Promise<Status[]> =>
  (await admin<{ data: Status[] }>(gateway, "GET", `limits/status?key=${keyId}`)).data;
