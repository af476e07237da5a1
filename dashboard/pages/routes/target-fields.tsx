import { createUniqueId, For, Index, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { announce } from "../../state/announce.ts";
import type { Form } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { moved, newTarget, type TargetDraft } from "./route-draft.ts";

const MOST = 16;

/** Where a route leads: an ordered list, whose entries go up and down by buttons. */
export function TargetFields(props: {
  targets: readonly TargetDraft[];
  weighted: boolean;
  onChange: (targets: TargetDraft[]) => void;
  form: Form;
}) {
  const listId = createUniqueId();
  const models = useQuery(() => ({
    queryKey: ["models", "names"],
    staleTime: 300_000,
    queryFn: ({ signal }) =>
      ask(api.models.$get({ query: { limit: "200", enabled: "true", kind: "chat" } }, { init: { signal } })),
  }));
  let list!: HTMLOListElement;
  const change = (index: number, part: Partial<TargetDraft>) =>
    props.onChange(props.targets.map((target, place) => (place === index ? { ...target, ...part } : target)));
  const move = (index: number, by: -1 | 1) => {
    // What was wrong was told by place.
    props.form.forget();
    props.onChange(moved(props.targets, index, by));
    announce(t("routes.isAt", { model: props.targets[index + by]?.model ?? "", place: index + by + 1 }));
    // The button goes along with its target.
    const row = list.children[index + by];
    const usable = [...(row?.querySelectorAll<HTMLButtonElement>("button[data-move]") ?? [])].filter(
      ({ disabled }) => !disabled,
    );
    (usable.find(({ dataset }) => dataset.move === String(by)) ?? usable[0])?.focus();
  };
  return (
    <fieldset>
      <legend class="mb-1 text-table font-medium">{t("routes.targets")}</legend>
      <datalist id={listId}>
        <For each={models.data?.data ?? []}>{({ id }) => <option value={id} />}</For>
      </datalist>
      <ol ref={list} class="border-t border-rule">
        <Index each={props.targets}>
          {(target, index) => (
            <li class="border-b border-rule py-3">
              <div class={`grid gap-3 ${props.weighted ? "sm:grid-cols-[1fr_8rem_5rem]" : "sm:grid-cols-[1fr_8rem]"}`}>
                <TextField
                  label={t("routes.target", { place: index + 1 })}
                  list={listId}
                  required
                  spellcheck={false}
                  value={target().model}
                  onInput={(event) => change(index, { model: event.currentTarget.value })}
                  error={props.form.errorOf(`targets[${index}].model`) ?? props.form.errorOf(`targets[${index}]`)}
                />
                <TextField
                  label={t("routes.credential")}
                  optional
                  spellcheck={false}
                  value={target().credential}
                  onInput={(event) => change(index, { credential: event.currentTarget.value })}
                  error={props.form.errorOf(`targets[${index}].credential`)}
                />
                <Show when={props.weighted}>
                  <TextField
                    label={t("routes.weight")}
                    type="number"
                    min="1"
                    max="1000"
                    required
                    value={target().weight}
                    onInput={(event) => change(index, { weight: event.currentTarget.value })}
                    error={props.form.errorOf(`targets[${index}].weight`)}
                  />
                </Show>
              </div>
              <div class="mt-2 flex flex-wrap gap-1">
                <Button look="quiet" data-move="-1" disabled={index === 0} onClick={() => move(index, -1)}>
                  {t("routes.up")}
                  <span class="sr-only">{target().model}</span>
                </Button>
                <Button
                  look="quiet"
                  data-move="1"
                  disabled={index === props.targets.length - 1}
                  onClick={() => move(index, 1)}
                >
                  {t("routes.down")}
                  <span class="sr-only">{target().model}</span>
                </Button>
                <Button
                  look="quiet"
                  disabled={props.targets.length === 1}
                  onClick={() => props.onChange(props.targets.filter((_, place) => place !== index))}
                >
                  {t("common.remove")}
                  <span class="sr-only">{target().model}</span>
                </Button>
              </div>
            </li>
          )}
        </Index>
      </ol>
      <Button
        look="plain"
        class="mt-3"
        disabled={props.targets.length >= MOST}
        onClick={() => props.onChange([...props.targets, newTarget()])}
      >
        {t("routes.addTarget")}
      </Button>
    </fieldset>
  );
}
