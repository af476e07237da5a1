import { useMutation } from "@tanstack/solid-query";
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Section } from "../../components/section.tsx";
import { exactUsd } from "../../format/nano.ts";
import { count, money } from "../../format/numbers.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { changeOf } from "../../usage/change.ts";
import { Delta } from "../../usage/delta.tsx";
import { type Supposed, type WhatIfAnswer, withAnswer } from "../../usage/suppositions.ts";

const nanoMoney = (nano: bigint): string => money(exactUsd(nano));
const changed = (before: bigint, after: bigint) => changeOf(Number(after), Number(before), "relative");

/** The same requests at another model's prices. A long month is worked out in several calls, each shown as it comes. */
export function WhatIf(props: {
  query: Record<string, string | string[]>;
  /** ISO moment; not later than now is asked for. */
  until: string;
}) {
  const [model, setModel] = createSignal("");
  const [supposed, setSupposed] = createSignal<Supposed>();
  const models = useQuery(() => ({
    queryKey: ["models", "priced"],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      ask(api.models.$get({ query: { priced: "true", enabled: "true", limit: "200" } }, { init: { signal } })),
  }));
  const scope = createMemo(() => {
    const { from: _from, to: _to, tz: _tz, compare: _compare, organization, ...filters } = props.query;
    const lists = Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, [value].flat()]));
    return { ...lists, ...(organization ? { organization: String(organization) } : {}) };
  });
  const work = useMutation(() => ({
    async mutationFn() {
      setSupposed(undefined);
      const to = new Date(Math.min(Date.parse(props.until), Date.now())).toISOString();
      let from: string | null = String(props.query.from);
      while (from !== null) {
        const answer: WhatIfAnswer = await ask(
          api.stats["what-if"].$post({ json: { from, to, model: model().trim(), scope: scope() } as never }),
        );
        setSupposed((known) => withAnswer(known, answer));
        from = answer.next_from;
      }
    },
  }));
  // What was worked out is of another period or other requests.
  createEffect(
    on(
      () => props.query,
      () => {
        setSupposed(undefined);
        work.reset();
      },
      { defer: true },
    ),
  );
  const kept = (known: Supposed) => known.kept.expired + known.kept.unpriced + known.kept.other_operation;

  return (
    <Section title={t("usage.whatIf.title")}>
      <p class="max-w-prose break-words text-ink-2">{t("usage.whatIf.lead")}</p>
      <form
        class="mt-3 flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        <TextField
          class="w-72"
          label={t("usage.whatIf.model")}
          list="what-if-models"
          required
          value={model()}
          onInput={(event) => setModel(event.currentTarget.value)}
        />
        <datalist id="what-if-models">
          <For each={models.data?.data ?? []}>
            {({ id, display_name }) => <option value={id}>{display_name}</option>}
          </For>
        </datalist>
        <Button look="primary" type="submit" disabled={work.isPending || model().trim() === ""}>
          {work.isPending ? t("usage.whatIf.busy") : t("usage.whatIf.action")}
        </Button>
      </form>
      <Show when={work.error}>
        {(error) => (
          <div class="mt-4">
            <FailureNote failure={asFailure(error())} />
          </div>
        )}
      </Show>
      <div role="status" aria-busy={work.isPending}>
        <Show when={supposed()}>
          {(known) => (
            <>
              <table class="mt-4 w-full border-collapse text-table">
                <caption class="sr-only">{t("usage.whatIf.title")}</caption>
                <thead>
                  <tr class="border-b border-rule text-meta text-ink-3">
                    <th scope="col" class="h-8 pr-2 text-left font-semibold">
                      {t("common.groups.model")}
                    </th>
                    <th scope="col" class="px-2 text-right font-semibold max-md:hidden">
                      {t("common.metrics.requests")}
                    </th>
                    <th scope="col" class="px-2 text-right font-semibold">
                      {t("usage.whatIf.before")}
                    </th>
                    <th scope="col" class="px-2 text-right font-semibold">
                      {t("usage.whatIf.after")}
                    </th>
                    <th scope="col" class="pl-2 text-right font-semibold">
                      {t("usage.table.change")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  <For each={known().models}>
                    {({ model: name, requests, before, after }) => (
                      <tr class="h-8 border-b border-rule">
                        <th scope="row" class="max-w-0 min-w-32 truncate pr-2 text-left font-normal">
                          {name}
                        </th>
                        <td class="px-2 text-right max-md:hidden">{count(requests)}</td>
                        <td class="px-2 text-right">{nanoMoney(before)}</td>
                        <td class="px-2 text-right">{nanoMoney(after)}</td>
                        <td class="pl-2 text-right">
                          <Delta change={changed(before, after)} as="relative" up={null} />
                        </td>
                      </tr>
                    )}
                  </For>
                </tbody>
                <tfoot>
                  <tr class="h-8 border-t-2 border-ink font-semibold">
                    <th scope="row" class="pr-2 text-left">
                      {t("common.chart.total")}
                    </th>
                    <td class="px-2 text-right max-md:hidden">{count(known().requests)}</td>
                    <td class="px-2 text-right">{nanoMoney(known().before)}</td>
                    <td class="px-2 text-right">{nanoMoney(known().after)}</td>
                    <td class="pl-2 text-right">
                      <Delta change={changed(known().before, known().after)} as="relative" up={null} />
                    </td>
                  </tr>
                </tfoot>
              </table>
              <Show when={kept(known()) > 0}>
                <p class="mt-2 text-meta text-ink-3">{plural("usage.whatIf.kept", kept(known()))}</p>
              </Show>
            </>
          )}
        </Show>
      </div>
    </Section>
  );
}
