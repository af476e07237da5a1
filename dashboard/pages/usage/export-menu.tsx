import { place } from "../../api/place.ts";
import type { Breakdown, Series } from "../../api/stats.ts";
import { t } from "../../text/text.ts";
import { Menu } from "../../ui/menu.tsx";
import { download } from "../../usage/download.ts";
import { breakdownCsv, seriesCsv } from "../../usage/usage-csv.ts";

/** What the page shows as files: its table, its course over time, and every request of it from the API. */
export function ExportMenu(props: {
  breakdown: Breakdown | undefined;
  series: Series | undefined;
  /** Whether the page shows a course over time. */
  course: boolean;
  /** As the API's export of requests takes it. */
  requests: Record<string, string | string[]>;
}) {
  const stamp = () => new Date().toISOString().slice(0, 10);
  /** The browser follows the link by itself, so that no export is in memory. */
  const everyRequest = () => {
    const search = new URLSearchParams({ format: "csv" });
    for (const [name, value] of Object.entries(props.requests))
      for (const one of [value].flat()) search.append(name, one);
    // A link carries no header that says where one acts.
    const organization = place();
    if (organization && !search.has("organization")) search.set("organization", organization);
    const link = document.createElement("a");
    link.href = `/api/requests/export?${search}`;
    link.download = "requests.csv";
    link.target = "_self";
    link.click();
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
        ...(props.course
          ? [
              {
                label: t("usage.export.series"),
                disabled: !props.series,
                onSelect: () => props.series && download(`usage-over-time-${stamp()}.csv`, seriesCsv(props.series)),
              },
            ]
          : []),
        { label: t("usage.export.requests"), onSelect: everyRequest },
      ]}
    >
      {t("usage.export.label")}
    </Menu>
  );
}
