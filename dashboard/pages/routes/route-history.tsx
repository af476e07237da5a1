import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { EntryList } from "../../components/history.tsx";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { say } from "../../ui/toast.tsx";
import { Publish } from "./publish.tsx";
import { routeChanged } from "./route-cache.ts";
import { RouteDiff } from "./route-diff.tsx";
import {
  bodyOfRoute,
  draftOfRoute,
  draftOfTerms,
  type RouteRow,
  type RouteTerms,
  termsOfAudit,
} from "./route-draft.ts";

/** A route's versions from the audit log, the one in force first, each with what it changed; and the way back to one. */
export function RouteHistory(props: { route: RouteRow; mayChange: boolean; onDone: () => void }) {
  const client = useQueryClient();
  const [back, setBack] = createSignal<{ version: number; terms: RouteTerms } | null>(null);
  const list = usePages(() => ({
    key: ["audit", "of", props.route.id],
    read: (cursor, init) => ask(api.audit.$get({ query: { target: props.route.id, limit: "20", ...cursor } }, init)),
  }));
  const versions = () =>
    list.rows().flatMap((row, index) => {
      const terms = termsOfAudit(row.after);
      return terms === null
        ? []
        : [{ row, terms, before: termsOfAudit(row.before), version: props.route.version - index }];
    });
  const rollBack = async () => {
    const to = back();
    if (!to) return;
    const draft = draftOfTerms(to.terms, draftOfRoute(props.route, props.route.organization_id));
    const answer = await ask(api.routes.$put({ json: bodyOfRoute(draft) }, ifVersion(props.route.version)));
    say(t("routes.rolledBack", { name: props.route.name, version: to.version }));
    props.onDone();
    routeChanged(client, answer);
  };
  return (
    <>
      <EntryList list={list} each={versions()}>
        {({ row, terms, before, version }) => (
          <>
            <span class="w-10 font-medium">{t("routes.version", { version })}</span>
            <time datetime={row.at} title={exactTime(row.at)} class="whitespace-nowrap text-ink-2">
              {dateAndTime(row.at)}
            </time>
            <a
              class="text-meta break-words text-ink-3 underline decoration-rule underline-offset-4 hover:decoration-ink"
              href={`/audit?range=all&target=${props.route.id}&id=${row.id}`}
            >
              {row.actor_name ?? row.actor}
            </a>
            <span class="ml-auto">
              <Show when={version !== props.route.version} fallback={<Chip tone="ok">{t("routes.current")}</Chip>}>
                <Show when={props.mayChange}>
                  <Button look="plain" onClick={() => setBack({ version, terms })}>
                    {t("routes.rollBack")}
                    <span class="sr-only">{t("routes.version", { version })}</span>
                  </Button>
                </Show>
              </Show>
            </span>
            <details class="w-full pb-1">
              <summary class="cursor-pointer text-meta text-ink-2">{t("routes.whatChanged")}</summary>
              <div class="mt-2">
                <RouteDiff before={before} after={terms} />
              </div>
            </details>
          </>
        )}
      </EntryList>
      <Publish
        route={props.route}
        terms={back()?.terms ?? null}
        title={t("routes.rollBackTitle", { name: props.route.name, version: back()?.version ?? "" })}
        action={t("routes.rollBack")}
        onConfirm={rollBack}
        onClose={() => setBack(null)}
      />
    </>
  );
}
