/**
 * A Worker of one purpose: the production `LedgerObject` and `LedgerShardObject` with their database in memory, called once a
 * request in the way its path says.
 */
import { type LedgerNamespace, ledgerFor } from "../worker/ledger/client.ts";
import type { AdmitRequest, LedgerApi, LedgerHealth, Settlement } from "../worker/ledger/contract.ts";
import type { Holder } from "../worker/ledger/holder.ts";
import { LedgerObject } from "../worker/ledger/ledger-object.ts";
import { type ShardNamespace, TenantShard } from "../worker/ledger/shard-client.ts";
import { LedgerShardObject } from "../worker/ledger/shard-object.ts";
import { configuration, KEYS, ROOT, requestOf, resultOf } from "./ledger-tenant.ts";

/** What a statement takes in a database nearby, in milliseconds. */
const DATABASE_MS = 5;
const BATCH = 50;

type State = ConstructorParameters<typeof LedgerObject>[0];

interface Env {
  LEDGER: LedgerNamespace;
  LEDGER_SHARD: ShardNamespace;
}

/** What Ledger and shards have in common. */
const surroundings = {
  loadConfiguration: async () => configuration(),
  recordEvents: async () => {
    await new Promise((resolve) => setTimeout(resolve, DATABASE_MS));
    return { configVersion: 1 };
  },
  now: () => Date.now(),
  random: () => Math.random(),
  log: (entry: object) => console.log(JSON.stringify(entry)),
  holdSeconds: 90,
};

export class Ledger extends LedgerObject<Env> {
  constructor(state: State, env: Env) {
    super(state, env, {
      ...surroundings,
      loadSums: async () => [],
      shard: () => ({ recall: async () => {} }),
      unseal: () => Promise.reject(new Error("there is no webhook")),
      deliver: () => Promise.reject(new Error("there is no webhook")),
      recordDeliveries: async () => {},
    });
  }

  /** A call that does nothing: what remote procedure calls cost by themselves. */
  async nothing(): Promise<void> {}
}

/** Calls of the Ledger by its shards, and requests that a shard had no room for, so far. */
let shardCalls = 0;
let elsewhere = 0;

export class LedgerShard extends LedgerShardObject<Env> {
  constructor(state: State, env: Env) {
    const ledger = () => {
      shardCalls++;
      return ledgerFor(env.LEDGER, ROOT, "global");
    };
    super(state, env, { ...surroundings, ledger, newId: () => crypto.randomUUID() });
  }
}

let events = 0;
const gathered: Settlement[] = [];

const nextRequest = (keyId?: string): AdmitRequest =>
  requestOf(`01KAV${String(++events).padStart(21, "0")}`, Date.now(), keyId);

async function admitted(ledger: Pick<LedgerApi, "admit">, request = nextRequest()): Promise<Settlement> {
  const answer = await ledger.admit(request);
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return { handle: answer.handle, eventId: request.draft.eventId, result: resultOf(request.draft.startedAt) };
}

/** By a shard of a region, keys in turn; by the Ledger where it has no room. */
async function near(ledger: LedgerApi, shards: ShardNamespace): Promise<void> {
  const keyId = KEYS[events % KEYS.length] as string;
  const shard = new TenantShard(shards, { rootId: ROOT, jurisdiction: "global", region: "local", keyId });
  const request = nextRequest(keyId);
  const answer = await shard.admit(request);
  if (answer.ok) {
    const { eventId, startedAt } = request.draft;
    return settle(shard, [{ handle: answer.handle, eventId, result: resultOf(startedAt) }]);
  }
  elsewhere++;
  return settle(ledger, [await admitted(ledger, request)]);
}

/** Settles what no batch was full enough for, ends the shards' leases, and tells what all objects have counted. */
async function rest(ledger: LedgerApi, shards: ShardNamespace): Promise<Figures> {
  if (gathered.length > 0) await settle(ledger, gathered.splice(0));
  const region = Array.from({ length: 4 }, (_, nth) => shards.get(shards.idFromName(`${ROOT}/local-${nth}`)));
  for (const shard of region) await shard.recall(0);
  const own = await ledger.health();
  return { ledger: own, shards: await Promise.all(region.map((shard) => shard.health())), shardCalls, elsewhere };
}

/** Counted since the start. */
export interface Figures {
  ledger: LedgerHealth;
  shards: LedgerHealth[];
  shardCalls: number;
  elsewhere: number;
}

async function settle(ledger: Pick<Holder, "settle">, settlements: Settlement[]): Promise<void> {
  const odd = (await ledger.settle(settlements)).find((answer) => answer !== "settled");
  if (odd !== undefined) throw new Error(`settled as ${odd}`);
}

/** What the benchmark compares. Each is one HTTP request. */
const WAYS: Record<string, (ledger: LedgerApi, shards: ShardNamespace) => Promise<unknown>> = {
  rpc: (ledger) => (ledger as LedgerApi & { nothing(): Promise<void> }).nothing(),
  pair: async (ledger) => settle(ledger, [await admitted(ledger)]),
  batch: async (ledger) => {
    gathered.push(await admitted(ledger));
    if (gathered.length >= BATCH) await settle(ledger, gathered.splice(0));
  },
  near,
  rest,
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const way = WAYS[new URL(request.url).pathname.slice(1)];
    if (way === undefined) return new Response(null);
    return Response.json((await way(env.LEDGER.get(env.LEDGER.idFromName(ROOT)), env.LEDGER_SHARD)) ?? null);
  },
};
