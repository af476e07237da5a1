import { createSignal, For, Show } from "solid-js";
import { StandingCell } from "../../components/standing-cell.tsx";
import { count, money } from "../../format/numbers.ts";
import { density } from "../../state/preferences.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import type { OrganizationRow, TreeRow } from "./tree.ts";

const HEIGHT = { normal: "h-8", compact: "h-7", cosy: "h-10" };
const STEP_REM = 1.25;

/** Organizations as a table, each under its own: a button opens what is below, and says so; the level is told to those who do not see it. */
export function TreeTable(props: {
  rows: readonly TreeRow<OrganizationRow>[];
  openId: string;
  onOpen: (id: string) => void;
  onToggle: (id: string, to: boolean) => void;
  /** All are open, and stay so: what a search has found. */
  fixed: boolean;
  /** There is no way up from the highest. */
  homeStays: boolean;
}) {
  const [at, setAt] = createSignal(-1);
  let body!: HTMLTableSectionElement;
  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(index, props.rows.length - 1));
    setAt(next);
    body.rows[next]?.querySelector<HTMLElement>("[data-name]")?.focus();
  };
  const turn = (to: boolean) => {
    const row = props.rows[at()];
    if (row && row.open !== null && row.open !== to && !props.fixed) {
      props.onToggle(row.node.id, to);
      queueMicrotask(() => focusRow(at()));
    }
  };
  useShortcuts([
    { keys: "j", label: () => "↓", run: () => focusRow(at() + 1), listed: false },
    { keys: "k", label: () => "↑", run: () => focusRow(at() - 1), listed: false },
    { keys: "ArrowRight", label: () => t("organizations.expand"), run: () => turn(true), listed: false },
    { keys: "ArrowLeft", label: () => t("organizations.collapse"), run: () => turn(false), listed: false },
  ]);
  const head = "h-8 px-2 text-meta font-semibold whitespace-nowrap text-ink-3";

  return (
    <div class="scroll-sideways mt-2">
      <table class="w-full border-collapse text-table">
        <caption class="sr-only">{t("organizations.title")}</caption>
        <thead>
          <tr class="border-b border-rule text-left">
            <th scope="col" class={`${head} pl-1.5`}>
              {t("organizations.name")}
            </th>
            <th scope="col" class={head}>
              {t("organizations.limit")}
            </th>
            <th scope="col" class={`${head} text-right`}>
              {t("organizations.spend")}
            </th>
            <th scope="col" class={`${head} text-right max-md:hidden`}>
              {t("organizations.keys")}
            </th>
            <th scope="col" class={`${head} text-right max-md:hidden`}>
              {t("organizations.members")}
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          <For each={props.rows}>
            {(row, index) => (
              <tr
                data-row={row.node.id}
                class={`relative border-b border-rule hover:bg-sunken ${HEIGHT[density()]} ${props.openId === row.node.id ? "bg-accent-bg shadow-[inset_3px_0_var(--color-accent)]" : ""}`}
                onFocusIn={() => setAt(index())}
              >
                <td class="py-1 pr-2 pl-1.5">
                  <span
                    class="flex items-center gap-1"
                    style={{ "padding-inline-start": `${(row.level - (props.rows[0]?.level ?? 1)) * STEP_REM}rem` }}
                  >
                    <Show
                      when={row.open !== null && !props.fixed && !(props.homeStays && row.level === 1)}
                      fallback={<span class="inline-block w-6 shrink-0" />}
                    >
                      <button
                        type="button"
                        class="relative z-1 inline-flex size-6 shrink-0 items-center justify-center rounded-control text-ink-3 hover:bg-surface hover:text-ink pointer-coarse:size-11"
                        aria-expanded={row.open === true}
                        aria-label={t("organizations.below", { name: row.node.name })}
                        onClick={() => props.onToggle(row.node.id, !row.open)}
                      >
                        <span aria-hidden="true">{row.open ? "▾" : "▸"}</span>
                      </button>
                    </Show>
                    <button
                      type="button"
                      data-name
                      class="min-w-0 text-left font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                      onClick={() => props.onOpen(row.node.id)}
                    >
                      <span class="sr-only">{t("common.level", { level: row.level })}: </span>
                      {row.node.name}
                    </button>
                    <Show when={row.node.archived_at}>
                      <Chip tone="warn">{t("organizations.archived")}</Chip>
                    </Show>
                  </span>
                </td>
                <td class="px-2 py-1">
                  <Show
                    when={row.node.figures?.limit_known ?? true}
                    fallback={<span class="text-ink-3">{t("organizations.unknown")}</span>}
                  >
                    <StandingCell
                      standing={row.node.figures?.limit}
                      where={row.node.figures?.limit?.node.id !== row.node.id}
                    />
                  </Show>
                </td>
                <td class="px-2 py-1 text-right whitespace-nowrap" title={`$${row.node.figures?.month.cost_usd ?? 0}`}>
                  {row.node.figures ? money(row.node.figures.month.cost_usd) : "—"}
                </td>
                <td class="px-2 py-1 text-right max-md:hidden">
                  {row.node.figures ? count(row.node.figures.keys) : "—"}
                </td>
                <td class="px-2 py-1 text-right max-md:hidden">
                  {row.node.figures ? count(row.node.figures.members) : "—"}
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}
