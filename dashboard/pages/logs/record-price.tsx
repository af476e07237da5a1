import type { InferResponseType } from "hono/client";
import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import type { RequestDetail } from "../../api/requests.ts";
import { useQuery } from "../../api/use-query.ts";
import { dateAndTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";

type Entry = InferResponseType<typeof api.prices.$get>["data"][number];

const ratesOf = ({ price }: Entry): string => {
  const { rates = {} } = price as { rates?: Record<string, string> };
  return Object.entries(rates)
    .map(([name, usd]) => `${name} $${usd}`)
    .join(" · ");
};

const validity = ({ valid_from: from, valid_until: until }: Entry): string =>
  t("logs.cost.validity", {
    from: from ? dateAndTime(from) : t("logs.cost.always"),
    until: until ? dateAndTime(until) : t("logs.cost.openEnd"),
  });

/** The row of the price book that rated a request, and the one in force now where that is another: a change rewrites no past cost. */
export function PriceRows(props: { detail: RequestDetail }) {
  const model = () => `${props.detail.provider}/${props.detail.upstream_model}`;
  const book = useQuery(() => ({
    queryKey: ["prices", "of-record", model(), props.detail.organization_id],
    enabled: props.detail.price_version !== null,
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      ask(
        api.prices.$get(
          { query: { model: model(), organization: props.detail.organization_id, limit: "200" } },
          { init: { signal } },
        ),
      ),
  }));
  const rated = () => book.data?.data.find(({ id }) => id === props.detail.price_version);
  const now = () => book.data?.data.find((entry) => entry.in_force);
  return (
    <Show
      when={rated()}
      fallback={
        <Show when={book.isLoading}>
          {/* Its two lines, so that what stands below it stays there. */}
          <div class="mt-2 h-[2.8125rem] border-t border-rule" />
        </Show>
      }
    >
      {(row) => (
        <dl class="mt-2 border-t border-rule pt-2 text-meta">
          <dt class="font-medium">{t("logs.cost.ratedBy", { validity: validity(row()) })}</dt>
          <dd class="mb-1 text-ink-2">{ratesOf(row())}</dd>
          <Show when={now() && now()?.id !== row().id && now()}>
            {(other) => (
              <>
                <dt class="font-medium">{t("logs.cost.inForceNow", { validity: validity(other()) })}</dt>
                <dd class="text-ink-2">{ratesOf(other())}</dd>
              </>
            )}
          </Show>
        </dl>
      )}
    </Show>
  );
}
