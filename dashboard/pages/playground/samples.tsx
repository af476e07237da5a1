import { For } from "solid-js";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";

/** Where nothing was asked yet: something to ask. */
export const Samples = (props: { onPick: (text: string) => void }) => (
  <div class="py-10 text-center">
    <p class="text-[1.125rem]/6 font-[650] tracking-tight">{t("playground.empty")}</p>
    <div class="mt-4 flex flex-wrap justify-center gap-2">
      <For each={["one", "two", "three"] as const}>
        {(name) => (
          <Button look="plain" class="!whitespace-normal" onClick={() => props.onPick(t(`playground.samples.${name}`))}>
            {t(`playground.samples.${name}`)}
          </Button>
        )}
      </For>
    </div>
  </div>
);
