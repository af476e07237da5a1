import { A } from "@solidjs/router";
import { createMemo, For, type JSX, Show } from "solid-js";
import type { RequestDetail } from "../../api/requests.ts";
import { count } from "../../format/numbers.ts";
import { dialectName, operationName } from "../../format/request.ts";
import { exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import type { LogFilters } from "./log-filters.ts";
import { asCurl } from "./record-curl.ts";
import { type Condition, writeToken } from "./tokens.ts";

/** Copies a link and the call as far as it is known, and goes on to the playground with this model. */
export function RecordActions(props: { detail: RequestDetail }) {
  const { can } = useAccount();
  const link = () => `${location.origin}/logs?id=${props.detail.id}`;
  const canPlay = () => can("playground:use") && props.detail.operation === "generate";
  return (
    <div class="-ml-2.5 flex flex-wrap items-center gap-x-1 pb-2">
      <CopyButton text={link()} what={t("logs.record.link")} shown={t("logs.record.link")} />
      <CopyButton text={asCurl(props.detail, location.origin)} what="curl" shown={t("logs.record.curl")} />
      <Show when={canPlay()}>
        <A
          class="inline-flex min-h-8 items-center rounded-control px-2.5 text-table font-medium text-ink-2 hover:bg-sunken hover:text-ink pointer-coarse:min-h-11"
          href={`/play?m=${encodeURIComponent(props.detail.requested_model)}`}
        >
          {t("logs.record.play")}
        </A>
      </Show>
      <p class="ml-2.5 w-full text-meta text-ink-3">{t("logs.record.noBodies")}</p>
    </div>
  );
}

interface Fact {
  name: string;
  value: string | null;
  /** What narrows the log to requests that have the same. */
  condition?: Condition;
  mono?: boolean;
}

/** The way it took and who asked; what can be looked for is a button that does. */
export function RecordFacts(props: { detail: RequestDetail; filters: LogFilters }) {
  const detail = () => props.detail;
  const upstream = () => {
    const { dialect, upstream_dialect: other } = detail();
    return other === null || other === dialect ? null : dialectName(other);
  };
  const condition = (param: Condition["param"], value: string | null): Condition | undefined =>
    value === null ? undefined : { param, value };
  const way = createMemo((): Fact[] => [
    { name: t("logs.facts.provider"), value: detail().provider, condition: condition("provider", detail().provider) },
    {
      name: t("logs.facts.route"),
      value: detail().route_name ?? detail().route_id,
      condition: condition("route", detail().route_id),
    },
    { name: t("logs.facts.requested"), value: detail().requested_model, mono: true },
    {
      name: t("logs.facts.upstream"),
      value: detail().upstream_model,
      condition: { param: "model", value: `${detail().provider}/${detail().upstream_model}` },
      mono: true,
    },
    { name: t("logs.facts.served"), value: detail().served_model, mono: true },
    { name: t("logs.facts.translated"), value: upstream() },
    { name: t("logs.facts.stop"), value: detail().stop_reason },
    {
      name: t("logs.facts.error"),
      value: detail().error_code,
      condition: condition("error_code", detail().error_code),
      mono: true,
    },
    { name: t("logs.facts.cap"), value: detail().output_cap === null ? null : count(detail().output_cap ?? 0) },
    { name: t("logs.facts.upstreamId"), value: detail().upstream_request_id, mono: true },
    { name: t("logs.facts.settled"), value: exactTime(detail().settled_at) },
  ]);
  const caller = createMemo((): Fact[] => [
    {
      name: t("logs.facts.dialect"),
      value: [
        dialectName(detail().dialect),
        operationName(detail().operation),
        detail().streamed ? t("logs.facts.streamed") : null,
      ]
        .filter(Boolean)
        .join(", "),
      condition: condition("dialect", detail().dialect),
    },
    { name: t("logs.facts.client"), value: detail().client, condition: condition("client", detail().client) },
    { name: t("logs.facts.organization"), value: detail().organization_name ?? detail().organization_id },
    {
      name: t("logs.facts.key"),
      value: detail().key_name ?? detail().key_id,
      condition: condition("key", detail().key_id),
    },
    {
      name: t("logs.facts.member"),
      value: detail().member_name ?? detail().member_id,
      condition: condition("member", detail().member_id),
    },
    { name: t("logs.facts.session"), value: detail().session_id, condition: condition("session", detail().session_id) },
    { name: t("logs.facts.agent"), value: detail().agent_id, condition: condition("agent", detail().agent_id) },
    { name: t("logs.facts.user"), value: detail().end_user, condition: condition("end_user", detail().end_user) },
    ...Object.entries(detail().tags).map(
      ([name, value]): Fact => ({
        name: t("logs.facts.tag", { name }),
        value,
        condition: { param: "tag", value: `${name}:${value}` },
      }),
    ),
  ]);
  return (
    <>
      <Facts title={t("logs.facts.way")} facts={way()} filters={props.filters}>
        <Warnings warnings={detail().warnings} />
      </Facts>
      <Facts title={t("logs.facts.caller")} facts={caller()} filters={props.filters} />
    </>
  );
}

const Facts = (props: { title: string; facts: readonly Fact[]; filters: LogFilters; children?: JSX.Element }) => (
  <section class="border-t border-rule py-4">
    <h3 class="caps">{props.title}</h3>
    <dl class="mt-2 grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-table">
      <For each={props.facts.filter(({ value }) => value !== null && value !== "")}>
        {(fact) => (
          <>
            <dt class="text-ink-3">{fact.name}</dt>
            <dd class={`min-w-0 break-words ${fact.mono ? "font-mono text-meta break-all" : ""}`}>
              <Show when={fact.condition} fallback={fact.value}>
                {(condition) => (
                  <button
                    type="button"
                    class="min-h-6 text-left underline decoration-edge underline-offset-2 hover:decoration-accent"
                    title={t("logs.record.narrow", { token: writeToken(condition()) })}
                    onClick={() => props.filters.add([condition()])}
                  >
                    {fact.value}
                    <span class="sr-only">{t("logs.record.narrow", { token: writeToken(condition()) })}</span>
                  </button>
                )}
              </Show>
            </dd>
          </>
        )}
      </For>
    </dl>
    {props.children}
  </section>
);

/** What translation had to drop, change or emulate: a code, and where it stood in the client's request. */
function Warnings(props: { warnings: readonly string[] }) {
  const parts = (warning: string): [code: string, path: string] => {
    const at = warning.indexOf("@");
    return at < 0 ? [warning, ""] : [warning.slice(0, at), warning.slice(at + 1)];
  };
  return (
    <Show when={props.warnings.length > 0}>
      <h4 class="mt-3 text-meta font-semibold text-warn">{t("logs.facts.notKept")}</h4>
      <ul class="mt-1 space-y-0.5 text-table" aria-label={t("logs.facts.notKept")}>
        <For each={props.warnings.map(parts)}>
          {([code, path]) => (
            <li class="break-words">
              {code.replaceAll("_", " ")} <span class="font-mono text-meta break-all text-ink-3">{path}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
