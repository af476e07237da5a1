import { createMemo, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { Empty } from "../../components/empty.tsx";
import { dateAndTime } from "../../format/time.ts";
import { useGo } from "../../shell/go.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import type { LogFilters, LogQuery } from "./log-filters.ts";

const HOUR_MS = 3_600_000;

/**
 * Nothing in this window: because of the filters, because of the window, or because nothing was ever asked. The nearest
 * request before is looked for, so that one step leads to it.
 */
export function LogEmpty(props: { filters: LogFilters }) {
  const go = useGo();
  const narrowed = () => props.filters.conditions().length > 0 || props.filters.words() !== "";
  const everything = createMemo((): LogQuery => {
    const { from: _from, ...query } = props.filters.query();
    return { ...query, limit: "1" } as LogQuery;
  });
  const last = useQuery(() => ({
    queryKey: ["logs", "last", everything()],
    queryFn: ({ signal }) => ask(api.requests.$get({ query: everything() }, { init: { signal } })),
  }));
  const any = useQuery(() => ({
    queryKey: ["logs", "any"],
    enabled: narrowed() && last.data?.data.length === 0,
    queryFn: ({ signal }) => ask(api.requests.$get({ query: { limit: "1" } }, { init: { signal } })),
  }));
  const found = () => last.data?.data[0]?.created_at;
  const nothingYet = () => last.data?.data.length === 0 && (!narrowed() || any.data?.data.length === 0);
  /** The hour around the last one. */
  const widen = (iso: string) => {
    const at = Date.parse(iso);
    props.filters.scope.setRange(new Date(at - HOUR_MS).toISOString(), new Date(at + 1000).toISOString());
  };

  return (
    <Show
      when={nothingYet()}
      fallback={
        <Empty
          title={narrowed() ? t("logs.empty.excluded") : t("logs.empty.window")}
          hint={found() ? t("logs.empty.last", { time: dateAndTime(found() ?? "") }) : undefined}
        >
          <Show when={found()}>
            {(iso) => (
              <Button look="primary" onClick={() => widen(iso())}>
                {t("logs.empty.widen")}
              </Button>
            )}
          </Show>
          <Show when={narrowed()}>
            <Button look="plain" onClick={() => props.filters.clear()}>
              {t("common.clearFilters")}
            </Button>
          </Show>
        </Empty>
      }
    >
      <Empty title={t("logs.empty.nothing")} hint={t("logs.empty.nothingHint")}>
        <Button look="primary" onClick={() => go("/start")}>
          {t("shell.nav.start")}
        </Button>
      </Empty>
    </Show>
  );
}
