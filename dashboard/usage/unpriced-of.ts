import type { Breakdown, Figures, Group } from "../api/stats.ts";

type Row = Figures & Pick<Group, "kind" | "value">;

/**
 * Values of a breakdown whose tokens cost nothing: models that are free, or have no price. Failed requests without tokens say
 * nothing of a price.
 */
export const costless = (answer: Pick<Breakdown, "data"> | undefined): string[] => {
  const rows = (answer?.data ?? []).flatMap((row): Row[] => [row, ...(row.sub ?? [])]);
  return rows.flatMap(({ kind, value, tokens, cost_nano }) =>
    kind === "value" && value !== null && Number(cost_nano) === 0 && Number(tokens.total) > 0 ? [value] : [],
  );
};
