import { createSignal, For, Show } from "solid-js";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select, TextArea, TextField } from "../../ui/field.tsx";
import { settingsProblem } from "./chat-request.ts";
import { effortsOf, type Models } from "./models.ts";
import { type Column, NO_SETTINGS, type Settings } from "./thread.ts";

/** Efforts of a model that is not known. */
const EFFORTS = ["minimal", "low", "medium", "high"];

/** Which model a column asks, and with what. */
export function ColumnHead(props: {
  column: Column;
  models: Models;
  /** `id` of the page's list of models. */
  list: string;
  canRemove: boolean;
  onModel: (model: string) => void;
  onSettings: (settings: Settings, all: boolean) => void;
  onRemove: () => void;
}) {
  const [isOpen, setOpen] = createSignal(false);
  const made = () => Object.values(props.column.settings).filter((text) => text.trim() !== "").length;
  return (
    <div class="flex min-w-0 items-center gap-1">
      <input
        type="text"
        aria-label={t("playground.model")}
        list={props.list}
        spellcheck={false}
        autocomplete="off"
        class="min-h-8 w-full min-w-0 rounded-control border border-edge bg-surface px-2.5 font-mono text-meta pointer-coarse:min-h-11"
        value={props.column.model}
        // The browser's list shows what fits what is written: all of it, when that is nothing.
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => props.onModel(event.currentTarget.value.trim())}
      />
      <Button look="quiet" onClick={() => setOpen(true)} title={t("playground.settings.title")}>
        ⚙<Show when={made() > 0}>{made()}</Show>
        <span class="sr-only">
          {t("playground.settings.title")} {props.column.model}
        </span>
      </Button>
      <Show when={props.canRemove}>
        <Button look="quiet" onClick={() => props.onRemove()}>
          ×
          <span class="sr-only">
            {t("playground.removeColumn")} {props.column.model}
          </span>
        </Button>
      </Show>
      <Show when={isOpen()}>
        <SettingsDialog
          column={props.column}
          models={props.models}
          onClose={() => setOpen(false)}
          onSave={(settings, all) => {
            props.onSettings(settings, all);
            setOpen(false);
          }}
        />
      </Show>
    </div>
  );
}

function SettingsDialog(props: {
  column: Column;
  models: Models;
  onClose: () => void;
  onSave: (settings: Settings, all: boolean) => void;
}) {
  const [draft, setDraft] = createSignal<Settings>({ ...props.column.settings });
  const wrong = () => settingsProblem({ ...props.column, settings: draft() });
  const field = (name: keyof Settings) => ({
    label: t(`playground.settings.${name}`),
    value: draft()[name],
    error: wrong() === name ? t(`playground.wrong.${name}` as "playground.wrong.tools") : null,
    onInput: (event: { currentTarget: { value: string } }) =>
      setDraft((all) => ({ ...all, [name]: event.currentTarget.value })),
  });
  const known = () => props.models.find(props.column.model);
  const efforts = () => effortsOf(known()) ?? EFFORTS;
  const save = (all: boolean) => !wrong() && props.onSave(draft(), all);
  return (
    <Dialog open onClose={props.onClose} title={t("playground.settings.title")} description={props.column.model}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save(false);
        }}
      >
        <div class="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
          <TextField {...field("temperature")} inputmode="decimal" placeholder="0–2" />
          <TextField {...field("topP")} inputmode="decimal" placeholder="0–1" />
          <TextField {...field("maxTokens")} inputmode="numeric" />
        </div>
        <Select
          class="mt-3"
          label={t("playground.settings.effort")}
          hint={known() && effortsOf(known()) === null ? t("playground.settings.noEffort") : undefined}
          value={draft().effort}
          onChange={(event) => setDraft((all) => ({ ...all, effort: event.currentTarget.value }))}
        >
          <option value="">{t("playground.settings.default")}</option>
          <For each={efforts()}>{(effort) => <option value={effort}>{effort}</option>}</For>
        </Select>
        <TextArea class="mt-3" {...field("tools")} hint={t("playground.settings.toolsHint")} spellcheck={false} />
        <TextArea class="mt-3" {...field("schema")} hint={t("playground.settings.schemaHint")} spellcheck={false} />
        <Actions>
          <Button look="quiet" class="mr-auto" onClick={() => setDraft(NO_SETTINGS)}>
            {t("common.clear")}
          </Button>
          <Button look="plain" disabled={wrong() !== null} onClick={() => save(true)}>
            {t("playground.settings.all")}
          </Button>
          <Button look="primary" type="submit" disabled={wrong() !== null}>
            {t("playground.settings.one")}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
