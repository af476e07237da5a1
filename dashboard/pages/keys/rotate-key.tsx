import { createSignal, For, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { bare, useKeyCache } from "./key-cache.ts";
import { KeyImpact } from "./key-impact.tsx";
import type { ChangedKey } from "./key-query.ts";

const HOUR_S = 3600;
const OVERLAPS_H = [24, 0, 1, 72] as const;

/** Gives a key another text; the old one goes on working for a while, so that its users can change over. */
export function RotateKey(props: {
  apiKey: ChangedKey;
  open: boolean;
  onClose: () => void;
  onText: (text: string) => void;
}) {
  const cache = useKeyCache();
  const form = createForm();
  const [hours, setHours] = createSignal(24);
  let safe: HTMLButtonElement | undefined;

  const rotate = async (event: SubmitEvent) => {
    event.preventDefault();
    const done = await form.send(async () => {
      const answer = await ask(
        api.keys[":id"].rotate.$post(
          { param: { id: props.apiKey.id }, json: { overlap_seconds: hours() * HOUR_S } },
          ifVersion(props.apiKey.version),
        ),
      );
      cache.show(bare(answer));
      props.onClose();
      props.onText(answer.key);
    });
    if (!done && form.failure()?.kind === "changed_meanwhile") void cache.reread();
  };

  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("keys.rotateTitle", { name: props.apiKey.name })}
      initialFocus={() => safe}
    >
      <Show when={props.open}>
        <form class="space-y-4" onSubmit={rotate}>
          <div class="text-ink-2">
            <p>{t("keys.rotateBody")}</p>
            <KeyImpact id={props.apiKey.id} />
          </div>
          <Select label={t("keys.overlap")} onChange={(event) => setHours(Number(event.currentTarget.value))}>
            <For each={OVERLAPS_H}>
              {(value) => (
                <option value={value} selected={value === hours()}>
                  {value === 0 ? t("keys.overlapNone") : plural("keys.overlapHours", value)}
                </option>
              )}
            </For>
          </Select>
          <FormFailure form={form} />
          <Actions>
            <Button look="plain" ref={safe} onClick={() => props.onClose()}>
              {t("common.cancel")}
            </Button>
            <Button look="primary" type="submit" disabled={form.busy()}>
              {t("keys.rotate")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
