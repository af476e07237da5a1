import { createSignal, Show } from "solid-js";
import { type ApiFailure, asFailure, failureOf } from "../../api/failure.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";

/** Sends the example's request from this page, for whoever has no shell at hand: the site hands `/v1` on to the router. */
export function RunHere(props: { apiKey: string; model: string }) {
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<ApiFailure | null>(null);
  const send = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const response = await fetch("/v1/chat/completions", {
        method: "POST",
        headers: { authorization: `Bearer ${props.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ model: props.model, messages: [{ role: "user", content: "Hello" }] }),
      });
      if (!response.ok) throw await failureOf(response);
      await response.text();
    } catch (thrown) {
      setFailure(asFailure(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="mt-3">
      <Button look="plain" disabled={busy()} onClick={() => void send()}>
        {t(busy() ? "start.running" : "start.runHere")}
      </Button>
      <Show when={failure()}>
        {(known) => (
          <div class="mt-3">
            <FailureNote failure={known()} />
          </div>
        )}
      </Show>
    </div>
  );
}
