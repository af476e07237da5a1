import { For } from "solid-js";
import { asFailure } from "../../api/failure.ts";
import { type PartHealth, readHealth } from "../../api/health.ts";
import { useQuery } from "../../api/use-query.ts";
import { RouteLine } from "../../components/route-line.tsx";
import { Section } from "../../components/section.tsx";
import { t } from "../../text/text.ts";

const EVERY_MS = 15_000;
const PARTS = ["router", "ledger", "database"] as const;

/** The parts of the gateway and whether they answer, asked every 15 seconds while the page can be seen. */
export function WhatRuns(props: { near: boolean }) {
  const health = useQuery(() => ({
    queryKey: ["health"],
    enabled: props.near,
    refetchInterval: EVERY_MS,
    retry: false,
    queryFn: ({ signal }) => readHealth(signal),
  }));
  const isAway = () => health.error !== null && asFailure(health.error).kind === "gateway_away";
  const partOf = (name: (typeof PARTS)[number]): PartHealth | undefined =>
    isAway() || name === "router" ? undefined : health.data?.[name];
  const answers = (name: (typeof PARTS)[number]): boolean | null => {
    if (isAway()) return name === "router" ? false : null;
    if (!health.data) return null;
    return name === "router" ? true : health.data[name].ok;
  };
  const words = (name: (typeof PARTS)[number]): string => {
    const answer = answers(name);
    if (answer === null) return health.isPending ? t("common.loading") : t("overview.runs.unknown");
    const part = partOf(name);
    if (!answer) return t("overview.runs.silent");
    return part ? t("overview.runs.within", { milliseconds: part.milliseconds }) : t("overview.runs.answers");
  };
  const verdict = () => {
    if (isAway()) return t("overview.runs.away");
    if (!health.data) return t("common.loading");
    if (!health.data.ledger.ok) return t("overview.runs.noLedger");
    return t(health.data.database.ok ? "overview.runs.well" : "overview.runs.noDatabase");
  };

  return (
    <Section title={t("overview.runs.title")} class="mt-8">
      <p class="mb-3 text-[1.125rem]/6 font-[650] tracking-tight" role="status">
        {verdict()}
      </p>
      <dl class="grid gap-x-12 border-t border-rule lg:grid-cols-3">
        <For each={PARTS}>
          {(name) => (
            <div class="flex items-baseline gap-4 border-b border-rule py-2.5">
              <dt class="w-24 shrink-0 font-medium">{t(`overview.runs.parts.${name}`)}</dt>
              <dd class="min-w-0 flex-1">
                <span class="flex items-center gap-2">
                  <RouteLine
                    class={`shrink-0 ${answers(name) === null ? "text-ink-3" : answers(name) ? "text-ok" : "text-bad"}`}
                    end={answers(name) === null ? "open" : answers(name) ? "reached" : "failed"}
                  />
                  {words(name)}
                </span>
                <span class="block text-meta text-ink-3">{t(`overview.runs.does.${name}`)}</span>
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Section>
  );
}
