import { For } from "solid-js";
import { place } from "../../api/place.ts";
import type { Breakdown, Series } from "../../api/stats.ts";
import { download } from "../../state/download.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { breakdownCsv, seriesCsv } from "../../usage/usage-csv.ts";

/** What the page shows as files: its table, its course over time, and every request of it from the API. */
export function ExportDialog(props: {
  open: boolean;
  onClose: () => void;
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
  const files = (): { label: string; write: () => void; disabled?: boolean }[] => [
    {
      label: t("usage.export.table"),
      disabled: !props.breakdown,
      write: () => props.breakdown && download(`usage-${stamp()}.csv`, breakdownCsv(props.breakdown)),
    },
    ...(props.course
      ? [
          {
            label: t("usage.export.series"),
            disabled: !props.series,
            write: () => props.series && download(`usage-over-time-${stamp()}.csv`, seriesCsv(props.series)),
          },
        ]
      : []),
    { label: t("usage.export.requests"), write: everyRequest },
  ];
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("usage.export.label")}>
      <ul class="space-y-2">
        <For each={files()}>
          {({ label, write, disabled }) => (
            <li>
              <Button
                look="plain"
                class="w-full"
                disabled={disabled}
                onClick={() => {
                  write();
                  props.onClose();
                }}
              >
                {label}
              </Button>
            </li>
          )}
        </For>
      </ul>
    </Dialog>
  );
}
