import { createMemo, createResource, createSignal, For, Show } from "solid-js";
import { readRouterUrl } from "../../api/config.ts";
import { Snippets } from "../../components/snippets.tsx";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { chatBody, settingsProblem } from "./chat-request.ts";
import type { Thread, Turn } from "./thread.ts";

/** What one column was asked last, for each client to ask it. */
export function CodeDialog(props: {
  thread: Thread;
  branch: readonly Turn[];
  draws: (model: string) => boolean;
  onClose: () => void;
}) {
  const [url] = createResource(readRouterUrl);
  const [at, setAt] = createSignal(0);
  const column = () => props.thread.columns[at()];
  const wrong = () => {
    const known = column();
    return known ? settingsProblem(known) : null;
  };
  const target = createMemo(() => {
    const known = column();
    if (known === undefined || wrong() !== null) return null;
    const { model, ...request } = chatBody(props.thread, props.branch, known, props.draws(known.model));
    return { router: url() ?? location.origin, key: null, model, request };
  });
  return (
    <Dialog
      look="wide"
      open
      onClose={props.onClose}
      title={t("playground.code.title")}
      description={t("playground.code.lead")}
    >
      <BarSelect
        label={t("playground.model")}
        value={String(at())}
        onChange={(event) => setAt(Number(event.currentTarget.value))}
      >
        <For each={props.thread.columns}>{({ model }, index) => <option value={String(index())}>{model}</option>}</For>
      </BarSelect>
      <Show when={wrong()}>{(name) => <p class="mt-3 text-bad">{t(`playground.wrong.${name()}`)}</p>}</Show>
      <Show when={target()}>
        {(known) => <Snippets class="mt-3" label={t("playground.code.clients")} target={known()} />}
      </Show>
    </Dialog>
  );
}
