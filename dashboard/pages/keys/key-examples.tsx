import { createResource, Show } from "solid-js";
import { readRouterUrl } from "../../api/config.ts";
import { Snippets } from "../../components/snippets.tsx";
import { exampleModel } from "../../snippets/target.ts";
import { t } from "../../text/text.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";

/** A new key in a first request by every client. */
export function KeyExamples(props: { text: string; models: readonly string[] | null; onCopy: () => void }) {
  const [url] = createResource(readRouterUrl);
  return (
    <Show when={!url.loading} fallback={<RowsSkeleton rows={10} />}>
      <Snippets
        class="mt-3"
        label={t("keys.exampleClients")}
        target={{ router: url() ?? location.origin, key: props.text, model: exampleModel(props.models) }}
        onCopy={props.onCopy}
      />
    </Show>
  );
}
