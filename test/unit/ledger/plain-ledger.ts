import { isDeepStrictEqual } from "node:util";
import {
  LEAST_OUTPUT_TOKENS,
  type LimitMetric,
  type LimitRecord,
  type TenantConfiguration,
} from "../../../worker/canonical/tenant.ts";
import type { AdmitRequest, Admitted, Bound } from "../../../worker/ledger/contract.ts";
import { windowsAt } from "./calendar.ts";
import type { Sums } from "./fake-postgres.ts";
import { flows, PlainBuckets } from "./plain-bucket.ts";
import { lineIn, zoneOf } from "./tree.ts";

export { flows };

export type Configuration = Pick<TenantConfiguration, "organizations" | "keys" | "limits">;

/** What the model knows of an admitted request. */
export interface Modelled {
  eventId: string;
  handle: number;
  keyId: string;
  /** The key and the organizations above it when it was admitted: wherever they are moved, it is counted for these. */
  line: readonly string[];
  startedAt: number;
  bound: Bound;
  state: "open" | "settled" | "expired" | "corrected";
  deadline: number;
  expiredAt: number;
  /** What it has been charged so far. */
  charged: Sums;
  /** The further attempt that took its place last, and what that was told. */
  again?: { request: AdmitRequest; told: Pick<Admitted, "outputCap" | "lowered"> };
}

export interface Figure {
  amount: number;
  settled: number;
  held: number;
}

/** What must become of a request. */
export type Verdict =
  | { is: "denied"; code: string }
  /** It was decided before: the event has ended, or this attempt is in its place already. */
  | { is: "known"; event: Modelled }
  /** By any of these limits: to another model where it has one, else no. */
  | { is: "refused"; by: LimitRecord[]; hopeless: boolean; least: Bound }
  | { is: "replanned"; by: LimitRecord[] }
  | { is: "wait" }
  | { is: "full"; bound: Bound; cap: number | null }
  | { is: "lowered"; floor: number; below: number; fits(cap: number): boolean };

const UNITS: Record<LimitMetric, (amount: Sums) => number> = {
  requests: ({ requests }) => requests,
  input_tokens: ({ inputTokens }) => inputTokens,
  output_tokens: ({ outputTokens }) => outputTokens,
  total_tokens: ({ inputTokens, outputTokens }) => inputTokens + outputTokens,
  cost: ({ costNano }) => costNano,
  concurrent_requests: ({ requests }) => requests,
};
const CAPPED: LimitMetric[] = ["output_tokens", "total_tokens", "cost"];

export const unitsOf = ({ metric }: LimitRecord, amount: Sums): number => UNITS[metric](amount);
export const needOf = (limit: LimitRecord, bound: Bound): number => unitsOf(limit, { requests: 1, ...bound });
export const isCalendar = ({ window }: LimitRecord): boolean =>
  window === "day" || window === "week" || window === "month" || window === "total";

/** The name of a limit's window for a request begun at a moment. */
export const windowOf = ({ nodeId, window }: LimitRecord, startedAt: number): string =>
  windowsAt(startedAt, zoneOf(nodeId))[window as "day" | "week" | "month" | "total"];

/** The bound of a request whose output is capped elsewhere: exact, then rounded up. */
export function boundAt({ bound, output }: AdmitRequest, cap: number): Bound {
  if (output === null) return bound;
  const picos = BigInt(bound.costNano) * 1000n - BigInt((output.assumed - cap) * output.candidates * output.picoEach);
  const costNano = picos <= 0n ? 0 : Number((picos + 999n) / 1000n);
  return { inputTokens: bound.inputTokens, outputTokens: cap * output.candidates, costNano };
}

const isRepeat = ({ again }: Modelled, { target, bound }: AdmitRequest): boolean =>
  again !== undefined && again.request.target === target && isDeepStrictEqual(again.request.bound, bound);

/** The Ledger's rules in so many words: every request is remembered, every sum is added up anew. */
export class PlainLedger {
  readonly events: Modelled[] = [];
  /** The open ones, the longest silent first. */
  silent: Modelled[] = [];
  configuration: Configuration = { organizations: [], keys: [], limits: [] };
  /** The names of all notices that must have been told, each with its node and window. */
  readonly notices = new Map<string, string>();
  readonly buckets = new PlainBuckets();
  /** How often requests were answered in which way, for a test to see that it has seen all. */
  readonly answers = new Map<string, number>();

  count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  /** A key and the organizations above it now; the key alone where they do not lead to the root. */
  lineNow(keyId: string): readonly string[] {
    return lineIn(this.configuration.organizations, keyId) ?? [keyId];
  }

  limitsOf(line: readonly string[]): LimitRecord[] {
    return this.configuration.limits.filter(({ nodeId }) => line.includes(nodeId));
  }

  /** The event of a further attempt. */
  eventOf({ draft, replaces }: AdmitRequest): Modelled | null {
    return replaces === null ? null : (this.events.find(({ eventId }) => eventId === draft.eventId) ?? null);
  }

  /** @param without the event that is not looked at, because it is to be replaced */
  figure(limit: LimitRecord, startedAt: number, now: number, without: Modelled | null = null): Figure {
    const { override, nodeId } = limit;
    const amount = override !== null && now < override.until ? override.amount : limit.amount;
    let [settled, held] = [flows(limit) ? this.buckets.debt(limit, now) : 0, 0];
    const window = isCalendar(limit) ? windowOf(limit, startedAt) : null;
    for (const event of this.events) {
      if (event === without || !event.line.includes(nodeId)) continue;
      if (window !== null && windowOf(limit, event.startedAt) !== window) continue;
      if (event.state === "open") held += needOf(limit, event.bound);
      else if (window !== null) settled += unitsOf(limit, event.charged);
    }
    return { amount, settled, held };
  }

  decide(request: AdmitRequest, now: number, patient: boolean): Verdict {
    const denial = this.denial(request.keyId);
    if (denial !== null) return { is: "denied", code: denial };
    const { output, draft, keyId } = request;
    const own = this.eventOf(request);
    if (own !== null && (own.state !== "open" || isRepeat(own, request))) return { is: "known", event: own };
    const most = this.ceiling(keyId);
    if (most !== null && (output?.requested ?? 0) > most) return { is: "denied", code: "max_tokens_too_large" };

    const limits = this.limitsOf(this.lineNow(keyId));
    const blocking = limits.filter(({ mode }) => mode === "block");
    if (blocking.some(({ metric }) => metric === "cost")) {
      if (!request.priced) return { is: "denied", code: "model_not_priced" };
      if (request.unboundedBy !== null) return { is: "denied", code: "unbounded_request" };
    }
    const cheaper = limits.filter((limit) => {
      const { settled, amount } = this.figure(limit, draft.startedAt, now, own);
      return this.replans(limit, request) && settled * 100 >= amount * (limit.fallback?.percent ?? 0);
    });
    if (cheaper.length > 0) return { is: "replanned", by: cheaper };

    const { cap, floor } = this.#caps(request, most);
    const figures = blocking.map((limit) => ({ limit, ...this.figure(limit, draft.startedAt, now, own) }));
    const [full, least] = [boundAt(request, cap), boundAt(request, floor)];
    const fitting = (bound: Bound, heldToo: boolean) => (one: Figure & { limit: LimitRecord }) =>
      one.settled + (heldToo ? one.held : 0) + needOf(one.limit, bound) <= one.amount;
    const binds = most !== null || blocking.some(({ metric }) => CAPPED.includes(metric));
    if (figures.every(fitting(full, true))) {
      const taken = output === null ? cap : this.#leavingRoom(request, { cap, floor }, figures);
      if (taken < cap) return { is: "lowered", floor: taken, below: taken + 1, fits: () => true };
      const sent = output === null || !binds || cap === output.requested ? null : cap;
      return { is: "full", bound: full, cap: sent };
    }
    const never = figures.filter((one) => !fitting(least, false)(one));
    if (never.length > 0) return { is: "refused", by: never.map(({ limit }) => limit), hopeless: true, least };
    const notNow = figures.filter((one) => !fitting(least, true)(one));
    const alone = figures.filter((one) => !fitting(full, true)(one)).every(fitting(full, false));
    if (patient && (notNow.length > 0 || alone)) return { is: "wait" };
    if (notNow.length > 0) return { is: "refused", by: notNow.map(({ limit }) => limit), hopeless: false, least };
    const fits = (lowered: number) => figures.every(fitting(boundAt(request, lowered), true));
    return { is: "lowered", floor, below: cap, fits };
  }

  /** Why the key itself may not. */
  denial(keyId: string): string | null {
    const { keys, organizations } = this.configuration;
    const key = keys.find(({ id }) => id === keyId);
    if (key === undefined) return "invalid_api_key";
    if (key.disabled) return "key_disabled";
    const line = lineIn(organizations, keyId);
    if (line === null) return "invalid_api_key";
    return organizations.some(({ id, archived }) => archived && line.includes(id)) ? "organization_archived" : null;
  }

  /** Whether this limit sends the request to another model. */
  replans({ fallback }: LimitRecord, { draft, substituted }: AdmitRequest): boolean {
    return fallback !== null && !substituted && fallback.model !== `${draft.provider}/${draft.upstreamModel}`;
  }

  open(admitted: Omit<Modelled, "line">): void {
    const event = { ...admitted, line: this.lineNow(admitted.keyId) };
    this.events.push(event);
    this.silent.push(event);
  }

  replace(
    event: Modelled,
    bound: Bound,
    { now, deadline }: { now: number; deadline: number },
    again: Modelled["again"] & {},
  ): void {
    event.bound = bound;
    event.again = again;
    const { line } = event;
    event.line = this.lineNow(event.keyId);
    // The old line is looked at anew: what it counts has changed.
    if (`${line}` !== `${event.line}`) this.#tellReached(line, event.startedAt, now);
    this.touch(event, deadline);
  }

  touch(event: Modelled, deadline: number): void {
    if (event.state !== "open") return;
    event.deadline = deadline;
    this.silent = [...this.silent.filter((one) => one !== event), event];
  }

  /** The object has begun anew: every open request has its full time again. */
  restart(deadline: number): void {
    this.silent = this.events.filter(({ state }) => state === "open").sort((a, b) => a.handle - b.handle);
    for (const event of this.silent) event.deadline = deadline;
  }

  /** Charges what was silent for too long. Behind one that may be silent longer (the clock has gone back) it waits. */
  expire(now: number): Modelled[] {
    const expired: Modelled[] = [];
    for (let [event] = this.silent; event !== undefined && event.deadline <= now; [event] = this.silent) {
      this.charge(event, "expired", { requests: 1, ...event.bound }, now);
      event.expiredAt = now;
      expired.push(event);
    }
    return expired;
  }

  charge(event: Modelled, state: Modelled["state"], charged: Sums, now: number): void {
    const before = event.charged;
    this.silent = this.silent.filter((one) => one !== event);
    event.state = state;
    event.charged = charged;
    for (const limit of this.limitsOf(event.line).filter(flows)) {
      this.buckets.pour(limit, unitsOf(limit, charged) - unitsOf(limit, before), now);
    }
    this.#tellReached(event.line, event.startedAt, now);
  }

  #tellReached(line: readonly string[], startedAt: number, now: number): void {
    for (const limit of this.limitsOf(line).filter(isCalendar)) {
      const { settled, amount } = this.figure(limit, startedAt, now);
      for (const threshold of amount === 0 ? [] : limit.thresholds) {
        if (settled * 100 >= threshold * amount) this.tell(limit, amount, { startedAt }, `${threshold}`);
      }
    }
  }

  tell(limit: LimitRecord, amount: number, { startedAt }: { startedAt: number }, what: string): void {
    const window = windowOf(limit, startedAt);
    this.notices.set(`${limit.id}/${window}/${what}/${amount}`, `${limit.nodeId} ${window}`);
  }

  /** Takes another configuration; what has flowed off by now did so under the old one. */
  configure(configuration: Configuration, now: number): void {
    if (configuration === this.configuration) return;
    for (const limit of this.configuration.limits) {
      if (flows(limit) && !configuration.limits.includes(limit)) this.buckets.part(limit, now);
    }
    this.configuration = configuration;
  }

  /** While others hold something of a limit, nobody takes more than an eighth of what is left, if that is enough. */
  #leavingRoom(
    request: AdmitRequest,
    { cap, floor }: { cap: number; floor: number },
    figures: readonly (Figure & { limit: LimitRecord })[],
  ): number {
    const shared = figures.filter(({ limit, held }) => held > 0 && CAPPED.includes(limit.metric));
    const modest = (tokens: number): boolean =>
      shared.every(
        ({ limit, amount, settled }) => needOf(limit, boundAt(request, tokens)) <= Math.floor((amount - settled) / 8),
      );
    if (modest(cap)) return cap;
    // The most that is modest, by halving.
    let [most, tooMuch] = [-1, cap];
    while (tooMuch - most > 1) {
      const middle = Math.floor((most + tooMuch) / 2);
      if (modest(middle)) most = middle;
      else tooMuch = middle;
    }
    return Math.min(cap, Math.max(floor, 4_096, most));
  }

  #caps(request: AdmitRequest, most: number | null): { cap: number; floor: number } {
    const { output, keyId } = request;
    if (output === null) return { cap: 0, floor: 0 };
    const usual = this.#setting(keyId, "defaultOutputTokens") ?? output.assumed;
    const cap = output.requested ?? Math.min(output.assumed, usual, most ?? output.assumed);
    if (this.#setting(keyId, "lowerCaps") === false) return { cap, floor: cap };
    const floor = Math.max(output.least, this.#setting(keyId, "leastOutputTokens") ?? LEAST_OUTPUT_TOKENS);
    return { cap, floor: Math.min(cap, floor) };
  }

  /** The lowest maximum of output tokens above a key. */
  ceiling(keyId: string): number | null {
    const set = this.lineNow(keyId).flatMap(
      (node) => this.configuration.organizations.find(({ id }) => id === node)?.settings.maxOutputTokens ?? [],
    );
    return set.length === 0 ? null : Math.min(...set);
  }

  #setting<Name extends keyof Configuration["organizations"][number]["settings"]>(keyId: string, name: Name) {
    const values = this.lineNow(keyId).map(
      (node) => this.configuration.organizations.find(({ id }) => id === node)?.settings[name] ?? null,
    );
    return values.find((value) => value !== null) ?? null;
  }
}
