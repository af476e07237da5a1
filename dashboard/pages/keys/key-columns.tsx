import { For, Show } from "solid-js";
import type { Column } from "../../components/data-table.tsx";
import { StandingCell } from "../../components/standing-cell.tsx";
import { limitPhrase } from "../../format/limit.ts";
import { money } from "../../format/numbers.ts";
import { date, exactTime, relativeTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import type { ChangedKey, KeyRow } from "./key-query.ts";

const TONES = { active: "ok", disabled: "warn", expired: "bad", revoked: "plain" } as const;

/** Whether a key opens anything, and why not. */
export function KeyState(props: { apiKey: ChangedKey }) {
  return (
    <span class="inline-flex min-w-17 gap-1">
      <Chip tone={TONES[props.apiKey.status]}>{t(`keys.states.${props.apiKey.status}`)}</Chip>
      <Show when={props.apiKey.previous}>
        <Chip tone="info">{t("keys.overlapping")}</Chip>
      </Show>
      <Show when={props.apiKey.organization_archived}>
        <Chip tone="warn">{t("keys.archived")}</Chip>
      </Show>
    </span>
  );
}

/** A moment that is past or to come, in words; exact in its title. */
export const Moment = (props: { at: string | null; never: string }) => (
  <Show when={props.at} fallback={<span class="text-ink-3">{props.never}</span>}>
    {(at) => (
      <time datetime={at()} title={exactTime(at())} class="whitespace-nowrap">
        {relativeTime(at(), Date.now())}
      </time>
    )}
  </Show>
);

/** The columns of keys; a person's name by their id. */
export const keyColumns = (ownerName: (owner: string) => string): readonly Column<KeyRow>[] => [
  {
    id: "name",
    name: () => t("keys.name"),
    sort: "name",
    cell: (row) => <span class="block max-w-56 truncate max-md:max-w-32">{row.name}</span>,
  },
  {
    id: "hint",
    name: () => t("keys.hint"),
    priority: 3,
    cell: (row) => <span class="font-mono text-meta whitespace-nowrap text-ink-2">{row.hint}</span>,
  },
  {
    id: "organization",
    name: () => t("common.organization"),
    priority: 2,
    cell: (row) => <span class="whitespace-nowrap">{row.organization_name}</span>,
  },
  {
    id: "owner",
    name: () => t("keys.owner"),
    priority: 3,
    cell: (row) => <span class="whitespace-nowrap">{ownerName(row.owner)}</span>,
  },
  { id: "state", name: () => t("keys.state"), cell: (row) => <KeyState apiKey={row} /> },
  {
    id: "limit",
    name: () => t("keys.limitUsed"),
    cell: (row) => (
      <Show when={row.figures?.limits_known ?? true} fallback={<span class="text-ink-3">{t("keys.unknown")}</span>}>
        <StandingCell standing={row.figures?.limit ?? row.figures?.inherited_limit} where={!row.figures?.limit} />
      </Show>
    ),
  },
  {
    id: "spend",
    name: () => t("keys.spend30"),
    priority: 2,
    numeric: true,
    sort: "cost",
    cell: (row) => (
      <Show when={row.figures} fallback="—">
        {(figures) => <span title={`$${figures().cost_usd}`}>{money(figures().cost_usd)}</span>}
      </Show>
    ),
  },
  {
    id: "used",
    name: () => t("keys.lastUsed"),
    priority: 2,
    sort: "last_used_at",
    cell: (row) => <Moment at={row.last_used_at} never={t("keys.never")} />,
  },
  {
    id: "expires",
    name: () => t("keys.expires"),
    priority: 2,
    sort: "expires_at",
    cell: (row) => (
      <Show when={row.expires_at} fallback={<span class="text-ink-3">{t("keys.never")}</span>}>
        {(at) => (
          <time datetime={at()} title={exactTime(at())} class="whitespace-nowrap">
            {date(at())}
          </time>
        )}
      </Show>
    ),
  },
  {
    id: "rates",
    name: () => t("keys.rates"),
    priority: 3,
    cell: (row) => (
      <Show when={(row.figures?.rates.length ?? 0) > 0} fallback={<span class="text-ink-3">—</span>}>
        <span class="whitespace-nowrap">
          <For each={row.figures?.rates}>{(rate, index) => `${index() > 0 ? ", " : ""}${limitPhrase(rate)}`}</For>
        </span>
      </Show>
    ),
  },
];
