import { Dialog } from "@kobalte/core/dialog";
import { createEffect, createResource, Show } from "solid-js";
import { type RequestRow, readRequest } from "../api/client.ts";
import { asFailure } from "../api/failure.ts";
import { Button } from "../parts/button.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { FailureNote } from "../parts/failure-note.tsx";
import { Outcome } from "../parts/request-cells.tsx";
import { RequestFacts, Revisions } from "./request-facts.tsx";

/** Everything known of one request, in a drawer. `row` is what the list knows already. */
export function RequestDetail(props: {
  id: string | null;
  row: RequestRow | undefined;
  now: number;
  onClose: () => void;
}) {
  const [detail, { refetch }] = createResource(() => props.id, readRequest);
  const answered = () => (detail.error ? undefined : detail.latest?.id === props.id ? detail.latest : undefined);
  let latest = "";
  createEffect(() => {
    if (props.id !== null) latest = props.id;
  });
  // The row opened it, not a trigger that the dialog knows of; by now the row may also be gone.
  const focusRow = (event: Event) => {
    event.preventDefault();
    const row = document.querySelector(`tr[data-request="${CSS.escape(latest)}"]`);
    row?.querySelector("button")?.focus({ preventScroll: true });
  };
  const request = () => props.row ?? answered();

  return (
    <Dialog open={props.id !== null} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay class="overlay-in fixed inset-0 z-40 bg-veil" />
        <Dialog.Content
          class="drawer-in fixed inset-y-0 right-0 z-50 w-full max-w-xl overflow-y-auto overscroll-contain bg-surface px-5 pb-8 shadow-overlay md:px-8"
          onCloseAutoFocus={focusRow}
        >
          <div class="sticky top-0 z-10 -mx-1 flex items-start gap-3 bg-surface px-1 pt-5 pb-4">
            <div class="min-w-0 flex-1">
              <Dialog.Title class="text-[1.125rem]/6 font-semibold break-words">
                {request()?.requested_model ?? "Request"}
              </Dialog.Title>
              <Dialog.Description class="mt-1 flex flex-wrap items-center gap-x-1">
                <span class="font-mono text-meta break-all text-ink-3">{props.id}</span>
                <CopyButton text={props.id ?? ""} what="the request's id" />
              </Dialog.Description>
            </div>
            <Dialog.CloseButton as={Button} look="plain" aria-label="Close">
              Close
            </Dialog.CloseButton>
          </div>
          <Show when={request()}>
            {(known) => (
              <>
                <div class="pb-5">
                  <Outcome request={known()} />
                </div>
                <RequestFacts request={known()} now={props.now} />
              </>
            )}
          </Show>
          <Show when={detail.error}>
            <FailureNote failure={asFailure(detail.error)} onRetry={refetch} />
          </Show>
          <Show when={detail.loading && !answered()}>
            <div class="space-y-3 border-t border-rule py-5" aria-busy="true">
              <span class="skeleton block h-3 w-32" />
              <span class="skeleton block h-24 w-full" />
            </div>
          </Show>
          <Show when={answered()}>
            {(known) => (
              <>
                <Revisions detail={known()} />
                <section class="border-t border-rule py-5">
                  <h3 class="caps">The provider's usage object</h3>
                  <pre class="mt-2 overflow-x-auto rounded-panel bg-sunken p-3 font-mono text-meta" tabindex="0">
                    {known().raw_usage === null ? "none given" : JSON.stringify(known().raw_usage, null, 2)}
                  </pre>
                </section>
              </>
            )}
          </Show>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  );
}
