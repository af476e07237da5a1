import { createSignal, onCleanup, Show } from "solid-js";
import { timeOfDay } from "../format/time.ts";
import { t } from "../text/text.ts";

/** Says that the browser is offline, and since when what is on the page is old. */
export function OfflineBanner() {
  const [since, setSince] = createSignal<string | null>(navigator.onLine ? null : new Date().toISOString());
  const online = () => setSince(null);
  const offline = () => setSince(new Date().toISOString());
  addEventListener("online", online);
  addEventListener("offline", offline);
  onCleanup(() => {
    removeEventListener("online", online);
    removeEventListener("offline", offline);
  });
  return (
    <Show when={since()}>
      {(moment) => (
        <p role="status" class="border-b border-rule bg-warn-bg px-4 py-2 text-table text-warn md:px-6">
          {t("shell.offline", { time: timeOfDay(moment()) })}
        </p>
      )}
    </Show>
  );
}
