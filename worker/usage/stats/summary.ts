import { sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { type CachedTokens, cachedTokensStatement } from "./cached-tokens.ts";
import { type ComparedScope, comparedRows, type Turn } from "./compared.ts";
import { type Figures, NOTHING, pickFigures, summedFigures } from "./figures.ts";
import { type Latency, type LatencyRow, latencyOf, latencyStatement } from "./latency.ts";
import { readAll } from "./read.ts";
import type { Source } from "./rows.ts";

export interface PeriodSummary {
  figures: Figures;
  latency: Latency;
  /** What was read from prompt caches and written to them, by what prices it. */
  cached: CachedTokens[];
}

export interface Summary {
  source: Source;
  current: PeriodSummary;
  previous: PeriodSummary | null;
}

/**
 * What a scope comes to, in one batch. `priceChanges`: moments at which a price may have changed (milliseconds since the
 * epoch, ascending), at which cached tokens are told apart. Throws as `readAll`.
 */
export async function readSummary(
  database: Database,
  scope: ComparedScope,
  priceChanges: readonly number[],
): Promise<Summary> {
  const { rows, source } = comparedRows(scope);
  const [sums = [], latencies = [], cached = []] = (await readAll(database, scope.rootId, [
    sql`select turn, ${summedFigures} from (${rows}) r group by turn`,
    latencyStatement(scope),
    cachedTokensStatement(scope, priceChanges),
  ])) as unknown as [(Figures & Turn)[], LatencyRow[], (CachedTokens & Turn)[]];
  const ofTurn = (turn: number): PeriodSummary => {
    const figures = sums.find((row) => row.turn === turn);
    return {
      figures: figures === undefined ? NOTHING : pickFigures(figures),
      latency: latencyOf(latencies.find((row) => row.turn === turn)),
      cached: cached.filter((row) => row.turn === turn),
    };
  };
  return { source, current: ofTurn(0), previous: scope.previous === null ? null : ofTurn(1) };
}
