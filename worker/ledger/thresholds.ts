import type { LimitRecord } from "../canonical/tenant.ts";
import type { Notice } from "./announcer.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { LimitRefusal } from "./contract.ts";
import { type Figures, resetOf, type Standing, standingOf, windowOf } from "./limit-check.ts";

/** Minutes and hours fill and empty all the time: nobody wants to be told of each. */
const isTold = ({ window }: LimitRecord): boolean => window !== "minute" && window !== "hour" && window !== "now";

/** Finds what is worth a notice. Telling the same again is harmless: its key is the same. */
export class Thresholds {
  readonly #copy: ConfigurationCopy;
  readonly #figures: Figures;

  constructor(copy: ConfigurationCopy, figures: Figures) {
    this.#copy = copy;
    this.#figures = figures;
  }

  /** The thresholds that are reached by what is settled on these nodes. */
  *reached(nodes: readonly string[], startedAt: number, now: number): Generator<Notice> {
    for (const limit of nodes.flatMap((node) => this.#copy.limitsOn(node))) {
      if (!isTold(limit) || limit.thresholds.length === 0) continue;
      const standing = standingOf(limit, this.#figures, startedAt, now);
      if (standing.amount === 0) continue;
      for (const threshold of limit.thresholds) {
        if (standing.settled * 100 < threshold * standing.amount) break;
        yield this.#notice("limit.threshold", standing, threshold, startedAt, now);
      }
    }
  }

  /** A request was refused because a limit is used up; null where nobody is told. */
  exhausted(refusal: LimitRefusal, startedAt: number, now: number): Notice | null {
    const limit = this.#copy.limitsOn(refusal.nodeId).find(({ id }) => id === refusal.limitId);
    if (limit === undefined || refusal.reason !== "exhausted" || !isTold(limit)) return null;
    return this.#notice("limit.exhausted", standingOf(limit, this.#figures, startedAt, now), null, startedAt, now);
  }

  #notice(
    event: Notice["event"],
    standing: Standing,
    threshold: number | null,
    startedAt: number,
    now: number,
  ): Notice {
    const { limit, amount, settled } = standing;
    const window = windowOf(limit, startedAt, (node) => this.#figures.zoneOf(node));
    const organization = this.#copy.key(limit.nodeId)?.organizationId ?? limit.nodeId;
    const resetsAt = resetOf(standing, 0, this.#figures, startedAt, now);
    return {
      key: `${limit.id}/${window}/${threshold ?? "exhausted"}/${amount}`,
      event,
      organizationPath: this.#copy.path(organization) ?? [],
      at: now,
      forever: limit.window === "total",
      body: {
        limit_id: limit.id,
        node_id: limit.nodeId,
        metric: limit.metric,
        window: limit.window,
        mode: limit.mode,
        threshold,
        amount,
        used: settled,
        resets_at: resetsAt === null ? null : new Date(resetsAt).toISOString(),
      },
    };
  }
}
