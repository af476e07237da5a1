import type { Database } from "../../../drizzle/client.ts";
import { type CachedTokens, type SummaryRow, summaryStatement } from "./cached-tokens.ts";
import { type ComparedScope, type Turn, turnsOf } from "./compared.ts";
import { type Figures, NOTHING, pickFigures } from "./figures.ts";
import { type Latency, NO_LATENCY, readLatency, scannedStatement } from "./latency.ts";
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
  rounded: boolean;
  current: PeriodSummary;
  previous: PeriodSummary | null;
}

/**
 * What a scope comes to. `priceChanges`: moments at which a price may have changed (milliseconds since the
 * epoch, ascending), at which cached tokens are told apart. Throws as `readAll`.
 */
export async function readSummary(
  database: Database,
  scope: ComparedScope,
  priceChanges: readonly number[],
): Promise<Summary> {
  const { statement, source, rounded } = summaryStatement(scope, priceChanges);
  const [found = [], scanned = []] = (await readAll(database, scope.rootId, [
    statement,
    scannedStatement(scope),
  ])) as unknown as [SummaryRow[], (Turn & Pick<Figures, "requests">)[]];
  const figuresOf = (turn: number): Figures => {
    const figures = found.find((row) => row.turn === turn && row.organization_id === null);
    return figures === undefined ? NOTHING : pickFigures(figures);
  };
  const latencies = await readLatency(
    database,
    scope,
    turnsOf(scope).map((slot) => ({
      slots: [slot],
      requests: Number(figuresOf(slot.id).requests),
      scanned: Number(scanned.find(({ turn }) => turn === slot.id)?.requests ?? 0),
    })),
  );
  const ofTurn = (turn: number): PeriodSummary => ({
    figures: figuresOf(turn),
    latency: latencies.get(turn) ?? NO_LATENCY,
    cached: found.flatMap((row) => (row.turn === turn && row.organization_id !== null ? [row] : [])),
  });
  return { source, rounded, current: ofTurn(0), previous: scope.previous === null ? null : ofTurn(1) };
}
