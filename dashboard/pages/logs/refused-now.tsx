import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { usedPhrase } from "../../format/limit.ts";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import type { LogFilters } from "./log-filters.ts";

/** Where the requests of one key are listed: the limit that refuses it now. What a limit refuses is no row here, so the rows cannot tell. */
export function RefusedNow(props: { filters: LogFilters }) {
  const { can } = useAccount();
  const key = () => {
    const keys = props.filters.conditions().filter(({ param }) => param === "key");
    return keys.length === 1 ? (keys[0]?.value ?? "") : "";
  };
  const limits = useQuery(() => ({
    queryKey: ["limits", "status", { key: key() }],
    enabled: key() !== "" && can("limits:read"),
    queryFn: ({ signal }) => ask(api.limits.status.$get({ query: { key: key() } }, { init: { signal } })),
  }));
  const full = () =>
    key() === ""
      ? undefined
      : limits.data?.data.find(({ mode, percent_used: percent }) => mode === "block" && percent >= 100);
  return (
    <Show when={full()}>
      {(limit) => (
        <a href={`/keys?state=any&id=${key()}&tab=limits`} title={t("logs.refusedHint")}>
          <Chip tone="bad">{t("logs.refusedNow", { name: limit().node.name, used: usedPhrase(limit()) })}</Chip>
        </a>
      )}
    </Show>
  );
}
