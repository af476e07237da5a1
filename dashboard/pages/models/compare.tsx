import { For, type JSX } from "solid-js";
import { count, duration } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { type ModelRow, rateOf } from "./model-query.ts";

/** Up to four models side by side. */
export function Compare(props: { models: readonly ModelRow[]; open: boolean; onClose: () => void }) {
  const rate = (name: string) => (model: ModelRow) => {
    const found = rateOf(model.price, name);
    return model.price === null ? t("common.noPrice") : found === null ? "—" : `$${found}`;
  };
  const lines = (): { name: string; cell: (model: ModelRow) => JSX.Element }[] => [
    { name: t("models.provider"), cell: ({ provider }) => provider },
    { name: t("models.input"), cell: rate("input") },
    { name: t("models.output"), cell: rate("output") },
    { name: t("models.cacheRead"), cell: rate("cacheRead") },
    { name: t("models.context"), cell: ({ context_window: size }) => (size === null ? "—" : count(size)) },
    { name: t("models.maxOutput"), cell: ({ max_output_tokens: most }) => (most === null ? "—" : count(most)) },
    { name: t("models.reads"), cell: ({ input_modalities: list }) => list?.join(", ") ?? "—" },
    { name: t("models.writes"), cell: ({ output_modalities: list }) => list?.join(", ") ?? "—" },
    {
      name: t("models.abilities"),
      cell: ({ capabilities }) =>
        Object.entries(capabilities)
          .filter(([, value]) => value !== false && value !== "none" && !Array.isArray(value))
          .map(([name, value]) => (value === true ? name : `${name}: ${value}`))
          .join(", ") || "—",
    },
    { name: t("models.released"), cell: ({ release_date: day }) => day ?? "—" },
    { name: t("models.requests30"), cell: ({ figures }) => (figures ? count(figures.requests) : "—") },
    {
      name: t("models.ttft"),
      cell: ({ figures }) => (figures?.ttft_ms_p50 == null ? "—" : duration(figures.ttft_ms_p50)),
    },
  ];
  return (
    <Dialog look="wide" open={props.open} onClose={props.onClose} title={t("models.compareTitle")}>
      <div class="scroll-sideways">
        <table class="w-full border-collapse text-table">
          <caption class="sr-only">{t("models.compareTitle")}</caption>
          <thead>
            <tr class="border-b border-rule text-left">
              <td />
              <For each={props.models}>
                {(model) => (
                  <th scope="col" class="px-2 py-2 font-mono text-meta break-all">
                    {model.id}
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody>
            <For each={lines()}>
              {(line) => (
                <tr class="border-b border-rule align-top">
                  <th scope="row" class="py-1.5 pr-3 text-left font-medium whitespace-nowrap">
                    {line.name}
                  </th>
                  <For each={props.models}>{(model) => <td class="min-w-32 px-2 py-1.5">{line.cell(model)}</td>}</For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}
