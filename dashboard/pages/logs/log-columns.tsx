import { type JSX, Show } from "solid-js";
import type { RequestRow } from "../../api/requests.ts";
import { Cost, Outcome } from "../../components/request-cells.tsx";
import { count, duration } from "../../format/numbers.ts";
import { cacheTokens } from "../../format/request.ts";
import { exactTime, preciseTime } from "../../format/time.ts";
import type { Key } from "../../text/keys.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import type { LogRow } from "./log-rows.ts";

/** A column of the log. */
export interface LogColumn {
  id: string;
  name: Key;
  /** How wide it is at least, in rem, and its share of what is left. */
  least: number;
  share: 0 | 1 | 2;
  numeric?: boolean;
  /** What it needs of a request; nothing else is asked for. */
  fields: readonly (keyof RequestRow)[];
  cell: (row: RequestRow) => JSX.Element;
}

const nothing = () => <span class="text-ink-3">—</span>;
const words = (value: string | null) => (
  <span class="truncate" title={value ?? undefined}>
    {value ?? "—"}
  </span>
);
const named = (name: string | null, id: string | null) => (
  <span class={`truncate ${name === null ? "font-mono text-meta" : ""}`} title={id ?? undefined}>
    {name ?? id ?? "—"}
  </span>
);
const tokens = (value: number) => (value === 0 ? <span class="text-ink-3">0</span> : count(value));

const inputOf = ({ tokens: all }: RequestRow) => all.input_uncached + cacheTokens(all);

type ColumnId = Extract<Key, `logs.columns.${string}`> extends `logs.columns.${infer Id}` ? Id : never;

/** A text as the request had it. */
const textColumn = (
  id: ColumnId,
  least: number,
  field: "session_id" | "agent_id" | "client" | "end_user",
): LogColumn => ({
  ...{ id, name: `logs.columns.${id}`, least, share: 1, fields: [field] },
  cell: (row) => words(row[field]),
});

/** Something of the tenant's: its name, and its id where it has none. */
const namedColumn = (id: ColumnId, least: number, what: "route" | "key" | "organization" | "member"): LogColumn => ({
  ...{ id, name: `logs.columns.${id}`, least, share: 1, fields: [`${what}_id`, `${what}_name`] },
  cell: (row) => named(row[`${what}_name`], row[`${what}_id`]),
});

const figureColumn = (
  id: ColumnId,
  least: number,
  fields: LogColumn["fields"],
  cell: LogColumn["cell"],
): LogColumn => ({ ...{ id, name: `logs.columns.${id}`, least, share: 0, numeric: true, fields }, cell });

/** Between two columns. */
const GAP_REM = 0.5;

/** All there are. The first two are the row's name and stay. */
export const COLUMNS: readonly LogColumn[] = [
  {
    id: "time",
    name: "logs.columns.time",
    least: 7,
    share: 0,
    fields: ["created_at"],
    cell: (row) => (
      <time datetime={row.created_at} title={exactTime(row.created_at)} class="whitespace-nowrap">
        {preciseTime(row.created_at)}
      </time>
    ),
  },
  {
    id: "status",
    name: "logs.columns.status",
    least: 10,
    share: 0,
    fields: ["status", "outcome", "attempts"],
    cell: (row) => <Outcome request={row} />,
  },
  {
    id: "model",
    name: "logs.columns.model",
    least: 9,
    share: 2,
    fields: ["requested_model"],
    cell: (row) => words(row.requested_model),
  },
  namedColumn("route", 6, "route"),
  {
    id: "provider",
    name: "logs.columns.provider",
    least: 6,
    share: 1,
    fields: ["provider", "simulated"],
    cell: (row) => (
      <>
        <span class="truncate" title={row.provider}>
          {row.provider}
        </span>
        <Show when={row.simulated}>
          <span class="ml-1.5 shrink-0">
            <Chip tone="info" title={t("common.simulatedHint")}>
              {t("logs.simulated")}
            </Chip>
          </span>
        </Show>
      </>
    ),
  },
  namedColumn("key", 5.5, "key"),
  figureColumn("input", 3.5, ["tokens"], (row) => tokens(inputOf(row))),
  figureColumn("cached", 4, ["tokens"], (row) => tokens(row.tokens.cache_read)),
  figureColumn("output", 3.25, ["tokens"], (row) => tokens(row.tokens.output)),
  figureColumn("cost", 4.75, ["cost_usd", "price_version", "exact"], (row) => <Cost request={row} />),
  figureColumn("latency", 4, ["duration_ms"], (row) => duration(row.duration_ms)),
  {
    id: "ttft",
    name: "logs.columns.ttft",
    least: 4,
    share: 0,
    numeric: true,
    fields: ["ttft_ms"],
    cell: (row) => (
      <Show when={row.ttft_ms !== null} fallback={nothing()}>
        {duration(row.ttft_ms ?? 0)}
      </Show>
    ),
  },
  namedColumn("organization", 8, "organization"),
  namedColumn("member", 8, "member"),
  textColumn("session", 8, "session_id"),
  textColumn("agent", 7, "agent_id"),
  textColumn("client", 9, "client"),
  textColumn("user", 7, "end_user"),
];

export const DEFAULT_COLUMNS = [
  "time",
  "status",
  "model",
  "provider",
  "key",
  "input",
  "output",
  "cost",
  "latency",
  "ttft",
];
/** On a narrow screen a row is a card of these. */
const CARD = ["time", "status", "model", "provider", "cost", "latency"];

export const columnsOf = (ids: readonly string[]): readonly LogColumn[] => COLUMNS.filter(({ id }) => ids.includes(id));

/** The columns as tracks of a grid, and how wide that is at least. */
export const tracksOf = (columns: readonly LogColumn[]): { tracks: string; least: string } => ({
  tracks: columns.map(({ least, share }) => (share === 0 ? `${least}rem` : `minmax(${least}rem,${share}fr)`)).join(" "),
  least: `${columns.reduce((sum, { least }) => sum + least, 0) + (columns.length - 1) * GAP_REM}rem`,
});

/** The fields that some columns need, as the API's `fields` takes them. A card has its own whatever the columns are. */
export const fieldsOf = (columns: readonly LogColumn[]): string =>
  [...new Set(["id", ...[...columns, ...columnsOf(CARD)].flatMap(({ fields }) => fields)])].join(",");

/** A row as its cells take it: they read only what was asked for. */
export const asRequest = (row: LogRow): RequestRow => row as RequestRow;
