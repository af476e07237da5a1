import { type JSX, Show } from "solid-js";
import { count, money, percent } from "../../format/numbers.ts";
import { exactTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { EndOverlap } from "./key-actions.tsx";
import { KeyState, Moment } from "./key-columns.tsx";
import type { KeyRow } from "./key-query.ts";

const link = "underline decoration-edge underline-offset-4 hover:decoration-ink";

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div class="border-b border-rule py-2">
      <dt class="caps">{props.name}</dt>
      <dd class="break-words">{props.children}</dd>
    </div>
  );
}

/** What a key used in 30 days, and what is known of it. */
export function KeyUsage(props: { apiKey: KeyRow }) {
  const failed = () => {
    const { requests = 0, errors = 0 } = props.apiKey.figures ?? {};
    return Number(requests) === 0 ? null : Number(errors) / Number(requests);
  };
  return (
    <>
      <Show when={props.apiKey.figures}>
        {(figures) => (
          <dl class="ledger grid grid-cols-3 gap-x-4 pt-2">
            <div>
              <dt class="caps">{t("keys.spend30")}</dt>
              <dd class="text-figure font-[650]" title={`$${figures().cost_usd}`}>
                {money(figures().cost_usd)}
              </dd>
            </div>
            <div>
              <dt class="caps">{t("keys.requests30")}</dt>
              <dd class="text-figure font-[650]">{count(figures().requests)}</dd>
            </div>
            <div>
              <dt class="caps">{t("keys.errors30")}</dt>
              <dd class="text-figure font-[650]">{percent(failed())}</dd>
            </div>
          </dl>
        )}
      </Show>
      <p class="mt-3 flex gap-4">
        <a class={link} href={`/usage?key=${props.apiKey.id}`}>
          {t("keys.openUsage")}
        </a>
        <a class={link} href={`/logs?key=${props.apiKey.id}`}>
          {t("keys.openLogs")}
        </a>
      </p>
      <dl class="mt-4">
        <Fact name={t("keys.state")}>
          <KeyState apiKey={props.apiKey} />
        </Fact>
        <Fact name={t("keys.lastUsed")}>
          <Moment at={props.apiKey.last_used_at} never={t("keys.never")} />
        </Fact>
        <Fact name={t("keys.expires")}>
          {props.apiKey.expires_at ? exactTime(props.apiKey.expires_at) : t("keys.never")}
        </Fact>
        <Fact name={t("keys.models")}>{props.apiKey.models?.join(", ") ?? t("keys.everyModel")}</Fact>
        <Fact name={t("keys.tags")}>{props.apiKey.tags.join(", ") || "—"}</Fact>
        <Fact name={t("keys.id")}>
          <span class="font-mono text-table">{props.apiKey.id}</span>
        </Fact>
        {/* Last, for it comes and goes. */}
        <Show when={props.apiKey.previous}>
          {(previous) => (
            <Fact name={t("keys.previous")}>
              <span class="flex flex-wrap items-center justify-between gap-3">
                {t("keys.previousUntil", { hint: previous().hint ?? "", time: exactTime(previous().expires_at) })}
                <EndOverlap apiKey={props.apiKey} />
              </span>
            </Fact>
          )}
        </Show>
      </dl>
    </>
  );
}
