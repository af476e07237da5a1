import { createMemo, For } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";

const written = (value: unknown): string =>
  value === null || value === undefined || value === ""
    ? "—"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

/**
 * Two people have edited one thing: both versions of the fields that this one wanted to change, side by side. What was written
 * stays in the form until one of them is chosen.
 */
export function ChangedMeanwhile(props: {
  open: boolean;
  /** Under the API's names, with the words for them. */
  fields: readonly { name: string; yours: unknown; theirs: unknown }[];
  onOverwrite: () => void;
  onTake: () => void;
  onClose: () => void;
}) {
  const differing = createMemo(() =>
    props.fields.map((field) => ({ ...field, yours: written(field.yours), theirs: written(field.theirs) })),
  );
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("common.changed.title")}
      description={t("common.changed.body")}
    >
      <table class="w-full text-table">
        <thead>
          <tr class="border-b border-rule text-left text-meta text-ink-3">
            <th scope="col" class="py-1.5 pr-3">
              {t("common.changed.field")}
            </th>
            <th scope="col" class="py-1.5 pr-3">
              {t("common.changed.yours")}
            </th>
            <th scope="col" class="py-1.5">
              {t("common.changed.theirs")}
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={differing()}>
            {({ name, yours, theirs }) => (
              <tr class={`border-b border-rule align-top ${yours === theirs ? "text-ink-3" : ""}`}>
                <th scope="row" class="py-1.5 pr-3 text-left font-medium">
                  {name}
                </th>
                <td class="py-1.5 pr-3 break-words">{yours}</td>
                <td class="py-1.5 break-words">{theirs}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <Actions>
        <Button look="plain" onClick={() => props.onTake()}>
          {t("common.changed.take")}
        </Button>
        <Button look="primary" onClick={() => props.onOverwrite()}>
          {t("common.changed.overwrite")}
        </Button>
      </Actions>
    </Dialog>
  );
}
