import { useLocation } from "@solidjs/router";
import type { Breakdown, Series } from "../../api/stats.ts";
import { t } from "../../text/text.ts";
import { Menu } from "../../ui/menu.tsx";
import { download } from "../../usage/download.ts";
import { breakdownCsv, seriesCsv } from "../../usage/usage-csv.ts";

/** What the page shows as files: its table, its course over time, and every request of it from the API. */
export function ExportMenu(props: {
  breakdown: Breakdown | undefined;
  series: Series | undefined;
  /** As the API's export of requests takes it. */
  requests: Record<string, string | string[]>;
}) {
  const location = useLocation();
  const stamp = () => new Date().toISOString().slice(0, 10);
  const everyRequest = () => {
    const search = new URLSearchParams({ format: "csv" });
    for (const [name, value] of Object.entries(props.requests))
      for (const one of [value].flat()) search.append(name, one);
    return `/api/requests/export?${search}`;
  };
  return (
    <Menu
      label={t("usage.export.label")}
      items={[
        {
          label: t("usage.export.table"),
          disabled: !props.breakdown,
          onSelect: () => props.breakdown && download(`usage-${stamp()}.csv`, breakdownCsv(props.breakdown)),
        },
        ...(location.query.tab === "breakdown"
          ? []
          : [
              {
                label: t("usage.export.series"),
                disabled: !props.series,
                onSelect: () => props.series && download(`usage-over-time-${stamp()}.csv`, seriesCsv(props.series)),
              },
            ]),
        { label: t("usage.export.requests"), onSelect: () => window.open(everyRequest(), "_self") },
      ]}
    >
      {t("usage.export.label")}
    </Menu>
  );
}
