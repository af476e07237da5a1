import { useQueryClient } from "@tanstack/solid-query";
import { createEffect, createSignal, type JSX, on, Show } from "solid-js";
import { asFailure } from "../api/failure.ts";
import { proveAgain } from "../state/prove-again.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { FailureNote } from "./failure-note.tsx";

/**
 * Asks before what has an impact, and says which: `children` show what lives by it. With `typed`, for what cannot be undone, the
 * name must be written too, and whoever signed in a while ago shows once more who they are. The safe button has the focus. Closed
 * when `onConfirm` has done it.
 */
export function Confirm(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  action: string;
  typed?: string;
  /** Of the button that does it; `danger` where it is left out. */
  look?: "danger" | "primary";
  /** It is not known yet what it would do. */
  pending?: boolean;
  /** It cannot be done: `children` say why not. */
  refused?: boolean;
  /** What has the focus afterwards, when what opened it is gone. */
  finalFocus?: () => HTMLElement | null;
  onConfirm: () => Promise<unknown>;
  children: JSX.Element;
}) {
  const client = useQueryClient();
  const [written, setWritten] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<unknown>(null);
  let safe: HTMLButtonElement | undefined;

  createEffect(
    on(
      () => props.pending,
      (pending) => pending === false && props.open && queueMicrotask(() => safe?.focus()),
      { defer: true },
    ),
  );
  const close = () => {
    setWritten("");
    setProblem(null);
    props.onClose();
  };
  const confirm = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      if (props.typed !== undefined && !(await proveAgain())) return;
      await props.onConfirm();
      close();
    } catch (thrown) {
      setProblem(thrown);
      // What was decided on is no longer so: the page shows how it is now, and a second attempt goes against that.
      if (asFailure(thrown).kind === "changed_meanwhile") void client.invalidateQueries();
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={props.open}
      onClose={close}
      title={props.title}
      initialFocus={() => safe}
      finalFocus={props.finalFocus}
    >
      <Show when={!props.pending} fallback={<RowsSkeleton rows={5} />}>
        <form onSubmit={confirm}>
          <div class="space-y-3 text-ink-2">{props.children}</div>
          <Show when={!props.refused && props.typed}>
            {(name) => (
              <TextField
                class="mt-4"
                label={t("common.confirmName", { name: name() })}
                value={written()}
                onInput={(event) => setWritten(event.currentTarget.value)}
              />
            )}
          </Show>
          <Show when={problem()}>
            <div class="mt-4">
              <FailureNote failure={asFailure(problem())} />
            </div>
          </Show>
          <Actions>
            <Button look="plain" ref={safe} onClick={close}>
              {props.refused ? t("common.close") : t("common.cancel")}
            </Button>
            <Show when={!props.refused}>
              <Button
                look={props.look ?? "danger"}
                type="submit"
                disabled={busy() || (props.typed !== undefined && written().trim() !== props.typed)}
              >
                {props.action}
              </Button>
            </Show>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
