import { CLIENTS, type Target } from "../snippets/clients.ts";
import { t } from "../text/text.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Tabs } from "../ui/tabs.tsx";

const HIDDEN = /sk-gaia-\S+?(?=["'\s]|$)/g;

/** The same request for every client, ready to paste. A key in it is copied whole and shown in part. */
export function Snippets(props: { target: Target; client: string; onClient: (id: string) => void }) {
  const client = () => (CLIENTS.some(({ id }) => id === props.client) ? props.client : CLIENTS[0]?.id);
  return (
    <Tabs
      label={t("start.clients")}
      value={client()}
      onChange={(id) => props.onClient(id === CLIENTS[0]?.id ? "" : id)}
      tabs={CLIENTS.map(({ id, name, file, code }) => ({
        id,
        name,
        content: () => (
          <div class="rounded-panel border border-rule bg-surface">
            <pre class="h-72 overflow-auto p-4 font-mono text-meta leading-5" tabindex="0">
              <code>{code(props.target).replace(HIDDEN, (key) => `${key.slice(0, 12)}…${key.slice(-4)}`)}</code>
            </pre>
            <div class="flex items-center justify-between gap-4 border-t border-rule py-1 pr-1 pl-4">
              <span class="font-mono text-meta text-ink-3">{file}</span>
              <CopyButton text={code(props.target)} what={name} />
            </div>
          </div>
        ),
      }))}
    />
  );
}
