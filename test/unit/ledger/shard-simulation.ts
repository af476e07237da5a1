import type { Scheduler } from "fast-check";
import type { LimitMetric, TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { AdmitAnswer, AdmitRequest, Bound } from "../../../worker/ledger/contract.ts";
import type { SqlValue } from "../../../worker/ledger/storage.ts";
import { Administration } from "./administration.ts";
import { windowsAt } from "./calendar.ts";
import type { Edition } from "./commands.ts";
import { addSums, type Sums, sumsOf } from "./fake-postgres.ts";
import { same } from "./invariants.ts";
import { PlainLeases } from "./plain-leases.ts";
import type { Modelled } from "./plain-ledger.ts";
import { LEDGER, type Region, RegionalWorld } from "./regional-world.ts";
import { requestFor, usedOf } from "./requests.ts";
import type { ShardCommand, Step } from "./shard-commands.ts";
import { holdUntil, METRICS, NOTHING, placesOf, sumsOfEvents, type True, Truth } from "./shard-truth.ts";
import { CHILDREN, KEYS, tree, zoneOf } from "./tree.ts";
import { eventIdOf, result } from "./world.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const QUARTER_MS = HOUR_MS / 4;
const AWAY = 2;

/** What two organizations allow while the Ledger is away, and one that stands beside them does not. */
const ALLOWED = { org_region00: { costNano: 2_500, seconds: 60 }, org_squad000: { costNano: 1_500, seconds: 200 } };

const configuration = (): TenantConfiguration => {
  const base = tree();
  for (const one of base.organizations) {
    const policy = ALLOWED[one.id as keyof typeof ALLOWED] ?? (one.id === "org_side0000" ? "block" : null);
    one.settings = { ...one.settings, onLedgerDown: policy };
  }
  return base;
};

/** Which organization allows what a key may spend in an outage. */
const allowedBy = (keyId: string): keyof typeof ALLOWED | null => {
  if (keyId.startsWith("key_crew") || keyId.startsWith("key_squad")) return "org_squad000";
  return keyId.startsWith("key_region") ? "org_region00" : null;
};

/** When the next day begins in one of the zones. */
function midnightAfter(now: number): number {
  const daysAt = (at: number) => KEYS.map((key) => windowsAt(at, zoneOf(key)).day).join();
  let at = Math.ceil((now + 1) / QUARTER_MS) * QUARTER_MS;
  while (daysAt(at) === daysAt(now)) at += QUARTER_MS;
  return at;
}

/** A row of a journal: an admission, and what Postgres must have of it before it may go. */
interface Row {
  eventId: string;
  open: boolean;
  bound: Bound;
  path: string[];
  keyId: string;
  startedAt: number;
}

interface Written {
  at: string;
  seq: number;
  row: Row;
  /** Into a row that was there. */
  again: boolean;
}

function admissionOf(text: string): Omit<Row, "open"> {
  const { draft, bound, path } = JSON.parse(text) as Pick<AdmitRequest, "draft" | "bound"> & { path: string[] };
  const { eventId, keyId, startedAt } = draft;
  return { eventId, keyId, startedAt, bound, path };
}

/** Runs commands against a Ledger with shards, beside what is true; throws at the first difference. */
export class ShardSimulation {
  readonly world: RegionalWorld;
  /** How often requests were answered in which way, and leases lent, for a test to see that it has seen all. */
  readonly answers = new Map<string, number>();
  readonly #truth = new Truth();
  readonly #leases = new PlainLeases();
  readonly #administration = new Administration();
  readonly #journals = new Map<string, Map<number, Row>>();
  /** The admission that was written since it was set to null. */
  #written: Written | null = null;
  /** Requests a shard has admitted and nobody knows of, until the withdrawal arrives. */
  #withdrawals: (() => void)[] = [];
  /** Requests the Ledger has admitted and answered to nobody, while the shard for outages admitted them too. */
  readonly #doubles = new Set<string>();
  readonly #recordedBy = new Map<string, string>();
  /** Events of which Postgres had another already: only the Ledger counts both. */
  readonly #absorbed = new Map<string, UsageEvent>();
  /** The metrics each lease is limited in. */
  readonly #limitedIn = new Map<string, readonly LimitMetric[]>();
  /** Away leases of which the Ledger has heard the end. */
  readonly #ended = new Set<string>();
  #asked = 0;
  /** The Ledger was told too late, after two days, what it had charged in full, and counts that instead of what was used. */
  gaveUp = false;
  failure: Error | null = null;

  constructor(scheduler: Scheduler) {
    this.world = new RegionalWorld(configuration(), scheduler, {
      granted: (request, answer) => {
        this.#count("lease");
        this.#limitedIn.set(request.id, answer.metrics);
        this.#leases.granted(request, answer, this.world.now);
      },
      reported: (reports) => {
        for (const { id, end, away } of reports) {
          if (away === null) continue;
          if (end !== "open") this.#ended.add(id);
          for (const eventId of away.eventIds) this.#adopted(eventId);
        }
        this.#leases.reported(reports, this.world.now);
      },
      rings: () => this.#leases.rings(this.world.now),
      recorded: (by, events) => this.#recorded(by, events),
    });
    const { ledger, regions } = this.world;
    this.#follow(LEDGER, ledger.storage);
    for (const { name, storage } of regions) this.#follow(name, storage);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const [command, arrive] of steps) {
      await this.#step(command, arrive);
      await this.world.arrive(arrive ?? undefined);
      this.#check();
    }
    await this.#recover();
  }

  async #step(command: ShardCommand, arrive: number | null): Promise<void> {
    const { world } = this;
    switch (command.do) {
      case "admit":
        return this.#admit(command);
      case "replace":
        return this.#replace(command);
      case "settle":
        return this.#settle(command.nth, command.percent);
      case "touch": {
        const request = this.#pick(command.nth);
        if (request === undefined || request.used !== null) return;
        if (world.now < request.deadline) request.deadline = holdUntil(world.now);
        return this.#core(request.at).touch([request.handle]);
      }
      case "pass":
        this.#withdrawNow();
        return world.pass(Math.min(command.seconds * 1000, this.#longestPass), arrive === null);
      case "evening":
        this.#withdrawNow();
        return world.pass(Math.max(0, midnightAfter(world.now) - world.now - 4_000), true);
      case "evict":
        if (command.ledger) this.#evictLedger();
        for (const nth of command.regions) world.evict(world.regions[nth] as Region);
        return;
      case "way":
        (world.regions[command.region] as Region).way = command.way;
        return;
      case "weather":
        world.ledger.postgres.weather = command.weather;
        return;
      default:
        return this.#commit(command);
    }
  }

  /** What was allowed in an outage is known for 40 days. */
  get #longestPass(): number {
    return Math.max(0, 39 * DAY_MS - (this.world.regions[AWAY] as Region).silentMs);
  }

  #pick(nth: number): True | undefined {
    const { requests } = this.#truth;
    return requests[nth % Math.max(1, requests.length)];
  }

  #core(at: string) {
    const { ledger, regions } = this.world;
    return at === LEDGER ? ledger.core : (regions.find(({ name }) => name === at) as Region).core;
  }

  async #admit(command: ShardCommand & { do: "admit" }): Promise<void> {
    const { key, inputTokens, cap, picoEach, lag, route, lost } = command;
    const { world } = this;
    const output = cap === null ? null : { requested: cap, candidates: 1, picoEach, least: 1 };
    const asked = { inputTokens, output, priced: true, unboundedBy: null, substituted: false, patience: 0 };
    const request = requestFor(KEYS[key] as string, world.now - lag, eventIdOf(this.#asked++), asked);
    if (route === "away") return this.#admitAway(request, lost);
    if (route !== "ledger" && (await this.#admitNear(request, world.regions[route] as Region, lost))) return;
    await this.#askFor(LEDGER, request, (one) => world.ledger.core.admit(one));
  }

  /** As the admitter does: true where that was the answer, false where the Ledger is to be asked. */
  async #admitNear(request: AdmitRequest, region: Region, lost: boolean): Promise<boolean> {
    if (!lost) {
      const answer = await this.#askFor(region.name, request, (one) => region.core.admit(one));
      return answer !== null && (answer.ok || answer.code !== "elsewhere");
    }
    await region.core.admit(request).catch(() => {});
    this.#withdrawLater(region, request.draft.eventId);
    return false;
  }

  #withdrawLater(region: Region, eventId: string): void {
    let withdrawn = false;
    const withdraw = () => {
      if (!withdrawn) region.core.withdraw([eventId]);
      withdrawn = true;
    };
    this.#withdrawals.push(withdraw);
    this.world.later("withdraw", withdraw);
  }

  async #admitAway(request: AdmitRequest, lost: boolean): Promise<void> {
    const { ledger, regions } = this.world;
    const away = regions[AWAY] as Region;
    let known: True | null = null;
    if (lost) {
      await this.#askFor(LEDGER, request, (one) => ledger.core.admit(one));
      known = this.#truth.requests.find(({ eventId }) => eventId === request.draft.eventId) ?? null;
    }
    const answer = await this.#askFor(away.name, request, (one) => away.core.admitAway(one));
    if (answer === null || !answer.ok || known === null) return;
    this.#truth.withdrawn(known);
    this.#doubles.add(known.eventId);
  }

  /** As the admitter does: a further attempt goes to whoever holds the event. */
  async #replace(command: ShardCommand & { do: "replace" }): Promise<void> {
    const { nth, near, inputTokens, cap, picoEach, lost } = command;
    const { ledger, regions, now } = this.world;
    const open = this.#truth.requests.filter((one) => one.used === null && now < one.deadline && one.metrics !== null);
    const held = near ? open[nth % Math.max(1, open.length)] : this.#pick(nth);
    if (held === undefined || held.used !== null || now >= held.deadline + HOUR_MS) return;
    const { at, eventId, keyId, startedAt } = held;
    const output = cap === null ? null : { requested: cap, candidates: 1, picoEach, least: 1 };
    const asked = { inputTokens, output, priced: true, unboundedBy: null, substituted: false, patience: 0 };
    const first = requestFor(keyId, startedAt, eventId, asked);
    const request = { ...first, replaces: held.handle };
    const away = regions[AWAY] as Region;
    if (at === away.name) {
      await this.#askFor(at, request, (one) => away.core.admitAway(one), held);
      return;
    }
    const region = regions.find(({ name }) => name === at);
    const holder = region?.core ?? ledger.core;
    const answer = await this.#askFor(at, request, (one) => holder.admit(one), held);
    // Whatever has become of that: it is still held there.
    const there = this.#truth.requests.find((one) => one.eventId === eventId) as True;
    if (region === undefined) {
      if (!lost) return;
      const allowed = await this.#askFor(away.name, first, (one) => away.core.admitAway(one));
      if (allowed?.ok !== true) return;
      this.#truth.withdrawn(there);
      this.#doubles.add(eventId);
    } else if (lost || answer === null || (!answer.ok && answer.code === "elsewhere")) {
      // It may have expired there; then it would be counted twice.
      if (now >= held.deadline) return;
      const decided = await this.#askFor(LEDGER, first, (one) => ledger.core.admit(one));
      if (decided?.ok !== true) return;
      this.#count(`moved from ${at}`);
      this.#truth.withdrawn(there);
      this.#withdrawLater(region, eventId);
    }
  }

  /** Asks one of them; what it admits is true from now on, in the place of an earlier attempt there. Null where it failed. */
  async #askFor<Answer extends { ok: boolean }>(
    at: string,
    request: AdmitRequest,
    ask: (request: AdmitRequest) => Promise<Answer | AdmitAnswer>,
    earlier: True | null = null,
  ) {
    this.#written = null;
    const { now } = this.world;
    const answer = await ask(request).catch(() => null);
    const written = this.#written as Written | null;
    this.#count(`${at} ${answer === null ? "failed" : answer.ok ? "yes" : (answer as { code: string }).code}`);
    if (answer === null || !answer.ok) {
      if (written !== null) throw new Error(`B8 ${request.draft.eventId} was refused at ${at} and was written`);
      return answer as AdmitAnswer | { ok: false; code: "elsewhere" } | null;
    }
    // It has expired, or the same was asked once more.
    if (written === null && earlier !== null) {
      same(`the handle of ${earlier.eventId}`, (answer as { handle?: number }).handle, earlier.handle);
      return answer as AdmitAnswer;
    }
    if (written === null || written.at !== at || written.row.eventId !== request.draft.eventId) {
      throw new Error(`E1 ${request.draft.eventId} was admitted at ${at} and has no row`);
    }
    const { row, seq, again } = written;
    if (again !== (earlier !== null)) throw new Error(`E2 ${row.eventId} has more than one row at ${at}`);
    if (earlier !== null) {
      this.#count(`replaced at ${at}`);
      this.#truth.withdrawn(earlier);
    }
    const [node = ""] = row.path;
    const lease = node.startsWith("lease/") ? node.slice("lease/".length) : null;
    const one: True = {
      ...{ eventId: row.eventId, at, handle: seq, keyId: row.keyId, startedAt: row.startedAt, bound: row.bound },
      ...{ used: null, deadline: holdUntil(now), lease, metrics: this.#limitedIn.get(lease ?? "") ?? null },
    };
    this.#truth.admitted(one, now);
    if (at === "away") this.#checkAllowance(one);
    return answer as AdmitAnswer;
  }

  /** What has been allowed and is not counted at the Ledger yet is one outage's. */
  #checkAllowance({ keyId }: True): void {
    const organization = allowedBy(keyId);
    if (organization === null) throw new Error(`B1 ${keyId} is allowed nothing while the Ledger is away`);
    let [spent, excess, first] = [0, 0, Number.POSITIVE_INFINITY];
    for (const one of this.#truth.requests) {
      if (one.at !== "away" || allowedBy(one.keyId) !== organization || this.#ended.has(one.lease ?? "")) continue;
      spent += this.#truth.charged(one).costNano;
      excess += Math.max(0, this.#truth.charged(one).costNano - one.bound.costNano);
      first = Math.min(first, one.deadline);
    }
    const { costNano } = ALLOWED[organization];
    if (spent > costNano + excess) throw new Error(`B1 ${organization} allows ${costNano} away, ${spent} are spent`);
  }

  #settle(nth: number, percent: number): void {
    const request = this.#pick(nth);
    if (request === undefined) return;
    const { now } = this.world;
    const used = usedOf(request as unknown as Modelled, percent);
    const settlement = { handle: request.handle, eventId: request.eventId, result: result(now, used) };
    const [answer] = this.#core(request.at).settle([settlement]);
    this.#count(`settle ${answer}`);
    if (request.used !== null) {
      if (answer !== "repeat" && answer !== "unknown") throw new Error(`B3 ${request.eventId} is ${answer} once more`);
      return;
    }
    if (answer === "repeat" || answer === "unknown") {
      // A day after it expired it cannot be corrected any more.
      if (now < request.deadline + DAY_MS) throw new Error(`B3 ${request.eventId} is ${answer} to ${request.at}`);
      return;
    }
    const { inputUncached, cacheRead, cacheWrite, output: outputTokens, costNano } = used;
    const inputTokens = inputUncached + cacheRead + cacheWrite;
    const sums = { requests: 1, inputTokens, outputTokens, costNano };
    this.#truth.settled(request, sums, answer === "settled", now);
  }

  async #commit(command: Edition): Promise<void> {
    const { world } = this;
    const edit = this.#administration.edit(command, world.now);
    if (edit === null) return;
    const change = world.ledger.postgres.commit(edit);
    this.#administration.committed(edit, change.version);
    this.#truth.edited(edit, change.version);
    if (command.push === "lost") return;
    let taken = false;
    void world.ledger.core.configure(change).then(
      () => {
        taken = true;
      },
      () => {},
    );
    await world.idle();
    // As often as not the calls that tell shards of it arrive at once.
    if (command.push === "now" && this.#asked % 2 === 0) await world.arrive();
    const everywhere = taken && world.missed.size === 0;
    world.missed.clear();
    this.#truth.known(world.ledger.core.health().configVersion, everywhere, world.now);
  }

  #withdrawNow(): void {
    for (const withdraw of this.#withdrawals) withdraw();
    this.#withdrawals = [];
  }

  #evictLedger(): void {
    const { world } = this;
    world.evictLedger();
    const { storage } = world.ledger;
    if (storage.tables().length === 0) return;
    const rows = storage.inspect<{ id: string; body: string }>("SELECT id, body FROM lease");
    const lent = new Map(rows.map(({ id, body }) => [id, (JSON.parse(body) as { slice: Sums }).slice]));
    const [header] = storage.inspect<{ body: string }>("SELECT body FROM snapshot WHERE part = -1");
    const { leases = [] } = JSON.parse(header?.body ?? "{}") as { leases?: [string, Sums][] };
    this.#leases.restarted(lent, new Map(leases), world.now);
  }

  #follow(at: string, storage: RegionalWorld["ledger"]["storage"]): void {
    const rows = new Map<number, Row>();
    this.#journals.set(at, rows);
    storage.written = (query, bindings) => {
      try {
        this.#wrote(at, rows, query, bindings);
      } catch (error) {
        // Whoever wrote would take it for a fault of the storage.
        this.failure ??= error as Error;
      }
    };
  }

  #wrote(at: string, rows: Map<number, Row>, query: string, bindings: readonly SqlValue[]): void {
    if (query.startsWith("INSERT INTO journal")) {
      const row = { ...admissionOf(bindings[1] as string), open: true };
      rows.set(bindings[0] as number, row);
      this.#written = { at, seq: bindings[0] as number, row, again: false };
    } else if (query.startsWith("UPDATE journal SET admission")) {
      const seq = bindings[1] as number;
      const row = rows.get(seq) as Row;
      Object.assign(row, admissionOf(bindings[0] as string));
      this.#written = { at, seq, row, again: true };
    } else if (query.startsWith("UPDATE journal SET snapshot")) {
      (rows.get(bindings[2] as number) as Row).open = false;
    } else if (query.startsWith("DELETE FROM journal WHERE seq =")) {
      rows.delete(bindings[0] as number);
    } else if (query.startsWith("DELETE FROM journal")) {
      for (const seq of JSON.parse(bindings[0] as string) as number[]) {
        const eventId = rows.get(seq)?.eventId ?? "";
        if (!this.world.ledger.postgres.events.has(`${eventId}/0`)) throw new Error(`E4 ${eventId} was deleted`);
        rows.delete(seq);
      }
    }
  }

  /** The Ledger is told who else has admitted it: while it has not charged its own, it takes that back. */
  #adopted(eventId: string): void {
    const rows = [...(this.#journals.get(LEDGER)?.values() ?? [])];
    if (rows.some((row) => row.eventId === eventId && row.open)) this.#doubles.delete(eventId);
  }

  /** E2: an event is written by one of them, and alike each time. */
  #recorded(by: string, events: readonly UsageEvent[]): void {
    for (const event of events) {
      const name = `${event.eventId}/${event.rev}`;
      const [first, text] = [this.#recordedBy.get(name), `${by} ${JSON.stringify(event)}`];
      if (first === undefined) this.#recordedBy.set(name, text);
      if (first === undefined || first === text) continue;
      if (!this.#doubles.has(event.eventId)) this.failure ??= new Error(`E2 ${name} was recorded otherwise by ${by}`);
      this.#absorbed.set(name, event);
    }
  }

  #check(): void {
    if (this.failure !== null) throw this.failure;
    const { ledger, regions, now, missed, ledgerRinging } = this.world;
    const { core } = ledger;
    missed.clear();
    this.#truth.known(core.health().configVersion, false, now);
    const windows = new Map(
      [...core.counters.all()].map(({ node, window, settled }) => [`${node} ${window}`, settled]),
    );
    const held = this.#leases.held();
    for (const row of this.#journals.get(LEDGER)?.values() ?? []) {
      if (!row.open) continue;
      for (const place of placesOf(row.keyId, row.startedAt)) addSums(held, place, { requests: 1, ...row.bound });
    }
    for (const [place, settled] of windows) {
      const [node, window] = place.split(" ") as [string, string];
      const has = core.counters.peek(node, window).held;
      const [expected, least] = [held.get(place) ?? NOTHING, this.#truth.least.get(place) ?? NOTHING];
      for (const metric of METRICS) {
        if (has[metric] !== expected[metric]) same(`B2 held of ${place}`, has, expected);
        if (settled[metric] + has[metric] < least[metric]) {
          same(`E5 the Ledger is below the truth at ${place}: ${metric}`, settled[metric] + has[metric], least[metric]);
        }
      }
    }
    for (const [organization, children] of CHILDREN) {
      const { settled, held: own } = core.counters.peek(organization, "total");
      const parts = children.map((child) => core.counters.peek(child, "total"));
      for (const metric of METRICS) {
        const sum = (of: "settled" | "held") => parts.reduce((total, part) => total + part[of][metric], 0);
        same(`B5 settled ${metric} of ${organization}`, settled[metric], sum("settled"));
        same(`B5 held ${metric} of ${organization}`, own[metric], sum("held"));
      }
    }
    this.#checkAlarm(LEDGER, core.health(), ledger.armedAt, ledgerRinging);
    for (const { name, core: shard, armedAt, ringing } of regions) {
      this.#checkAlarm(name, shard.health(), armedAt, ringing);
    }
    this.#checkKept();
  }

  #checkAlarm(at: string, { open, waiting }: { open: number; waiting: number }, armedAt: number | null, busy: boolean) {
    const rows = [...(this.#journals.get(at)?.values() ?? [])];
    same(`B8 open at ${at}`, open, rows.filter((row) => row.open).length);
    if (open > 0 && armedAt === null && !busy) throw new Error(`B4 ${at} has something to do and no alarm`);
    if (waiting > rows.length) throw new Error(`E1 ${at} waits for more than it has`);
  }

  /** E1: an admitted request has its row, or Postgres has its event. */
  #checkKept(): void {
    const { events } = this.world.ledger.postgres;
    for (const { eventId, at, handle } of this.#truth.requests) {
      if (this.#journals.get(at)?.get(handle)?.eventId === eventId || events.has(`${eventId}/0`)) continue;
      throw new Error(`E1 ${eventId} of ${at} is lost`);
    }
  }

  /** All ways are open and nobody calls any more: everything must end, and then nothing may happen. */
  async #recover(): Promise<void> {
    const { world } = this;
    const { ledger, regions } = world;
    this.#withdrawNow();
    ledger.postgres.weather = "fine";
    for (const region of regions) region.way = "open";
    for (const milliseconds of [400_000, 25 * HOUR_MS, 400_000, 2 * DAY_MS, 400_000]) {
      await world.pass(milliseconds, true);
      this.#check();
    }
    const { core } = ledger;
    for (const { name, core: shard, armedAt } of regions) {
      const { open, waiting, leases } = shard.health();
      same(`B4 ${name} at rest`, { open, waiting, leases, armedAt }, { open: 0, waiting: 0, leases: 0, armedAt: null });
    }
    if (core.health().configVersion === null) return;
    const { unsettled, nodes } = core.sums();
    same("B4 the Ledger at rest", { unsettled, armedAt: ledger.armedAt }, { unsettled: 0, armedAt: null });
    const { events } = ledger.postgres;
    for (const request of this.#truth.requests) {
      const revisions = [events.get(`${request.eventId}/0`), events.get(`${request.eventId}/1`)];
      if (revisions[0] === undefined) throw new Error(`E1 ${request.eventId} never came to Postgres`);
      if (this.#doubles.has(request.eventId)) continue;
      const sums = { ...NOTHING };
      for (const event of revisions.filter((one) => one !== undefined)) {
        for (const metric of METRICS) sums[metric] += sumsOf(event)[metric];
      }
      const charged = this.#truth.charged(request);
      same(`E2 what Postgres has of ${request.eventId}`, sums, {
        ...{ requests: 1, inputTokens: charged.inputTokens, outputTokens: charged.outputTokens },
        costNano: charged.costNano,
      });
    }
    const expected = sumsOfEvents([...events.values(), ...this.#absorbed.values()], sumsOf);
    // Never below what was lent: that is asked after every command.
    const mayDiffer = regions.some(({ longestSilence }, at) => at !== AWAY && longestSilence >= 2 * DAY_MS);
    for (const { nodeId, window, settled } of nodes) {
      const { requests, inputTokens, outputTokens, costNano } = expected.get(`${nodeId} ${window}`) ?? NOTHING;
      const sums = [requests, inputTokens, outputTokens, costNano];
      if (settled.every((sum, at) => sum === sums[at])) continue;
      this.gaveUp = true;
      if (!mayDiffer) same(`B6, E5 events of ${nodeId} ${window}`, settled, sums);
    }
    if (expected.size > 0 && nodes.length === 0) throw new Error("B6 the Ledger has counted nothing");
  }

  #count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }
}
