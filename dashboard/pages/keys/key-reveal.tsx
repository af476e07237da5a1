import { createSignal, For, lazy, Show, Suspense } from "solid-js";
import { Reveal } from "../../components/reveal.tsx";
import { t } from "../../text/text.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import type { MadeKey } from "./create-key.tsx";

const KeyExamples = lazy(async () => ({ default: (await import("./key-examples.tsx")).KeyExamples }));

/** A new key's text, this once: to be copied, saved, or taken with a client's first request, which is folded away. */
export function KeyReveal(props: { made: MadeKey | null; onClose: () => void }) {
  const [unfolded, setUnfolded] = createSignal(false);
  /** Where it may ask models at all. */
  const asking = () => (props.made?.permissions.includes("write") ? props.made : null);
  const file = () => {
    const name = (props.made?.name ?? "key").toLowerCase().replace(/[^a-z0-9]+/g, "-");
    return { name: `${name}.env`, text: `GAIA_API_KEY=${props.made?.text}\n` };
  };
  const close = () => {
    setUnfolded(false);
    props.onClose();
  };
  return (
    <Reveal
      title={t("keys.reveal", { name: props.made?.name ?? "" })}
      secret={props.made?.text ?? null}
      file={file()}
      onClose={close}
      more={(onTaken) => (
        <Show when={asking()}>
          {(key) => (
            <details class="mt-3 border-t border-rule pt-3" onToggle={() => setUnfolded(true)}>
              <summary class="cursor-pointer text-table font-medium">{t("keys.examples")}</summary>
              <Show when={unfolded()}>
                <Suspense fallback={<RowsSkeleton rows={10} />}>
                  <KeyExamples text={key().text} models={key().models} onCopy={onTaken} />
                </Suspense>
              </Show>
            </details>
          )}
        </Show>
      )}
    >
      <Show when={(props.made?.problems.length ?? 0) > 0}>
        <div class="mt-3 rounded-panel border-l-4 border-bad bg-bad-bg px-4 py-2" role="alert">
          <p class="font-medium text-bad">{t("keys.limitsFailed")}</p>
          <ul class="text-table">
            <For each={props.made?.problems}>{(problem) => <li>{problem}</li>}</For>
          </ul>
        </div>
      </Show>
    </Reveal>
  );
}
