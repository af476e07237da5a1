import { useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, For, type JSX, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { useAtRoot } from "../../components/organization-select.tsx";
import { date } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { say } from "../../ui/toast.tsx";
import { type ModelRow, termsOfPrice } from "./model-query.ts";
import { NewPrice } from "./new-price.tsx";
import { Rerate } from "./rerate.tsx";

type Entry = InferResponseType<typeof api.prices.$get>["data"][number];

/** A model's prices by when they hold, the new one, and what another price makes of what is past. */
export function ModelPrices(props: {
  model: string;
  organization: string;
  price: ModelRow["price"];
  /** What stands below; it comes when its place is known. */
  children: JSX.Element;
}) {
  const { can } = useAccount();
  const atRoot = useAtRoot();
  const client = useQueryClient();
  const [over, setOver] = createSignal<"new" | "rerate" | null>(null);
  const book = useQuery(() => ({
    queryKey: ["prices", props.model, props.organization],
    queryFn: ({ signal }) =>
      ask(
        api.prices.$get(
          { query: { model: props.model, ...(props.organization ? { organization: props.organization } : {}) } },
          { init: { signal } },
        ),
      ),
  }));
  let first: HTMLButtonElement | undefined;
  const reread = () => {
    for (const queryKey of [["prices"], ["models"]]) void client.invalidateQueries({ queryKey });
  };
  const now = () => new Date().toISOString();
  /** One that has not begun is taken back, one that holds ends now. */
  const end = async (entry: Entry) => {
    const begun = entry.valid_from === null || entry.valid_from <= now();
    const options = ifVersion(entry.revision ?? 0);
    try {
      await (begun
        ? ask(
            api.prices[":id"].$patch(
              { param: { id: entry.id }, json: { valid_until: new Date(Date.now() + 1000).toISOString() } },
              options,
            ),
          )
        : ask(api.prices[":id"].$delete({ param: { id: entry.id } }, options)));
      say(t(begun ? "models.priceEnded" : "models.priceTaken"));
    } catch (thrown) {
      say(asFailure(thrown).message);
    }
    reread();
    // The button that was pressed goes with what it ended.
    first?.focus();
  };
  return (
    <>
      <section aria-label={t("models.prices")}>
        <div class="mb-1 flex flex-wrap items-center gap-2">
          <h3 class="caps flex-1">{t("models.prices")}</h3>
          <Show when={can("prices:write")}>
            <Button look="plain" ref={first} onClick={() => setOver("new")}>
              {t("models.newPrice")}
            </Button>
            <Show when={atRoot()}>
              <Button look="plain" onClick={() => setOver("rerate")}>
                {t("models.rerate")}
              </Button>
            </Show>
          </Show>
        </div>
        <Show when={book.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
        <ul class="border-t border-rule text-table">
          <For each={book.data?.data ?? []}>
            {(entry) => (
              <li class={`border-b border-rule py-2 ${entry.in_force ? "" : "text-ink-3"}`}>
                <div class="flex flex-wrap items-center gap-2">
                  <span class="flex-1">
                    {t("models.validity", {
                      from: entry.valid_from ? date(entry.valid_from) : t("models.always"),
                      until: entry.valid_until ? date(entry.valid_until) : t("models.openEnd"),
                    })}
                  </span>
                  <Show when={entry.in_force}>
                    <Chip tone="ok">{t("models.inForce")}</Chip>
                  </Show>
                  <Chip tone="plain">{t(`models.priceSources.${entry.source}`)}</Chip>
                  <Show when={entry.source === "custom" && entry.valid_until === null && can("prices:write")}>
                    <Button look="quiet" onClick={() => void end(entry)}>
                      {entry.valid_from !== null && entry.valid_from > now()
                        ? t("models.takeBack")
                        : t("models.endNow")}
                    </Button>
                  </Show>
                </div>
                <RateList rates={termsOfPrice(entry).rates ?? {}} />
                <For each={termsOfPrice(entry).tiers ?? []}>
                  {(tier) => (
                    <p class="text-meta">
                      {t("models.tier", { tokens: tier.above.toLocaleString() })} <RateList rates={tier.rates} />
                    </p>
                  )}
                </For>
                <Show when={termsOfPrice(entry).batch}>
                  <p class="text-meta">
                    {t("models.batch")} <RateList rates={termsOfPrice(entry).batch ?? {}} />
                  </p>
                </Show>
              </li>
            )}
          </For>
        </ul>
        <Show when={book.data?.data.length === 0}>
          <p class="py-2">
            <Chip tone="warn">{t("common.noPrice")}</Chip> {t("models.noPriceHint")}
          </p>
        </Show>
        <NewPrice
          open={over() === "new"}
          onClose={() => setOver(null)}
          model={props.model}
          organization={props.organization}
          price={props.price}
          onMade={reread}
        />
        <Rerate open={over() === "rerate"} onClose={() => setOver(null)} model={props.model} />
      </section>
      <Show when={!book.isPending}>{props.children}</Show>
    </>
  );
}

const RateList = (props: { rates: Record<string, string> }) => (
  <span class="text-ink-2">
    {Object.entries(props.rates)
      .map(([name, usd]) => `${name} $${usd}`)
      .join(" · ")}
  </span>
);
