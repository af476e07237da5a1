import { createResource, createSignal, For } from "solid-js";
import { readRouterUrl } from "../../api/config.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { CLIENTS } from "./code.ts";
import type { Column } from "./thread.ts";

/** The last question of one column, for each client to ask it. */
export function CodeDialog(props: { columns: readonly Column[]; system: string; prompt: string; onClose: () => void }) {
  const [url] = createResource(readRouterUrl);
  const [at, setAt] = createSignal(0);
  const code = (client: (typeof CLIENTS)[number]): string => {
    const column = props.columns[at()];
    if (!column) return "";
    const { system, prompt } = props;
    return client.code({ router: url() ?? location.origin, column, system: system.trim(), prompt });
  };
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
        <For each={props.columns}>{({ model }, index) => <option value={String(index())}>{model}</option>}</For>
      </BarSelect>
      <Tabs
        class="mt-3"
        label={t("playground.code.clients")}
        tabs={CLIENTS.map((client) => ({
          id: client.id,
          name: client.name,
          content: () => (
            <div class="rounded-panel border border-rule bg-canvas">
              <pre class="max-h-96 overflow-auto p-4 font-mono text-meta leading-5" tabindex="0">
                <code>{code(client)}</code>
              </pre>
              <div class="flex justify-end border-t border-rule p-1">
                <CopyButton text={code(client)} what={client.name} />
              </div>
            </div>
          ),
        }))}
      />
    </Dialog>
  );
}
