import { readFileSync, writeFileSync } from "node:fs";
import type { LedgerApi, LedgerHealth } from "../../worker/ledger/contract.ts";

/** Where a bundle with weather is told and tells; the product has no such path. */
const PATH = "/test/ledger/";

/**
 * What becomes of a call of the Ledger. `unsent`: it waits on its way there; `unanswered`: it is done, and its answer waits;
 * both until the weather changes. `away`: it fails before the Ledger sees it; `lost`: it is done, and fails all the same.
 */
export type Fate = "unsent" | "unanswered" | "away" | "lost";

/** How the way to the Ledger is, for the Worker and for shards alike. */
export interface Weather {
  /** Milliseconds there and back. */
  distance?: number;
  /** By method; `*`: all the others. */
  calls?: Partial<Record<keyof LedgerApi | "*", Fate>>;
}

/** What objects say of themselves. */
export interface Objects {
  ledger: LedgerHealth;
  /** By name: the four of the region that a machine of one's own is, and the one for when the Ledger is away. */
  shards: Record<string, LedgerHealth & { leases: number }>;
  /** Calls that wait for the weather to change, by method. */
  waiting: Partial<Record<keyof LedgerApi, number>>;
  /** Requests that shards have admitted. */
  nearby: number;
}

/**
 * Writes the bundle with the way to its Ledger wrapped, and with a path that sets how this way is and tells what is left in
 * the objects. Everything else is the bundle as it is.
 *
 * @param bundle the production module.
 * @param to where the copy goes.
 */
export function writeWeathered(bundle: string, to: string): void {
  const source = readFileSync(bundle, "utf8");
  const exported = /export \{([^}]*)\};/s.exec(source)?.[1];
  const name = /(\w+) as default/.exec(exported ?? "")?.[1];
  const found = ["Ledger", "LedgerShard"].every((word) => exported?.split(",").some((one) => one.trim() === word));
  if (exported === undefined || name === undefined || !found) {
    throw new Error(`${bundle} does not export what is looked for`);
  }
  writeFileSync(
    to,
    source.replace(/export \{[^}]*\};/s, () => "") +
      WRAPPER.replaceAll("__DEFAULT__", () => name).replaceAll("__PATH__", () => JSON.stringify(PATH)),
  );
}

// Names of the bundle's, which is ours as it is written, never begin with `$`.
const WRAPPER = `
let $weather = { distance: 0, calls: {} };
const $waiting = {};
let $nearby = 0;
const $sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const $standing = async (weather, method) => {
  $waiting[method] = ($waiting[method] ?? 0) + 1;
  while ($weather === weather) await $sleep(20);
  $waiting[method]--;
};
const $call = async (stub, method, given) => {
  const weather = $weather;
  const fate = weather.calls[method] ?? weather.calls["*"];
  if (fate === "away") throw new Error("the Ledger is away");
  if (weather.distance > 0) await $sleep(weather.distance / 2);
  if (fate === "unsent") await $standing(weather, method);
  const answer = await stub[method](...given);
  if (fate === "unanswered") await $standing(weather, method);
  if (fate === "lost") throw new Error("the Ledger's answer is lost");
  if (weather.distance > 0) await $sleep(weather.distance / 2);
  return answer;
};
const $methods = ["authenticate", "routes", "admit", "settle", "touch", "configure", "health", "limits", "lease", "report", "sums", "adjust", "testWebhook"];
const $stub = (stub) =>
  Object.fromEntries($methods.map((method) => [method, (...given) => $call(stub, method, given)]));
const $through = (namespace) => ({
  idFromName: (name) => namespace.idFromName(name),
  get: (id, options) => $stub(namespace.get(id, options)),
  jurisdiction: (name) => $through(namespace.jurisdiction(name)),
});
const $environment = (env) => ({ ...env, LEDGER: $through(env.LEDGER) });

class $LedgerShard extends LedgerShard {
  constructor(ctx, env) {
    super(ctx, $environment(env));
  }
  async admit(request) {
    const answer = await super.admit(request);
    if (answer.ok) $nearby++;
    return answer;
  }
}

const $objects = async (env, root) => {
  const names = ["local-0", "local-1", "local-2", "local-3", "away"];
  const shard = (name) => env.LEDGER_SHARD.get(env.LEDGER_SHARD.idFromName(root + "/" + name));
  const shards = names.map(async (name) => [name, await shard(name).health()]);
  return {
    ledger: await env.LEDGER.get(env.LEDGER.idFromName(root)).health(),
    shards: Object.fromEntries(await Promise.all(shards)),
    waiting: $waiting,
    nearby: $nearby,
  };
};

const $default = {
  ...__DEFAULT__,
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(__PATH__)) return __DEFAULT__.fetch(request, $environment(env), ctx);
    if (request.method === "PUT") $weather = { distance: 0, calls: {}, ...(await request.json()) };
    return Response.json(await $objects(env, pathname.slice(__PATH__.length)));
  },
};
export { Ledger, $LedgerShard as LedgerShard, $default as default };
`;

/** The gateway, in the part needed here. */
type Served = { url: string; rootId: string };

/** Changes the weather from now on; calls that wait go on. */
export async function setWeather({ url, rootId }: Served, weather: Weather): Promise<void> {
  const response = await fetch(`${url}${PATH}${rootId}`, { method: "PUT", body: JSON.stringify(weather) });
  if (response.status !== 200) throw new Error(`the weather cannot be set: ${response.status}`);
  await response.body?.cancel();
}

/** What the root's objects say of themselves, whatever the weather. */
export async function objectsOf({ url, rootId }: Served): Promise<Objects> {
  return (await (await fetch(`${url}${PATH}${rootId}`)).json()) as Objects;
}
