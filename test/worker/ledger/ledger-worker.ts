/**
 * A Worker of one purpose: the production `LedgerObject` in workerd, and a production `LedgerShardObject` that borrows from
 * it, with their database and, where a test asks for it, their clock faked in the isolate's memory. `POST /<ledger>/<method>`
 * with a JSON array of arguments.
 */
import type { ConfigurationChange, LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { type LedgerJurisdiction, type LedgerNamespace, ledgerFor } from "../../../worker/ledger/client.ts";
import type { LedgerApi, SettleAnswer, Settlement } from "../../../worker/ledger/contract.ts";
import { LedgerObject } from "../../../worker/ledger/ledger-object.ts";
import { SettlementBatcher } from "../../../worker/ledger/settlement-batcher.ts";
import { type ShardNamespace, shardStub } from "../../../worker/ledger/shard-client.ts";
import type { ShardApi } from "../../../worker/ledger/shard-contract.ts";
import { LedgerShardObject } from "../../../worker/ledger/shard-object.ts";
import { type Edit, FakePostgres, type Weather } from "../../unit/ledger/fake-postgres.ts";
import { CONFIGURATION_QUERY, countersOf, type JournalRow, limitsOf } from "../../unit/ledger/subject.ts";
import { tree } from "../../unit/ledger/tree.ts";

/** The world around one Ledger; it outlives the object, which may be evicted. */
interface Surroundings {
  postgres: FakePostgres;
  /** Milliseconds since the epoch; null: the real clock. */
  now: number | null;
  snapshotEvery: number | undefined;
  settleCalls: number;
}

const surroundings = new Map<string, Surroundings>();

function surroundingsOf(id: string): Surroundings {
  const known = surroundings.get(id);
  if (known !== undefined) return known;
  const fresh: Surroundings = {
    postgres: new FakePostgres(tree()),
    now: null,
    snapshotEvery: undefined,
    settleCalls: 0,
  };
  surroundings.set(id, fresh);
  return fresh;
}

type State = ConstructorParameters<typeof LedgerObject>[0];

/** The name of the Ledger each shard borrows from, by the shard's id. */
const ledgerOf = new Map<string, string>();

export class TestLedger extends LedgerObject<Env> {
  readonly #state: State;

  constructor(state: State, env: Env) {
    const around = surroundingsOf(state.id.toString());
    super(state, env, {
      loadConfiguration: (rootId) => around.postgres.load(rootId),
      recordEvents: (_rootId, events) => around.postgres.recordEvents(events),
      loadSums: async () => [],
      unseal: () => Promise.reject(new Error("no webhook is expected")),
      shard: (rootId, name) => shardStub(env.LEDGER_SHARD, { rootId, jurisdiction: "global", name }),
      recordDeliveries: () => Promise.resolve(),
      deliver: () => Promise.reject(new Error("no webhook is expected")),
      now: () => around.now ?? Date.now(),
      random: () => 0.5,
      log: () => {},
      holdSeconds: 90,
      snapshotEvery: around.snapshotEvery,
    });
    this.#state = state;
  }

  override settle(settlements: Settlement[]): Promise<SettleAnswer[]> {
    surroundingsOf(this.#state.id.toString()).settleCalls++;
    return super.settle(settlements);
  }

  /** What the object holds, in memory and on disk. */
  async look() {
    const { storage } = this.#state;
    const health = this.core.health();
    const known = health.configVersion !== null;
    const read = <Row extends Record<string, string | number | null>>(query: string): Row[] =>
      known ? storage.sql.exec<Row>(query).toArray() : [];
    return {
      health,
      armedAt: await storage.getAlarm(),
      counters: countersOf(this.core),
      records: read<{ kind: string; body: string }>(CONFIGURATION_QUERY),
      limits: known ? limitsOf(this.core) : [],
      notices: null,
      journal: read<JournalRow>("SELECT seq, admission, result, correction FROM journal"),
      dead: read<{ events: string }>("SELECT events FROM dead").flatMap(
        ({ events }) => JSON.parse(events) as UsageEvent[],
      ),
    };
  }

  /** Runs the alarm now, whatever it is set for. */
  async ring(): Promise<boolean> {
    await this.#state.storage.deleteAlarm();
    await this.core.alarm();
    return true;
  }
}

export class TestShard extends LedgerShardObject<Env> {
  constructor(state: State, env: Env) {
    const name = ledgerOf.get(state.id.toString()) ?? "";
    const { postgres } = surroundingsOf(env.LEDGER.idFromName(name).toString());
    let ids = 0;
    super(state, env, {
      loadConfiguration: (rootId) => postgres.load(rootId),
      recordEvents: (_rootId, events) => postgres.recordEvents(events),
      ledger: () => ledgerFor(env.LEDGER, name, "global"),
      newId: () => `${Date.now()}-${++ids}`,
      now: () => Date.now(),
      random: () => 0.5,
      log: () => {},
      holdSeconds: 90,
    });
  }
}

interface Stub extends LedgerApi {
  look: TestLedger["look"];
  ring: TestLedger["ring"];
}

interface Env {
  LEDGER: LedgerNamespace;
  LEDGER_SHARD: ShardNamespace;
}

/** As an isolate keeps it: shared by its requests. */
const settlements = new SettlementBatcher({
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  log: () => {},
});

type Arguments<Method extends keyof LedgerApi> = Parameters<LedgerApi[Method]>;

/** Sets the limits where the Ledger reads them, and makes the change that tells it of them. */
function changeLimits(postgres: FakePostgres, limits: LimitRecord[]): ConfigurationChange {
  const { rootId, version: previous } = postgres.configuration;
  const version = previous + 1;
  postgres.configuration = { ...postgres.configuration, version, limits };
  return {
    rootId,
    previous,
    version,
    organizations: [],
    keys: [],
    limits,
    prices: [],
    webhooks: [],
    routes: [],
    models: [],
  };
}

async function answerOfShard(shard: ShardApi, method: string, given: unknown[]): Promise<unknown> {
  switch (method) {
    case "shardAdmit":
      return shard.admit(...(given as Parameters<ShardApi["admit"]>));
    case "shardSettle":
      return shard.settle(...(given as Parameters<ShardApi["settle"]>));
    case "shardHealth":
      return shard.health();
    default:
      throw new Error(`no method ${method}`);
  }
}

async function answer(stub: Stub, around: Surroundings, method: string, given: unknown[]): Promise<unknown> {
  const { postgres } = around;
  switch (method) {
    case "begin":
      [around.now, around.snapshotEvery] = given as [number | null, number | undefined];
      return null;
    case "admit":
      return stub.admit(...(given as Arguments<"admit">));
    case "settle":
      return stub.settle(...(given as Arguments<"settle">));
    case "touch":
      return stub.touch(...(given as Arguments<"touch">));
    case "configure":
      return stub.configure(...(given as Arguments<"configure">));
    case "setTime":
      around.now = given[0] as number;
      return null;
    case "ring":
      return stub.ring();
    case "weather":
      postgres.weather = given[0] as Weather;
      return null;
    case "poison":
      postgres.poison.add(given[0] as string);
      return null;
    case "deliverAgain":
      return postgres.deliverAgain(given[0] as number);
    case "setBack":
      around.now = (around.now as number) - (given[0] as number);
      return null;
    case "commit":
      return postgres.commit(given[0] as Edit);
    case "limits":
      return changeLimits(postgres, given[0] as LimitRecord[]);
    case "settleCalls":
      return around.settleCalls;
    case "observe":
      return { ...(await stub.look()), stored: [...postgres.events], rollup: [...postgres.rollup] };
    default:
      throw new Error(`no method ${method}`);
  }
}

// biome-ignore lint/style/noDefaultExport: what workerd calls
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, ledger = "", method = ""] = new URL(request.url).pathname.split("/");
    const id = env.LEDGER.idFromName(ledger);
    const given = (await request.json()) as unknown[];
    const stub = env.LEDGER.get(id) as Stub;
    const around = surroundingsOf(`${id}`);
    const client = () => ledgerFor(env.LEDGER, ledger, (given[1] ?? "global") as LedgerJurisdiction);
    try {
      if (method === "settleInBatch") {
        return Response.json({ value: await settlements.add(client(), given[0] as Settlement) });
      }
      if (method === "clientHealth") return Response.json({ value: await client().health() });
      if (method.startsWith("shard")) {
        const shard = env.LEDGER_SHARD.idFromName(`${ledger}/weur-0`);
        ledgerOf.set(`${shard}`, ledger);
        return Response.json({ value: (await answerOfShard(env.LEDGER_SHARD.get(shard), method, given)) ?? null });
      }
      return Response.json({ value: (await answer(stub, around, method, given)) ?? null });
    } catch (error) {
      return Response.json({ error: String(error) });
    }
  },
};
