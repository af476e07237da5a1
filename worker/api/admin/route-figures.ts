import type { Database } from "../../../drizzle/client.ts";
import { knownModel } from "../../catalog/model-facts.ts";
import { factsOf, modelStanding } from "../../organizations/models.ts";
import type { RouteRow } from "../../organizations/records.ts";
import { visibleOrganizations } from "../../organizations/tree.ts";
import { lacksUse, USES } from "../../router/can-serve.ts";
import { readRouteUses } from "../../usage/route-uses.ts";
import { NO_SPEND, readSpendBy } from "../../usage/spend-by.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import { slowRequestsOfRoutes } from "../../usage/stats/percentile-by.ts";
import type { UsageScope } from "../../usage/stats/rows.ts";
import type { Caller } from "./context.ts";
import { priceBook } from "./price-book.ts";
import { exact, money } from "./stats-bodies.ts";

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** What requests use is looked at for so long. */
const USED_WITHIN_MS = 7 * HOURS * HOUR_MS;

/** USD per million tokens in and out, as numbers: they are only compared. Null: it has no price. */
type Rates = Record<"input" | "output", number>;

function ratesOf(price: object): Rates | null {
  const { input, output } = (price as { rates?: Partial<Record<keyof Rates, string>> }).rates ?? {};
  return input === undefined ? null : { input: Number(input), output: Number(output ?? input) };
}

/** How many times the dearest target's tokens cost of the cheapest one's, in or out; null where fewer than two have a price. */
function priceSpread(models: readonly string[], rates: ReadonlyMap<string, Rates | null>): number | null {
  const known = [...new Set(models)].flatMap((model) => rates.get(model) ?? []);
  const times = (["input", "output"] as const).flatMap((name) => {
    const amounts = known.map((one) => one[name]).filter((amount) => amount > 0);
    return amounts.length < 2 ? [] : [Math.max(...amounts) / Math.min(...amounts)];
  });
  return times.length === 0 ? null : Math.round(Math.max(...times) * 10) / 10;
}

/** What the caller's branch, or the one named, asked in the last day, by the hour. Throws `not_found`. */
export async function usageOfRoutes(
  database: Database,
  caller: Caller,
  { at, organization }: { at: number; organization: string | undefined },
): Promise<UsageScope> {
  const from = Math.floor(at / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
  const { rootId } = caller;
  const [visible, horizon] = await Promise.all([
    visibleOrganizations(database, caller, organization),
    readHorizon(database, rootId),
  ]);
  return { rootId, horizon, period: { from, to: at }, filter: { organizationIds: visible ?? undefined } };
}

/**
 * What was sent over each route in such a time, how far apart its targets' prices are now, and what of a week's requests some target
 * could not serve. As many statements for one as for all. Throws `not_found`.
 */
export async function routeFigures(
  database: Database,
  caller: Caller,
  { rows, organization, scope }: { rows: readonly RouteRow[]; organization: string | undefined; scope: UsageScope },
) {
  const { from, to: at } = scope.period;
  const [standing, uses, spend, all] = await Promise.all([
    modelStanding(database, caller, organization ?? caller.organizationId),
    readRouteUses(database, { ...scope, period: { from: at - USED_WITHIN_MS, to: at } }),
    readSpendBy(database, scope, "route"),
    readSpendBy(database, { ...scope, filter: {} }, "provider"),
  ]);
  const requests = [...all.values()].reduce((sum, one) => sum + Number(one.requests), 0);
  const slow = await slowRequestsOfRoutes(database, scope, requests);
  const path = standing.path.map(({ id }) => id);
  const book = priceBook({ rows: standing.prices, path, model: undefined, at, now: at });
  const rates = new Map(book.filter(({ inForce }) => inForce).map(({ model, price }) => [model, ratesOf(price)]));
  const facts = new Map(standing.rows.map((row) => [row.model, factsOf(row)]));
  const lacking = ({ id, targets }: RouteRow) =>
    [...new Set(targets.map(({ model }) => model))].flatMap((name) => {
      const model = knownModel(name, facts.get(name) ?? null);
      const used = uses.filter(({ routeId }) => routeId === id);
      return USES.flatMap((use) => {
        const found = used.find((one) => one.use === use);
        return found && model && lacksUse(model, model.provider, use)
          ? [{ model: name, lacks: use, requests: found.requests }]
          : [];
      });
    });
  return new Map(
    rows.map((row) => {
      const { id, targets } = row;
      const { requests, errors, costNano } = spend.get(id) ?? NO_SPEND;
      const asked = Number(requests);
      const figures = {
        since: new Date(from).toISOString(),
        ...{ requests: exact(BigInt(requests)), errors: exact(BigInt(errors)) },
        error_rate: asked > 0 ? Number(errors) / asked : null,
        duration_ms_p95: slow.get(id) ?? null,
        ...money("cost", BigInt(costNano)),
        price_spread: priceSpread(
          targets.map(({ model }) => model),
          rates,
        ),
        lacking: lacking(row),
      };
      return [id, figures];
    }),
  );
}
