import { For, Show } from "solid-js";
import { download } from "../../state/download.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { bytesOf, endingOf } from "./images.ts";
import type { Answer } from "./thread.ts";

/** The images that a model made, each to be taken away. They stand in the answer: nothing is fetched for them. */
export function AnswerImages(props: { answer: Answer; name: string }) {
  const images = () => props.answer.images ?? [];
  return (
    <>
      <Show when={images().length > 0}>
        <ul class="mt-2 grid grid-cols-[repeat(auto-fill,minmax(min(100%,10rem),1fr))] gap-3">
          <For each={images()}>
            {(data, index) => (
              <li class="flex min-w-0 flex-col items-start gap-1">
                <img
                  src={data}
                  alt={t("playground.images.alt", {
                    count: index() + 1,
                    total: images().length,
                    model: props.name,
                  })}
                  class="aspect-square w-full rounded-panel border border-rule bg-sunken object-contain"
                />
                <Button
                  look="quiet"
                  class="-ml-2.5"
                  onClick={() => {
                    const { bytes, type } = bytesOf(data);
                    download(`${props.answer.id}-${index() + 1}.${endingOf(data)}`, bytes, type);
                  }}
                >
                  {t("playground.images.download")}
                  <span class="sr-only">{t("playground.images.which", { count: index() + 1, model: props.name })}</span>
                </Button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.answer.imagesLeft}>
        {(count) => <p class="mt-2 text-table text-warn">{t("playground.images.left", { count: count() })}</p>}
      </Show>
    </>
  );
}
