import { createSignal } from "solid-js";
import { CLIENTS } from "../snippets/clients.ts";
import { filesOf } from "../snippets/request-parts.ts";
import { HELLO, type Target } from "../snippets/target.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Tabs } from "../ui/tabs.tsx";

const HIDDEN = /sk-gaia-\S+?(?=["'\s]|$)/g;

/** The same request for every client, ready to paste. A key in it is copied whole and shown in part. */
export function Snippets(props: {
  label: string;
  /** Without a request, the shortest there is. */
  target: Omit<Target, "request"> & Partial<Pick<Target, "request">>;
  /** Whose is shown, where the page knows it; "": the first. */
  client?: string;
  onClient?: (id: string) => void;
  /** One was copied, and its key with it. */
  onCopy?: () => void;
  class?: string;
}) {
  const [own, setOwn] = createSignal("");
  const client = () => CLIENTS.find(({ id }) => id === (props.client ?? own()))?.id ?? CLIENTS[0]?.id;
  const target = (): Target => ({ request: HELLO, ...props.target });
  const beside = () => [...filesOf(target().request).values()].map(({ name }) => ` + ${name}`).join("");
  return (
    <Tabs
      class={props.class}
      label={props.label}
      value={client()}
      onChange={(id) => (props.onClient ?? setOwn)(id === CLIENTS[0]?.id ? "" : id)}
      tabs={CLIENTS.map(({ id, name, file, code }) => ({
        id,
        name,
        content: () => (
          <div class="rounded-panel border border-rule bg-surface">
            <pre class="h-80 overflow-auto p-4 font-mono text-meta leading-5" tabindex="0">
              <code>{code(target()).replace(HIDDEN, (key) => `${key.slice(0, 12)}…${key.slice(-4)}`)}</code>
            </pre>
            <div class="flex items-center justify-between gap-4 border-t border-rule py-1 pr-1 pl-4">
              <span class="font-mono text-meta text-ink-3">
                {file}
                {beside()}
              </span>
              <CopyButton text={code(target())} what={name} onCopy={props.onCopy} />
            </div>
          </div>
        ),
      }))}
    />
  );
}
