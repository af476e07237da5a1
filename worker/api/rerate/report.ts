import { usdFromNano } from "../../lib/money.ts";
import type { Rated, Unrated } from "./rate-anew.ts";

/** Requests whose arithmetic is shown. */
const SAMPLE = 20;

/** Nano-USD of some requests, before and after. */
interface Sum {
  events: number;
  changed: number;
  before: number;
  after: number;
}

const nothing = (): Sum => ({ events: 0, changed: 0, before: 0, after: 0 });

const shown = ({ events, changed, before, after }: Sum) => ({
  events,
  changed,
  before_nano: before,
  before_usd: usdFromNano(before),
  after_nano: after,
  after_usd: usdFromNano(after),
  difference_nano: after - before,
  difference_usd: usdFromNano(after - before),
});

/** How a request's cost comes about, in exact pico-USD (10⁻¹² dollar), rounded up once to nano-USD. */
const arithmetic = ({ event, price, list, costNano }: Rated) => ({
  id: event.eventId,
  model: `${event.provider}/${event.upstreamModel}`,
  price_version_before: event.priceVersion,
  price_version: price.version,
  tokens: {
    input_uncached: event.inputUncached,
    cache_read: event.cacheRead,
    cache_write: event.cacheWrite,
    output: event.output,
  },
  /** So many tokens or calls at so many pico-USD each. */
  arithmetic: list.lines
    .filter(({ count }) => count > 0n)
    .map(({ name, count, each }) => ({ name, count: String(count), pico_usd_each: String(each) })),
  list_cost_before_nano: event.listCostNano,
  list_cost_nano: list.costNano,
  /** It stays what the request costs. */
  provider_cost_nano: event.providerCostNano,
  /** What attempts cost that failed; it stays as it was rated then. */
  failed_cost_nano: event.failedCostNano,
  before_nano: event.costNano,
  after_nano: costNano,
});

/** Adds up what a period costs and would cost. */
export class RerateReport {
  readonly #whole = nothing();
  readonly #models = new Map<string, Sum>();
  readonly #kept: Record<Unrated, number> = { expired: 0, unpriced: 0 };
  readonly #sample: ReturnType<typeof arithmetic>[] = [];

  /** A request that keeps its cost because it cannot be rated. */
  keep(reason: Unrated): void {
    this.#kept[reason]++;
  }

  /** A request that was rated; `changed`: its correction counts. */
  add(rated: Rated, changed: boolean): void {
    const { event, costNano } = rated;
    const model = `${event.provider}/${event.upstreamModel}`;
    const ofModel = this.#models.get(model) ?? nothing();
    this.#models.set(model, ofModel);
    for (const sum of [this.#whole, ofModel]) {
      sum.events++;
      sum.changed += changed ? 1 : 0;
      sum.before += event.costNano;
      sum.after += changed ? costNano : event.costNano;
    }
    if (changed && this.#sample.length < SAMPLE) this.#sample.push(arithmetic(rated));
  }

  /** As the API answers it; models by how much they change. */
  body() {
    const models = [...this.#models].map(([model, sum]) => ({ model, ...shown(sum) }));
    return {
      ...shown(this.#whole),
      kept: this.#kept,
      models: models.toSorted((a, b) => Math.abs(b.difference_nano) - Math.abs(a.difference_nano)),
      sample: this.#sample,
    };
  }
}
