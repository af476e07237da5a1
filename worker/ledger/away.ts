import type { Caller } from "./admission.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AdmitRequest, Denial, LeaseReport } from "./contract.ts";
import type { Counters } from "./counters.ts";
import { nodeOf, type ShardLeases } from "./shard-leases.ts";
import type { CountedSql } from "./storage.ts";
import { dayAt } from "./windows.ts";

export const AWAY_TABLES = [
  "CREATE TABLE IF NOT EXISTS outage (organization TEXT PRIMARY KEY, until INTEGER NOT NULL, cost_nano INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS away (event_id TEXT PRIMARY KEY, node TEXT NOT NULL) WITHOUT ROWID",
];

/** What an organization allows in one outage. */
interface Outage {
  until: number;
  costNano: number;
}

export interface AwayOptions {
  name: string;
  sql: CountedSql;
  copy: ConfigurationCopy;
  counters: Counters;
  leases: ShardLeases;
  newId(): string;
}

const PREFIX = "away/";

/** Each outage has a node of its own: what is corrected late of the last is no more to be spent in the next. */
const nodeOfOutage = (organization: string, { until }: Outage): string => `${PREFIX}${organization}/${until}`;

/** Whether a node stands for an outage, of any time. */
export const isOutage = (node: string): boolean => node.startsWith(PREFIX);

/**
 * What may be spent while the Ledger cannot be reached: an organization states an amount and a time (`onLedgerDown`), for
 * itself and all below that do not state their own. An outage begins with the first request that finds the Ledger away,
 * and ends when the Ledger has counted everything that was allowed in it; only then can another begin.
 */
export class AwayAllowances {
  readonly #options: AwayOptions;
  readonly #outages = new Map<string, Outage>();
  /** The lease that collects what a key was allowed on a day, by key and day. */
  readonly #leases = new Map<string, string>();
  /** The requests of a lease, by its node; stored, or a restart would let the Ledger count one that it had admitted, too. */
  readonly #eventIds = new Map<string, Set<string>>();

  constructor(options: AwayOptions) {
    this.#options = options;
  }

  /** True while what was allowed in an outage is not counted at the Ledger yet. */
  get begun(): boolean {
    return this.#outages.size > 0;
  }

  /** Whether an outage that a node stands for has begun and is not over. */
  has(node: string): boolean {
    return [...this.#outages].some(([organization, outage]) => nodeOfOutage(organization, outage) === node);
  }

  /** Reads what is stored; the tables must exist, and the leases be loaded. */
  load(): void {
    const rows = this.#options.sql.rows<{ organization: string; until: number; cost_nano: number }>(
      "SELECT * FROM outage",
    );
    for (const { organization, until, cost_nano } of rows) {
      const outage = { until, costNano: cost_nano };
      // An earlier version began outages in which nothing was allowed.
      if (this.#options.leases.away(organization)) this.#outages.set(organization, outage);
      else this.#end(organization, outage);
    }
    const events = this.#options.sql.rows<{ event_id: string; node: string }>("SELECT * FROM away");
    for (const { event_id, node } of events) this.#remember(event_id, node);
  }

  /** Whether the request is allowed, and the nodes it is counted on. */
  allow(
    request: AdmitRequest,
    { path, principal }: Caller,
    now: number,
  ): { ok: true; nodes: string[] } | Denial | { ok: false; code: "ledger_unavailable" } {
    const { copy, counters } = this.#options;
    const policies = path.map((id) => copy.organization(id)?.settings.onLedgerDown ?? null);
    const organization = path[policies.findIndex((policy) => policy !== null)];
    const policy = policies.find((one) => one !== null);
    // Whoever stands above may forbid what an organization below would allow itself.
    if (organization === undefined || policy === undefined || policy === null) return UNAVAILABLE;
    if (policy === "block" || policies.includes("block")) return UNAVAILABLE;
    if (!request.priced) return { ok: false, code: "model_not_priced" };
    if (request.unboundedBy !== null) return { ok: false, code: "unbounded_request", param: request.unboundedBy };
    const begun = this.#outages.get(organization);
    const outage = begun ?? { until: now + policy.seconds * 1000, costNano: policy.costNano };
    const { settled, held } = counters.peek(nodeOfOutage(organization, outage), "total");
    const spent = settled.costNano + held.costNano;
    if (now >= outage.until || spent + request.bound.costNano > outage.costNano) return UNAVAILABLE;
    // One in which nothing is allowed would leave nothing to count, and never end.
    if (begun === undefined) this.#begin(organization, outage);
    const lease = this.#leaseOf(principal.keyId, principal.organizationId, organization, path, request.draft.startedAt);
    return { ok: true, nodes: [nodeOf(lease), nodeOfOutage(organization, outage)] };
  }

  admitted(eventId: string, [node = ""]: readonly string[]): void {
    // A report that is under way tells of the lease as if it was over.
    this.#options.leases.changed(node);
    if (this.#eventIds.get(node)?.has(eventId)) return;
    this.#options.sql.write("INSERT INTO away (event_id, node) VALUES (?, ?) ON CONFLICT DO NOTHING", eventId, node);
    this.#remember(eventId, node);
  }

  eventIdsOf(node: string): string[] {
    return [...(this.#eventIds.get(node) ?? [])];
  }

  /** The Ledger has counted these; an outage of which nothing is left is over. */
  heard(reports: readonly LeaseReport[]): void {
    const { leases, sql } = this.#options;
    if (!reports.some(({ away }) => away !== null)) return;
    for (const [name, id] of this.#leases) if (leases.get(id) === undefined) this.#leases.delete(name);
    for (const node of this.#eventIds.keys()) {
      if (leases.has(node)) continue;
      sql.write("DELETE FROM away WHERE node = ?", node);
      this.#eventIds.delete(node);
    }
    for (const [organization, outage] of this.#outages) {
      if (!leases.away(organization)) this.#end(organization, outage);
    }
  }

  #end(organization: string, outage: Outage): void {
    this.#outages.delete(organization);
    this.#options.sql.write("DELETE FROM outage WHERE organization = ?", organization);
    this.#options.counters.forget(nodeOfOutage(organization, outage));
  }

  #remember(eventId: string, node: string): void {
    const known = this.#eventIds.get(node);
    if (known === undefined) this.#eventIds.set(node, new Set([eventId]));
    else known.add(eventId);
  }

  #begin(organization: string, outage: Outage): void {
    this.#options.sql.write(
      "INSERT INTO outage (organization, until, cost_nano) VALUES (?, ?, ?)",
      organization,
      outage.until,
      outage.costNano,
    );
    this.#outages.set(organization, outage);
  }

  /** A lease never spans two days of any zone above its key: all of it is counted in the windows it began in. */
  #leaseOf(
    keyId: string,
    organizationId: string,
    allowedBy: string,
    path: readonly string[],
    startedAt: number,
  ): string {
    const { copy, leases, name, newId } = this.#options;
    const days = [keyId, ...path].map((node) => dayAt(startedAt, copy.zoneOf(node)).from);
    const key = `${keyId}/${days.join("/")}`;
    const known = this.#leases.get(key);
    if (known !== undefined && leases.get(known) !== undefined) return known;
    const id = `${name}/${newId()}`;
    leases.note(id, keyId, { organizationId, startedAt, allowedBy });
    this.#leases.set(key, id);
    return id;
  }
}

const UNAVAILABLE = { ok: false, code: "ledger_unavailable" } as const;
