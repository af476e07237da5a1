import { useMutation, useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { usePages } from "../../api/use-pages.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { plural, t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";

type Change = InferResponseType<typeof api.models.changes.$get>["data"][number];

const KINDS = ["all", "new", "changed", "gone"] as const;
const TONES = { new: "ok", changed: "info", gone: "warn" } as const;
const AT_ONCE = 500;
const written = (value: unknown): string =>
  value === null || value === undefined ? "—" : typeof value === "string" ? value : JSON.stringify(value);

/** What the providers' lists say that is not known, or known otherwise: ticked and taken over, or dismissed. */
export function SyncModels(props: { open: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [kind, setKind] = createSignal<(typeof KINDS)[number]>("all");
  const [ticked, setTicked] = createSignal<string[]>([]);
  const query = () => {
    const wanted = kind();
    return { limit: "100", ...(wanted === "all" ? {} : { kind: wanted }) };
  };
  const changes = usePages(() => ({
    key: ["models", "changes", query()],
    enabled: props.open,
    read: (cursor, init) => ask(api.models.changes.$get({ query: { ...query(), ...cursor } }, init)),
  }));
  const rows = () => changes.rows() as Change[];
  const reread = () => client.invalidateQueries({ queryKey: ["models"] });
  const read = useMutation(() => ({
    mutationFn: () => ask(api.models.sync.$post()),
    onSuccess: ({ done, total }) => say(t("models.readLists", { done, total })),
    onSettled: reread,
  }));
  const decide = useMutation(() => ({
    mutationFn: (what: "accept" | "dismiss") =>
      ask(api.models.changes[what].$post({ json: { ids: ticked().slice(0, AT_ONCE) } })),
    onSuccess: ({ results, succeeded, failed }) => {
      setTicked(results.filter(({ error }) => error !== null).map(({ id }) => id));
      say(
        failed > 0
          ? t("models.decidedSome", {
              succeeded,
              failed,
              reason: results.find(({ error }) => error)?.error?.message ?? "",
            })
          : plural("models.decided", succeeded),
      );
    },
    onSettled: reread,
  }));
  const tick = (id: string, on: boolean) => setTicked(on ? [...ticked(), id] : ticked().filter((one) => one !== id));

  return (
    <Dialog
      look="wide"
      open={props.open}
      onClose={props.onClose}
      title={t("models.sync")}
      description={t("models.syncLead")}
    >
      <div class="mb-3 flex flex-wrap items-center gap-2">
        <Button look="plain" disabled={read.isPending} onClick={() => read.mutate()}>
          {read.isPending ? t("models.reading") : t("models.readNow")}
        </Button>
        <BarSelect
          label={t("models.changeKind")}
          value={kind()}
          onChange={(event) => {
            setKind(event.currentTarget.value as (typeof KINDS)[number]);
            setTicked([]);
          }}
        >
          <For each={KINDS}>
            {(one) => {
              const counted = () => (one === "all" ? undefined : changes.first()?.counts[one]);
              return (
                <option value={one}>
                  {t(`models.changes.${one}`)}
                  {counted() === undefined ? "" : ` (${counted()})`}
                </option>
              );
            }}
          </For>
        </BarSelect>
        <span class="ml-auto flex flex-wrap gap-2">
          <Button
            look="plain"
            disabled={rows().length === 0}
            onClick={() => setTicked(ticked().length === rows().length ? [] : rows().map(({ id }) => id))}
          >
            {ticked().length > 0 && ticked().length === rows().length ? t("common.none") : t("common.all")}
          </Button>
          <Button
            look="plain"
            disabled={ticked().length === 0 || decide.isPending}
            onClick={() => decide.mutate("dismiss")}
          >
            {t("models.dismiss")}
          </Button>
          <Button
            look="primary"
            disabled={ticked().length === 0 || decide.isPending}
            onClick={() => decide.mutate("accept")}
          >
            {t("models.accept", { count: ticked().length })}
          </Button>
        </span>
      </div>
      <Show when={changes.query.error ?? read.error ?? decide.error}>
        {(error) => <FailureNote failure={asFailure(error())} />}
      </Show>
      {/* What is read anew comes as a whole: nothing that is ticked moves away meanwhile. */}
      <Show when={changes.query.isSuccess && !read.isPending} fallback={<RowsSkeleton rows={8} />}>
        <Show when={rows().length > 0} fallback={<p class="py-6 text-center text-ink-2">{t("models.noChanges")}</p>}>
          <ul class="border-t border-rule text-table">
            <For each={rows()}>
              {(change) => (
                <li class="flex gap-3 border-b border-rule py-2">
                  <input
                    type="checkbox"
                    class="mt-0.5 size-4 shrink-0 accent-accent pointer-coarse:size-6"
                    aria-label={t("models.choose", { model: change.model })}
                    checked={ticked().includes(change.id)}
                    onChange={(event) => tick(change.id, event.currentTarget.checked)}
                  />
                  <div class="min-w-0 flex-1">
                    <span class="font-medium break-all">{change.model}</span>{" "}
                    <Chip tone={TONES[change.kind]}>{t(`models.changes.${change.kind}`)}</Chip>{" "}
                    <Show when={change.simulated}>
                      <Chip tone="plain">{t("models.simulated")}</Chip>
                    </Show>
                    <ul class="mt-1 text-meta text-ink-2">
                      <For each={change.fields}>
                        {({ field, before, after }) => (
                          <li class="break-words">
                            <span class="font-mono">{field}</span>:{" "}
                            <Show when={before !== null}>
                              <del>{written(before)}</del> →{" "}
                            </Show>
                            <ins class="no-underline">{written(after)}</ins>
                          </li>
                        )}
                      </For>
                    </ul>
                  </div>
                </li>
              )}
            </For>
          </ul>
          <Show when={changes.more()}>
            {(more) => (
              <Button look="quiet" class="mt-2" disabled={more().busy} onClick={() => more().onMore()}>
                {t("common.more")}
              </Button>
            )}
          </Show>
        </Show>
      </Show>
    </Dialog>
  );
}
