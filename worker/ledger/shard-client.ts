import { fnv1a } from "../lib/fnv1a.ts";
import { callTwice, within } from "./call.ts";
import type { LedgerJurisdiction } from "./client.ts";
import type { AdmitRequest, SettleAnswer, Settlement } from "./contract.ts";
import type { Holder } from "./holder.ts";
import { AWAY_SHARD, type ShardApi } from "./shard-contract.ts";

/** The binding, in the part used here. */
export interface ShardNamespace {
  idFromName(name: string): DurableObjectId;
  idFromString(id: string): DurableObjectId;
  get(id: DurableObjectId, options?: { locationHint?: DurableObjectLocationHint }): ShardApi;
  jurisdiction(jurisdiction: "eu" | "us"): ShardNamespace;
}

/** So many shards a region: keys are spread over them, a key always comes to the same one. */
const SHARDS_A_REGION = 4;

const awayName = (rootId: string): string => `${rootId}/${AWAY_SHARD}`;

/** The shard that has this id, which is also its name at the Ledger; `AWAY_SHARD`: the root's one for outages. */
export function shardStub(
  namespace: ShardNamespace,
  { rootId, jurisdiction, name }: { rootId: string; jurisdiction: LedgerJurisdiction; name: string },
): ShardApi {
  if (name !== AWAY_SHARD) return namespace.get(namespace.idFromString(name));
  const own = within(namespace, jurisdiction);
  return own.get(own.idFromName(awayName(rootId)));
}

export interface ShardPlace {
  rootId: string;
  jurisdiction: LedgerJurisdiction;
  /** Null: the one that is asked while the Ledger is away. */
  region: Region | null;
  keyId: string;
}

/** A region as Cloudflare's location hints name them; `local` where nobody tells. */
export type Region = DurableObjectLocationHint | "local";

/** A shard of a root organization's Ledger. Holds nothing of the request that asks. */
export class TenantShard implements Holder {
  readonly name: string;
  readonly #namespace: ShardNamespace;
  readonly #shard: string;
  readonly #hint: { locationHint?: DurableObjectLocationHint };

  constructor(namespace: ShardNamespace, { rootId, jurisdiction, region, keyId }: ShardPlace) {
    this.#namespace = within(namespace, jurisdiction);
    this.#shard =
      region === null ? awayName(rootId) : `${rootId}/${region}-${Number.parseInt(fnv1a(keyId), 16) % SHARDS_A_REGION}`;
    this.#hint = region === null || region === "local" ? {} : { locationHint: region };
    this.name = `shard ${jurisdiction}/${this.#shard}`;
  }

  admit(request: AdmitRequest): ReturnType<ShardApi["admit"]> {
    return this.#call((shard) => shard.admit(request));
  }

  admitAway(request: AdmitRequest): ReturnType<ShardApi["admitAway"]> {
    return this.#call((shard) => shard.admitAway(request));
  }

  prepare(request: AdmitRequest): Promise<void> {
    return this.#call((shard) => shard.prepare(request));
  }

  withdraw(eventIds: string[]): Promise<void> {
    return this.#call((shard) => shard.withdraw(eventIds));
  }

  settle(settlements: Settlement[]): Promise<SettleAnswer[]> {
    return this.#call((shard) => shard.settle(settlements));
  }

  touch(handles: number[]): Promise<void> {
    return this.#call((shard) => shard.touch(handles));
  }

  #call<T>(run: (shard: ShardApi) => Promise<T>): Promise<T> {
    return callTwice(() => run(this.#namespace.get(this.#namespace.idFromName(this.#shard), this.#hint)));
  }
}
