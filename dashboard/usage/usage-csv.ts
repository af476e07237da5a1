import type { Breakdown, Figures, Series } from "../api/stats.ts";
import { exactUsd } from "../format/nano.ts";
import { csvOf } from "./csv.ts";

const LABEL = ["kind", "value", "name"];
const FIGURES = [
  ...["requests", "errors", "input_uncached", "cache_read", "cache_write", "output", "reasoning", "tokens"],
  ...["cost_usd", "list_cost_usd", "duration_ms_average"],
];

const figuresRow = (of: Figures) => [
  ...[of.requests, of.errors, of.tokens.input_uncached, of.tokens.cache_read, of.tokens.cache_write],
  ...[of.tokens.output, of.tokens.reasoning, of.tokens.total, of.cost_usd, of.list_cost_usd, of.duration_ms_average],
];

interface Label {
  kind: string;
  value: string | null;
  name: string | null;
}
const labelRow = ({ kind, value, name }: Label) => [kind, value, name];

/** A breakdown as rows of a file: every group with its parts, then the total. Amounts are exact. */
export function breakdownCsv(answer: Pick<Breakdown, "data" | "total">): string {
  const compared = answer.total.previous !== null;
  const inParts = answer.data.some(({ sub }) => sub !== null);
  const both = (of: Breakdown["total"]) => [
    ...figuresRow(of),
    ...(compared ? [of.previous?.requests, of.previous?.tokens.total, of.previous?.cost_usd] : []),
  ];
  const none = inParts ? [null, null, null] : [];
  return csvOf([
    [
      ...[...LABEL, ...(inParts ? LABEL.map((name) => `sub_${name}`) : []), ...FIGURES],
      ...(compared ? ["previous_requests", "previous_tokens", "previous_cost_usd"] : []),
    ],
    ...answer.data.flatMap((row) => [
      [...labelRow(row), ...none, ...both(row)],
      ...(row.sub ?? []).map((part) => [...labelRow(row), ...labelRow(part), ...both(part)]),
    ]),
    ["total", null, null, ...none, ...both(answer.total)],
  ]);
}

/** A series as rows of a file: every bucket, with what each group has of each metric. */
export function seriesCsv(answer: Series): string {
  const groups = answer.groups ?? [];
  const metrics = Object.keys(answer.data[0]?.parts ?? {}) as (keyof NonNullable<Series["data"][number]["parts"]>)[];
  const inUsd = (name: string) => (name === "cost" ? "cost_usd" : name);
  return csvOf([
    [
      ...["from", "to", "complete", ...FIGURES],
      ...metrics.flatMap((name) =>
        groups.map(({ kind, value, name: called }) => `${inUsd(name)}: ${called ?? value ?? kind}`),
      ),
    ],
    ...answer.data.map((point) => [
      ...[point.from, point.to, String(point.complete), ...figuresRow(point)],
      ...metrics.flatMap((name) =>
        (point.parts?.[name] ?? []).map((part) => (name === "cost" ? exactUsd(part) : part)),
      ),
    ]),
  ]);
}
