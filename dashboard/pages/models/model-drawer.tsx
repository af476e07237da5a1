import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For, Match, Show, Switch } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { useAtRoot } from "../../components/organization-select.tsx";
import { count } from "../../format/numbers.ts";
import { useAccount } from "../../state/account.tsx";
import { useVisited } from "../../state/recent.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";
import { EditFacts } from "./edit-facts.tsx";
import { ModelPrices } from "./model-prices.tsx";

/** One model: what is known of it and from where, and its prices. */
export function ModelDrawer(props: { id: string; organization: string; onClose: () => void }) {
  const { can } = useAccount();
  const atRoot = useAtRoot();
  const client = useQueryClient();
  const [editing, setEditing] = createSignal(false);
  const query = useQuery(() => ({
    queryKey: ["models", "one", props.id, props.organization],
    enabled: props.id !== "",
    queryFn: ({ signal }) =>
      ask(
        api.models[":id"].$get(
          {
            param: { id: encodeURIComponent(props.id) },
            query: props.organization ? { organization: props.organization } : {},
          },
          { init: { signal } },
        ),
      ),
  }));
  const model = () => (query.data?.id === props.id ? query.data : undefined);
  const facts = () => {
    const known = model();
    if (!known) return [];
    const tokens = (value: number | null) => (value === null ? "—" : count(value));
    return [
      ["context_window", t("models.context"), tokens(known.context_window)],
      ["max_output_tokens", t("models.maxOutput"), tokens(known.max_output_tokens)],
      ["input_modalities", t("models.reads"), known.input_modalities?.join(", ") ?? "—"],
      ["output_modalities", t("models.writes"), known.output_modalities?.join(", ") ?? "—"],
      ["release_date", t("models.released"), known.release_date ?? "—"],
      ["deprecation_date", t("models.deprecated"), known.deprecation_date ?? "—"],
      ...Object.entries(known.capabilities).map(([name, value]) => [
        `capabilities.${name}`,
        name.replaceAll("_", " "),
        Array.isArray(value)
          ? value.join(" · ")
          : value === true
            ? t("models.on")
            : value === false
              ? t("models.off")
              : String(value),
      ]),
    ] as [string, string, string][];
  };
  useVisited(() => {
    const shown = model();
    return shown && { path: `/models?id=${encodeURIComponent(shown.id)}`, label: shown.id };
  });
  const source = (field: string) => model()?.sources[field] ?? (model()?.shipped ? "shipped" : undefined);
  const forget = async () => {
    const known = model();
    if (!known) return;
    try {
      await ask(api.models[":id"].$delete({ param: { id: encodeURIComponent(known.id) } }, ifVersion(known.version)));
      say(t("models.forgotten", { model: known.id }));
      if (!known.shipped) props.onClose();
    } catch (thrown) {
      say(asFailure(thrown).message);
    }
    void client.invalidateQueries({ queryKey: ["models"] });
  };

  return (
    <Dialog
      look="drawer"
      open={props.id !== ""}
      onClose={props.onClose}
      title={props.id}
      description={model()?.display_name}
    >
      <Switch fallback={<RowsSkeleton rows={10} />}>
        <Match when={query.error && !model() && asFailure(query.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        <Match when={model()}>
          {(known) => (
            <>
              <p class="mb-4 flex flex-wrap items-center gap-2">
                <Chip tone={known().enabled ? "ok" : "plain"}>{t(known().enabled ? "models.on" : "models.off")}</Chip>
                <Chip tone="plain">{t(`models.sources.${known().source}`)}</Chip>
                <Show when={known().disabled_by}>
                  {(by) => <span class="text-meta text-ink-2">{t("models.disabledBy", { name: by().name })}</span>}
                </Show>
                <a
                  class="ml-auto underline decoration-edge underline-offset-4 hover:decoration-ink"
                  href={`/play?m=${encodeURIComponent(known().id)}`}
                >
                  {t("models.try")}
                </a>
              </p>
              <ModelPrices model={known().id} organization={props.organization} price={known().price}>
                <div class="mt-8 mb-1 flex flex-wrap items-center gap-2">
                  <h3 class="caps flex-1">{t("models.facts")}</h3>
                  <Show when={can("models:write") && atRoot()}>
                    <Button look="plain" onClick={() => setEditing(true)}>
                      {t("models.editFacts")}
                    </Button>
                    <EditFacts open={editing()} onClose={() => setEditing(false)} model={known()} />
                  </Show>
                </div>
                <dl class="border-t border-rule text-table">
                  <For each={facts()}>
                    {([field, name, value]) => (
                      <div class="flex flex-wrap gap-x-3 border-b border-rule py-1">
                        <dt class="w-44 text-ink-2">{name}</dt>
                        <dd class="min-w-0 flex-1 break-words">{value}</dd>
                        <dd class="text-meta text-ink-3">
                          <Show when={source(field)}>{(from) => t(`models.sources.${from() as "shipped"}`)}</Show>
                        </dd>
                      </div>
                    )}
                  </For>
                </dl>
                <Show when={known().version > 0 && can("models:write") && atRoot()}>
                  <div class="mt-4">
                    <Button look="danger" onClick={() => void forget()}>
                      {known().shipped ? t("models.asShipped") : t("common.delete")}
                    </Button>
                  </div>
                </Show>
              </ModelPrices>
            </>
          )}
        </Match>
      </Switch>
    </Dialog>
  );
}
