import { ruleAgainst } from "../canonical/model-access.ts";
import { LEAST_OUTPUT_TOKENS, type LimitMetric, type LimitRecord } from "../canonical/tenant.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AdmitRequest, Bound, Denial, LimitRefusal, RateState, Replan } from "./contract.ts";
import { type Figures, judge, reasonOf, resetOf, type Standing, standingOf, type Verdict } from "./limit-check.ts";
import { isAmple, type Slice, type SliceWish, sliceFor } from "./slice.ts";
import type { WaitsFor } from "./waiting-room.ts";

/** A request that fits, and what it is to be sent with. */
export interface Pass {
  ok: true;
  bound: Bound;
  outputCap: number | null;
  lowered: boolean;
}

/** A request that would fit if others held less: what stands in its way. */
export interface Tight {
  ok: false;
  code: "wait";
  limit: LimitRefusal;
}

/** Who asks: the key, then the organizations up to the root, as limits name them. */
export interface Place {
  nodes: readonly string[];
  path: readonly string[];
}

const RATE_METRICS = ["requests", "input_tokens", "output_tokens", "total_tokens"] as const;
type RateMetric = (typeof RATE_METRICS)[number];
const isRateMetric = (metric: LimitMetric): metric is RateMetric => RATE_METRICS.some((one) => one === metric);

/** How the limits stand after an admission. */
export interface Outlook {
  /** Of the limits that bind, the tightest of each metric: what is left of it. */
  rates: RateState[];
  /** The limits of mode `warn` that are exceeded, as `metric/window`. */
  exceeded: string[];
}

/** The limits of a tenant: whether a request may pass all of them, from its key to the root. It changes nothing. */
export class Gate {
  readonly #copy: ConfigurationCopy;
  readonly #figures: Figures;
  readonly #limitsOfNode: (node: string) => readonly LimitRecord[];
  readonly #lowers: boolean;

  /** @param limitsOn the limits of a node at a shard, which has others than the configuration's, and lowers no cap by them */
  constructor(copy: ConfigurationCopy, figures: Figures, limitsOn?: (node: string) => readonly LimitRecord[]) {
    this.#copy = copy;
    this.#figures = figures;
    this.#lowers = limitsOn === undefined;
    this.#limitsOfNode = limitsOn ?? ((node) => copy.limitsOn(node));
  }

  /** True when a limit that blocks, or a maximum of output tokens, stands on one of the nodes: then nothing is sent before. */
  limited({ nodes, path }: Place): boolean {
    const blocks = nodes.some((node) => this.#limitsOfNode(node).some(({ mode }) => mode === "block"));
    return blocks || this.#copy.ceiling(path) !== null;
  }

  decide(request: AdmitRequest, place: Place, now: number, waitsFor: WaitsFor): Pass | Tight | Denial | Replan {
    const { draft, output } = request;
    const limits = this.#limitsOn(place.nodes);
    const price = this.#price(request, place);
    if (price !== null) return price;
    const most = this.#copy.ceiling(place.path);
    if (most !== null && output !== null && output.requested !== null && output.requested > most) {
      return { ok: false, code: "max_tokens_too_large", most };
    }
    const blocking = limits.filter(({ mode }) => mode === "block");
    if (blocking.some(({ metric }) => metric === "cost")) {
      if (!request.priced) return { ok: false, code: "model_not_priced" };
      if (request.unboundedBy !== null) return { ok: false, code: "unbounded_request", param: request.unboundedBy };
    }
    const standings = blocking.map((limit) => standingOf(limit, this.#figures, draft.startedAt, now));
    const cheaper = this.#cheaper(request, place, limits, now);
    if (cheaper !== null) return cheaper;
    const question = { bound: request.bound, ...this.#capsOf(request, place), patient: waitsFor === "whole" };
    const verdict = judge(standings, question);
    if (verdict.fits) return passOf(request, verdict, blocking, most);
    const limit = this.#refusal(verdict, draft.startedAt, now);
    const instead = this.#instead(request, place, verdict.standing.limit);
    // Rather a cheaper model now than this one after a long wait.
    if (verdict.wait && (waitsFor === "whole" || (waitsFor === "least" && instead === null))) {
      return { ok: false, code: "wait", limit };
    }
    return instead ?? { ok: false, code: "limit", limit };
  }

  /** What may be lent to a shard; null where nothing is: no limit to respect, a cheaper model to choose, or too little left. */
  offer(nodes: readonly string[], wish: SliceWish, now: number): (Slice & { metrics: LimitMetric[] }) | null {
    const limits = this.#limitsOn(nodes);
    const blocking = limits.filter(({ mode }) => mode === "block");
    if (blocking.length === 0 || limits.some(({ fallback }) => fallback !== null)) return null;
    const slice = sliceFor(
      blocking.map((limit) => standingOf(limit, this.#figures, now, now)),
      wish,
    );
    return slice === null ? null : { ...slice, metrics: [...new Set(blocking.map(({ metric }) => metric))] };
  }

  /** Whether the limits leave so much that a shard may keep what it was lent. */
  ample(nodes: readonly string[], now: number): boolean {
    const blocking = this.#limitsOn(nodes).filter(({ mode }) => mode === "block");
    return isAmple(blocking.map((limit) => standingOf(limit, this.#figures, now, now)));
  }

  /** When the next override that is in force on these nodes ends: nothing is lent beyond it. Infinity where there is none. */
  overrideEnd(nodes: readonly string[], now: number): number {
    const ends = this.#limitsOn(nodes).map(({ override }) => override?.until ?? 0);
    return Math.min(Number.POSITIVE_INFINITY, ...ends.filter((until) => until > now));
  }

  /** How the limits stand now for a request begun at `startedAt`. */
  outlook(nodes: readonly string[], startedAt: number, now: number): Outlook {
    const tightest = new Map<RateMetric, Standing>();
    const exceeded: string[] = [];
    for (const limit of this.#limitsOn(nodes)) {
      const { metric, mode, window } = limit;
      if (mode === "block" && (window === "now" || !isRateMetric(metric))) continue;
      const standing = standingOf(limit, this.#figures, startedAt, now);
      if (mode === "warn") {
        if (standing.settled + standing.held > standing.amount) exceeded.push(`${metric}/${window}`);
        continue;
      }
      const known = tightest.get(metric as RateMetric);
      if (known === undefined || remainingOf(standing) < remainingOf(known)) {
        tightest.set(metric as RateMetric, standing);
      }
    }
    const rates = RATE_METRICS.flatMap((metric) => {
      const standing = tightest.get(metric);
      return standing === undefined ? [] : [this.#rate(metric, standing, startedAt, now)];
    });
    return { rates, exceeded };
  }

  #limitsOn(nodes: readonly string[]): LimitRecord[] {
    return nodes.flatMap((node) => this.#limitsOfNode(node));
  }

  /** The price the request must be bounded by, where it is bounded by another. */
  #price({ draft }: AdmitRequest, { path }: Place): Replan | null {
    const price = this.#copy.price(path, `${draft.provider}/${draft.upstreamModel}`, draft.startedAt);
    if (price !== null) return price.id === draft.priceVersion ? null : { ok: false, code: "use_price", price };
    return draft.priceVersion?.startsWith("prc_") === true ? { ok: false, code: "use_price", price: null } : null;
  }

  /** The cap to begin with, and the lowest it may come to. */
  #capsOf({ output }: AdmitRequest, { path }: Place) {
    if (output === null) return { output, cap: 0, least: 0 };
    const most = this.#copy.ceiling(path) ?? Number.POSITIVE_INFINITY;
    const unasked = Math.min(output.assumed, this.#copy.setting(path, "defaultOutputTokens") ?? output.assumed, most);
    const cap = output.requested ?? unasked;
    const floor = this.#copy.setting(path, "leastOutputTokens") ?? LEAST_OUTPUT_TOKENS;
    const mayLower = this.#lowers && (this.#copy.setting(path, "lowerCaps") ?? true);
    return { output, cap, least: mayLower ? Math.min(cap, Math.max(output.least, floor)) : cap };
  }

  /** The cheaper model of a limit that has come so far. */
  #cheaper(request: AdmitRequest, place: Place, limits: readonly LimitRecord[], now: number): Replan | null {
    for (const limit of limits) {
      if (limit.fallback === null) continue;
      const { amount, settled } = standingOf(limit, this.#figures, request.draft.startedAt, now);
      if (settled * 100 < amount * limit.fallback.percent) continue;
      const instead = this.#instead(request, place, limit);
      if (instead !== null) return instead;
    }
    return null;
  }

  #instead({ draft, substituted }: AdmitRequest, { path }: Place, { id, fallback }: LimitRecord): Replan | null {
    if (fallback === null || substituted || fallback.model === `${draft.provider}/${draft.upstreamModel}`) return null;
    if (ruleAgainst(this.#copy.access(path), fallback.model) !== null) return null;
    return { ok: false, code: "use_model", model: fallback.model, limitId: id };
  }

  #refusal({ standing, needed }: Verdict & { fits: false }, startedAt: number, now: number): LimitRefusal {
    const { limit, amount, settled, held } = standing;
    const resetsAt = resetOf(standing, needed, this.#figures, startedAt, now);
    return {
      limitId: limit.id,
      nodeId: limit.nodeId,
      nodeName: this.#copy.organization(limit.nodeId)?.name ?? null,
      metric: limit.metric,
      window: limit.window,
      ...{ amount, settled, held, needed, resetsAt },
      reason: reasonOf(standing, needed),
    };
  }

  #rate(metric: RateMetric, standing: Standing, startedAt: number, now: number): RateState {
    const { amount } = standing;
    // A bucket is told to reset when it is full again.
    const resetsAt = resetOf(standing, amount, this.#figures, startedAt, now);
    return { metric, limit: amount, remaining: remainingOf(standing), resetsAt };
  }
}

const remainingOf = ({ amount, settled, held }: Standing): number => Math.max(0, amount - settled - held);

/** A cap is sent where tokens or money are limited: without one there is no bound. */
function passOf(
  { output }: AdmitRequest,
  { bound, cap, lowered }: Verdict & { fits: true },
  blocking: readonly LimitRecord[],
  most: number | null,
): Pass {
  const binds = blocking.some(({ metric }) => CAPPED.has(metric)) || most !== null;
  const outputCap = output === null || cap === output.requested || !binds ? null : cap;
  return { ok: true, bound, outputCap, lowered };
}

const CAPPED: ReadonlySet<string> = new Set(["output_tokens", "total_tokens", "cost"]);
