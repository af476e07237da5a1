/**
 * A Worker of one purpose: the production `LedgerObject` with its database in memory, called once a request in the way its
 * path says.
 */
import type { LedgerNamespace } from "../worker/ledger/client.ts";
import type { LedgerApi, Settlement } from "../worker/ledger/contract.ts";
import { LedgerObject } from "../worker/ledger/ledger-object.ts";
import { configuration, ROOT, requestOf, resultOf } from "./ledger-tenant.ts";

/** What a statement takes in a database nearby, in milliseconds. */
const DATABASE_MS = 5;
const BATCH = 50;

type State = ConstructorParameters<typeof LedgerObject>[0];

export class Ledger extends LedgerObject {
  constructor(state: State, env: unknown) {
    super(state, env, {
      loadConfiguration: async () => configuration(),
      recordEvents: async () => {
        await new Promise((resolve) => setTimeout(resolve, DATABASE_MS));
        return { configVersion: 1 };
      },
      loadSums: async () => [],
      shard: () => ({ recall: async () => {} }),
      unseal: () => Promise.reject(new Error("there is no webhook")),
      deliver: () => Promise.reject(new Error("there is no webhook")),
      recordDeliveries: async () => {},
      now: () => Date.now(),
      random: () => Math.random(),
      log: (entry) => console.log(JSON.stringify(entry)),
      holdSeconds: 90,
    });
  }

  /** A call that does nothing: what remote procedure calls cost by themselves. */
  async nothing(): Promise<void> {}
}

interface Env {
  LEDGER: LedgerNamespace;
}

let events = 0;
const gathered: Settlement[] = [];

async function admitted(ledger: LedgerApi): Promise<Settlement> {
  const now = Date.now();
  const eventId = `01KAV${String(++events).padStart(21, "0")}`;
  const answer = await ledger.admit(requestOf(eventId, now));
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return { handle: answer.handle, eventId, result: resultOf(now) };
}

async function settle(ledger: LedgerApi, settlements: Settlement[]): Promise<void> {
  const odd = (await ledger.settle(settlements)).find((answer) => answer !== "settled");
  if (odd !== undefined) throw new Error(`settled as ${odd}`);
}

/** What the benchmark compares. Each is one HTTP request. */
const WAYS: Record<string, (ledger: LedgerApi) => Promise<unknown>> = {
  rpc: (ledger) => (ledger as LedgerApi & { nothing(): Promise<void> }).nothing(),
  pair: async (ledger) => settle(ledger, [await admitted(ledger)]),
  batch: async (ledger) => {
    gathered.push(await admitted(ledger));
    if (gathered.length >= BATCH) await settle(ledger, gathered.splice(0));
  },
  /** Settles what no batch was full enough for. */
  rest: async (ledger) => {
    if (gathered.length > 0) await settle(ledger, gathered.splice(0));
    return ledger.health();
  },
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const way = WAYS[new URL(request.url).pathname.slice(1)];
    if (way === undefined) return new Response(null);
    return Response.json((await way(env.LEDGER.get(env.LEDGER.idFromName(ROOT)))) ?? null);
  },
};
