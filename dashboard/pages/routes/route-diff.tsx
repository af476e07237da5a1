import { createMemo, Show } from "solid-js";
import { VersionTable } from "../../components/changed-meanwhile.tsx";
import { t } from "../../text/text.ts";
import { type RouteTerms, TIMEOUTS } from "./route-draft.ts";

/** A route's terms in words, each under its name. */
function linesOf(terms: RouteTerms | null): { name: string; value: string | null }[] {
  const targets = Array.from({ length: 16 }, (_, place) => {
    const one = terms?.targets[place];
    const weight = terms?.strategy === "weighted" ? ` × ${one?.weight}` : "";
    const by = one?.credential ? ` ${t("routes.by", { credential: one.credential })}` : "";
    return { name: t("routes.target", { place: place + 1 }), value: one ? `${one.model}${by}${weight}` : null };
  });
  return [
    { name: t("routes.strategy"), value: terms && t(`routes.strategies.${terms.strategy}`) },
    ...targets,
    ...TIMEOUTS.map((name) => ({
      name: t(`routes.timeout.${name}`),
      value: terms?.timeouts[name] == null ? null : `${terms.timeouts[name]} ms`,
    })),
  ];
}

/** What changes from one version of a route to another. */
export function RouteDiff(props: { before: RouteTerms | null; after: RouteTerms }) {
  const changes = createMemo(() => {
    const then = linesOf(props.after);
    return linesOf(props.before).flatMap(({ name, value: one }, index) => {
      const other = then[index]?.value ?? null;
      return one === other ? [] : [{ name, one, other }];
    });
  });
  return (
    <Show when={changes().length > 0} fallback={<p>{t("routes.noChange")}</p>}>
      <VersionTable heads={[t("routes.part"), t("routes.before"), t("routes.after")]} parts={changes()} struck />
    </Show>
  );
}
