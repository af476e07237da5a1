import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { usedPhrase } from "../../format/limit.ts";
import { date, timeOfDay } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import { boundsOf, refusalOf } from "./refusals.ts";

const ASK_EVERY_MS = 5_000;
/** What is told to a client whose request leaves nothing here: nobody's key, and no path of ours. */
const REFUSED = [
  [401, "key"],
  [404, "unknown"],
] as const;

/**
 * What to look at where no request comes: the address, the header, the key and its limits as they stand now, and what came instead:
 * the last request with another key, and the last that was refused, with what its client was told.
 */
export function Checklist(props: {
  keyId: string;
  router: string;
  /** Milliseconds since the epoch. */
  since: number;
}) {
  const often = { refetchInterval: ASK_EVERY_MS };
  const key = useQuery(() => ({
    queryKey: ["keys", "waited-for", props.keyId],
    queryFn: ({ signal }) => ask(api.keys[":id"].$get({ param: { id: props.keyId }, query: {} }, { init: { signal } })),
    ...often,
  }));
  const limits = useQuery(() => ({
    queryKey: ["limits", "status", { key: props.keyId }],
    queryFn: ({ signal }) => ask(api.limits.status.$get({ query: { key: props.keyId } }, { init: { signal } })),
    ...often,
  }));
  const others = useQuery(() => ({
    queryKey: ["requests", "since", props.since],
    queryFn: ({ signal }) =>
      ask(
        api.requests.$get({ query: { from: new Date(props.since).toISOString(), limit: "1" } }, { init: { signal } }),
      ),
    ...often,
  }));
  const refusals = useQuery(() => ({
    queryKey: ["refusals", "since", props.since],
    queryFn: ({ signal }) =>
      ask(
        api.refusals.$get({ query: { from: new Date(props.since).toISOString(), limit: "1" } }, { init: { signal } }),
      ),
    ...often,
  }));
  const full = () => limits.data?.data.find(({ mode, percent_used: percent }) => mode === "block" && percent >= 100);
  const other = () => others.data?.data[0];
  const refused = () => refusals.data?.data[0];

  return (
    <div class="mt-4 max-w-prose text-ink-2">
      <p class="font-medium text-ink">{t("start.checklist")}</p>
      <ul class="mt-2 border-t border-rule">
        <Item name={t("start.check.address")}>
          <code class="font-mono text-table break-all">{props.router}</code>
          <p>{t("start.checkUrl")}</p>
          <p>{t("start.checkReach")}</p>
        </Item>
        <Item name={t("start.check.header")}>
          <p>{t("start.checkHeader")}</p>
        </Item>
        <Item name={t("start.check.key")} ok={key.data && refusalOf(key.data) === null}>
          <Show when={key.data}>
            {(known) => (
              <>
                <p>
                  <code class="font-mono text-table break-all">{known().hint}</code>{" "}
                  <Show
                    when={refusalOf(known())}
                    fallback={
                      known().expires_at
                        ? t("start.keyUntil", { date: date(known().expires_at ?? "") })
                        : t("start.keyHolds")
                    }
                  >
                    {(refusal) => t("start.keyRefused", { ...refusal() })}
                  </Show>
                </p>
                <For each={boundsOf(known())}>
                  {({ name, values }) => <p>{t(`start.keyBound.${name}`, { values: values.join(", ") })}</p>}
                </For>
              </>
            )}
          </Show>
        </Item>
        <Item name={t("start.check.limits")} ok={limits.data && full() === undefined}>
          <p>
            <Show when={full()} fallback={limits.data && t("start.noLimit")}>
              {(limit) => t("start.limitFull", { name: limit().node.name, used: usedPhrase(limit()) })}
            </Show>
          </p>
        </Item>
        <Item name={t("start.check.attempts")}>
          <Show when={other()}>
            {(came) => (
              <p class="text-ink">
                {t("start.otherKey", {
                  time: timeOfDay(came().created_at),
                  key: came().key_name ?? came().key_id,
                  status: came().status,
                })}{" "}
                <A href={`/logs?id=${came().id}`} class="text-accent underline">
                  {t("start.open")}
                </A>
              </p>
            )}
          </Show>
          <Show when={refused()}>
            {(was) => (
              <div class="mb-1 text-ink">
                <p>
                  {t("start.lastRefused", {
                    time: timeOfDay(was().created_at),
                    key: was().key_name ?? was().key_id,
                    status: was().status,
                    reason: was().error_code.replaceAll("_", " "),
                  })}{" "}
                  <A href={`/refused?from=-30d&id=${was().id}`} class="text-accent underline">
                    {t("start.open")}
                  </A>
                </p>
                <Show when={was().message}>{(message) => <p class="text-ink-2">{message()}</p>}</Show>
              </div>
            )}
          </Show>
          <p>{t("start.checkRefused")}</p>
          <dl class="mt-1">
            <For each={REFUSED}>
              {([status, why]) => (
                <div class="flex gap-x-3">
                  <dt class="font-mono text-table">{status}</dt>
                  <dd>{t(`start.refused.${why}`)}</dd>
                </div>
              )}
            </For>
          </dl>
        </Item>
      </ul>
    </div>
  );
}

/** One thing to look at; with what is known of it, whether it is in order. */
function Item(props: { name: string; ok?: boolean | undefined; children: JSX.Element }) {
  return (
    <li class="border-b border-rule py-2">
      <p class="mb-0.5 flex min-h-5 items-center gap-2">
        <span class="caps">{props.name}</span>
        <Show when={props.ok !== undefined}>
          <Chip tone={props.ok ? "ok" : "bad"}>{t(props.ok ? "start.inOrder" : "start.refuses")}</Chip>
        </Show>
      </p>
      {props.children}
    </li>
  );
}
