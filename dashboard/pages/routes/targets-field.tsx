import { createUniqueId, For, Index, Show } from "solid-js";
import { announce } from "../../state/announce.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { useModelNames } from "./use-routes.ts";

export interface Target {
  model: string;
  credential: string | null;
  weight: number;
}

const MOST_TARGETS = 16;

/** The targets in their order, moved by buttons: the same by mouse, by touch and by keyboard. */
export function TargetsField(props: {
  targets: readonly Target[];
  weighted: boolean;
  editable: boolean;
  errorOf: (field: string) => string | null;
  onChange: (targets: Target[]) => void;
}) {
  const names = useModelNames();
  const id = createUniqueId();
  const change = (at: number, changed: Partial<Target>) =>
    props.onChange(props.targets.map((target, index) => (index === at ? { ...target, ...changed } : target)));
  const move = (at: number, by: -1 | 1) => {
    const targets = [...props.targets];
    const [moved] = targets.splice(at, 1);
    if (!moved) return;
    targets.splice(at + by, 0, moved);
    props.onChange(targets);
    announce(t("routes.movedTo", { model: moved.model, number: at + by + 1 }));
  };

  return (
    <fieldset>
      <legend class="text-table font-medium">{t("routes.fields.targets")}</legend>
      <datalist id={id}>
        <For each={names.data ?? []}>{(name) => <option value={name} />}</For>
      </datalist>
      <ol class="mt-1 border-t border-rule">
        <Index each={props.targets}>
          {(target, at) => (
            <li class="flex flex-wrap items-end gap-2 border-b border-rule py-2">
              <TextField
                class="min-w-48 flex-1"
                label={t("routes.fields.model", { number: at + 1 })}
                required
                list={id}
                maxlength={256}
                placeholder="openai/gpt-6.1-sol"
                disabled={!props.editable}
                value={target().model}
                onInput={(event) => change(at, { model: event.currentTarget.value })}
                error={
                  props.errorOf(`targets[${at}].model`) ??
                  props.errorOf(`targets[${at}]`) ??
                  props.errorOf(`targets[${at}].credential`)
                }
              />
              <Show when={props.weighted}>
                <TextField
                  class="w-28"
                  label={t("routes.fields.weight", { number: at + 1 })}
                  inputmode="numeric"
                  required
                  disabled={!props.editable}
                  value={target().weight}
                  onInput={(event) => change(at, { weight: Number(event.currentTarget.value) })}
                  error={props.errorOf(`targets[${at}].weight`)}
                />
              </Show>
              <Show when={props.editable}>
                <div class="flex gap-1">
                  <Button
                    look="quiet"
                    disabled={at === 0}
                    aria-label={t("routes.fields.up", { number: at + 1 })}
                    onClick={() => move(at, -1)}
                  >
                    ↑
                  </Button>
                  <Button
                    look="quiet"
                    disabled={at === props.targets.length - 1}
                    aria-label={t("routes.fields.down", { number: at + 1 })}
                    onClick={() => move(at, 1)}
                  >
                    ↓
                  </Button>
                  <Button
                    look="quiet"
                    disabled={props.targets.length === 1}
                    aria-label={t("routes.fields.remove", { number: at + 1 })}
                    onClick={() => props.onChange(props.targets.filter((_, index) => index !== at))}
                  >
                    ×
                  </Button>
                </div>
              </Show>
            </li>
          )}
        </Index>
      </ol>
      <Show when={props.errorOf("targets")}>
        {(text) => <p class="mt-1 text-meta font-medium text-bad">{text()}</p>}
      </Show>
      <Show when={props.editable && props.targets.length < MOST_TARGETS}>
        <Button
          look="quiet"
          class="mt-2 -ml-2.5"
          onClick={() => props.onChange([...props.targets, { model: "", credential: null, weight: 1 }])}
        >
          + {t("routes.fields.add")}
        </Button>
      </Show>
    </fieldset>
  );
}
