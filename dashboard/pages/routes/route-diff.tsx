import { createMemo, For, Show } from "solid-js";
import { t } from "../../text/text.ts";
import { type RouteTerms, TIMEOUTS } from "./route-draft.ts";

const NOTHING = "—";

/** A route's terms in words, each under its name. */
function linesOf(terms: RouteTerms | null): { name: string; value: string }[] {
  const targets = Array.from({ length: 16 }, (_, place) => {
    const one = terms?.targets[place];
    const weight = terms?.strategy === "weighted" ? ` × ${one?.weight}` : "";
    const by = one?.credential ? ` ${t("routes.by", { credential: one.credential })}` : "";
    return { name: t("routes.target", { place: place + 1 }), value: one ? `${one.model}${by}${weight}` : NOTHING };
  });
  return [
    { name: t("routes.strategy"), value: terms ? t(`routes.strategies.${terms.strategy}`) : NOTHING },
    ...targets,
    ...TIMEOUTS.map((name) => ({
      name: t(`routes.timeout.${name}`),
      value: terms?.timeouts[name] == null ? NOTHING : `${terms.timeouts[name]} ms`,
    })),
  ];
}

/** What changes from one version of a route to another: what was is struck, what will be stands. */
export function RouteDiff(props: { before: RouteTerms | null; after: RouteTerms }) {
  const changes = createMemo(() => {
    const after = linesOf(props.after);
    return linesOf(props.before).flatMap((line, index) => {
      const then = after[index]?.value ?? NOTHING;
      return line.value === then ? [] : [{ name: line.name, before: line.value, after: then }];
    });
  });
  return (
    <Show when={changes().length > 0} fallback={<p>{t("routes.noChange")}</p>}>
      <table class="w-full text-table text-ink">
        <thead>
          <tr class="border-b border-rule text-left text-meta text-ink-3">
            <th scope="col" class="py-1.5 pr-3">
              {t("routes.part")}
            </th>
            <th scope="col" class="py-1.5 pr-3">
              {t("routes.before")}
            </th>
            <th scope="col" class="py-1.5">
              {t("routes.after")}
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={changes()}>
            {({ name, before, after }) => (
              <tr class="border-b border-rule align-top">
                <th scope="row" class="py-1.5 pr-3 text-left font-medium sm:whitespace-nowrap">
                  {name}
                </th>
                <td class="py-1.5 pr-3 font-mono text-meta break-all text-ink-3">
                  <Show when={before !== NOTHING} fallback={before}>
                    <del>{before}</del>
                  </Show>
                </td>
                <td class="py-1.5 font-mono text-meta break-all">
                  <Show when={after !== NOTHING} fallback={after}>
                    <ins class="bg-accent-bg no-underline">{after}</ins>
                  </Show>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </Show>
  );
}
