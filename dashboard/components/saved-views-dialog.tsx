import { useLocation } from "@solidjs/router";
import { useMutation, useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, For, Show } from "solid-js";
import { api, ask, ifVersion } from "../api/client.ts";
import { asFailure } from "../api/failure.ts";
import { useQuery } from "../api/use-query.ts";
import { useAccount } from "../state/account.tsx";
import { createForm } from "../state/form.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Check, TextField } from "../ui/field.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { FailureNote } from "./failure-note.tsx";

/** A page that has something to keep. */
export type Page = NonNullable<Parameters<typeof api.views.$get>[0]["query"]["page"]>;
type View = InferResponseType<typeof api.views.$get>["data"][number];

/** The kept views of a page: each opens it, one's own can be deleted, and what is seen now can be kept. */
export function SavedViewsDialog(props: { page: Page; path: string; open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("common.views.title")}
      description={t("common.views.lead")}
    >
      <Views page={props.page} path={props.path} onClose={props.onClose} />
    </Dialog>
  );
}

function Views(props: { page: Page; path: string; onClose: () => void }) {
  const client = useQueryClient();
  const key = ["views", props.page];
  const list = useQuery(() => ({
    queryKey: key,
    queryFn: ({ signal }) => ask(api.views.$get({ query: { page: props.page, limit: "200" } }, { init: { signal } })),
  }));
  const remove = useMutation(() => ({
    mutationFn: ({ id, version }: View) => ask(api.views[":id"].$delete({ param: { id } }, ifVersion(version))),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  }));
  return (
    <>
      <Show when={list.error ?? remove.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <Show when={!list.isPending} fallback={<RowsSkeleton rows={3} />}>
        <ul>
          <For each={list.data?.data ?? []} fallback={<li class="text-ink-2">{t("common.views.none")}</li>}>
            {(view) => (
              <li class="relative flex min-h-10 items-center gap-3 border-b border-rule hover:bg-sunken">
                <a
                  href={view.query ? `${props.path}?${view.query}` : props.path}
                  class="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0"
                  onClick={props.onClose}
                >
                  {view.name}
                </a>
                <Show when={view.organization_id}>
                  <Chip tone="plain">
                    {view.own ? t("common.views.shared") : t("common.views.of", { name: view.owner.name })}
                  </Chip>
                </Show>
                <Show when={view.own}>
                  <Button
                    look="quiet"
                    class="relative z-10"
                    aria-label={t("common.views.remove", { name: view.name })}
                    disabled={remove.isPending}
                    onClick={() => remove.mutate(view)}
                  >
                    {t("common.delete")}
                  </Button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <NewView page={props.page} onSaved={() => void client.invalidateQueries({ queryKey: key })} />
    </>
  );
}

function NewView(props: { page: Page; onSaved: () => void }) {
  const { account, can } = useAccount();
  const location = useLocation();
  const form = createForm();
  const [name, setName] = createSignal("");
  const [shared, setShared] = createSignal(false);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const saved = await form.send(() =>
      ask(
        api.views.$post({
          json: {
            ...{ name: name().trim(), page: props.page, query: location.search.replace(/^\?/, "") },
            organization_id: shared() ? account().organization.id : null,
          },
        }),
      ),
    );
    if (!saved) return;
    setName("");
    props.onSaved();
  };
  return (
    <form class="mt-6 space-y-3" onSubmit={save}>
      <TextField
        label={t("common.views.name")}
        required
        maxlength={64}
        value={name()}
        error={form.errorOf("name")}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <Show when={can("own_keys:write")}>
        <Check
          label={t("common.views.share", { organization: account().organization.name })}
          checked={shared()}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
      </Show>
      <Show when={form.failure()}>
        {(failure) => (
          <Show when={failure().param !== "name"}>
            <FailureNote failure={failure()} />
          </Show>
        )}
      </Show>
      <Button look="primary" type="submit" disabled={form.busy()}>
        {t("common.views.save")}
      </Button>
    </form>
  );
}
