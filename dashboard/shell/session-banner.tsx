import { Show } from "solid-js";
import { askToSignIn, sessionEnd } from "../api/client.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";

/** Says that nothing can be asked or saved until its reader signs in again, once they chose to look at the page first. */
export function SessionBanner() {
  return (
    <div role="status">
      <Show when={sessionEnd() === "put_off"}>
        <div class="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-rule bg-warn-bg px-4 py-2 text-table text-warn md:px-6">
          <p>{t("shell.expired.putOff")}</p>
          <Button look="plain" class="bg-surface" onClick={askToSignIn}>
            {t("shell.expired.again")}
          </Button>
        </div>
      </Show>
    </div>
  );
}
