import { createMemo, For, Show } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";

const written = (value: unknown): string | null =>
  value === null || value === undefined || value === ""
    ? null
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
    props.fields.map(({ name, yours, theirs }) => {
      const [one, other] = [written(yours), written(theirs)];
      return { name, one, other, same: one === other };
    }),
  );
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("common.changed.title")}
      description={t("common.changed.body")}
    >
      <VersionTable
        heads={[t("common.changed.field"), t("common.changed.yours"), t("common.changed.theirs")]}
        parts={differing()}
      />
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

/** A part of something in two versions of it; null where there is none. */
interface VersionPart {
  name: string;
  one: string | null;
  other: string | null;
  same?: boolean;
}

const NOTHING = "—";

/** Two versions of one thing, part by part. `heads` name the part and both versions. `struck`: the other one is there in place of the one. */
export const VersionTable = (props: {
  heads: readonly [part: string, one: string, other: string];
  parts: readonly VersionPart[];
  struck?: boolean;
}) => {
  const cell = () => `py-1.5 ${props.struck ? "font-mono text-meta break-all whitespace-pre-wrap" : "break-words"}`;
  return (
    <table class="w-full text-table text-ink">
      <thead>
        <tr class="border-b border-rule text-left text-meta text-ink-3">
          <For each={props.heads}>
            {(head) => (
              <th scope="col" class="py-1.5 pr-3 last:pr-0">
                {head}
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody>
        <For each={props.parts}>
          {({ name, one, other, same }) => (
            <tr class={`border-b border-rule align-top ${same ? "text-ink-3" : ""}`}>
              <th scope="row" class="py-1.5 pr-3 text-left font-medium sm:whitespace-nowrap">
                {name}
              </th>
              <td class={`${cell()} pr-3`}>
                <Show when={props.struck && !same && one !== null} fallback={one ?? NOTHING}>
                  <del class="text-ink-3">{one}</del>
                </Show>
              </td>
              <td class={cell()}>
                <Show when={props.struck && !same && other !== null} fallback={other ?? NOTHING}>
                  <ins class="bg-accent-bg no-underline">{other}</ins>
                </Show>
              </td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
};
