import { createSignal, type JSX, Show } from "solid-js";
import { asFailure } from "../api/failure.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { FailureNote } from "./failure-note.tsx";

/**
 * Asks before what has an impact, and says which: `children` show what lives by it. With `typed`, the name must be written
 * too: for what cannot be undone. The safe button has the focus. Closed when `onConfirm` has done it.
 */
export function Confirm(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  action: string;
  typed?: string;
  /** Of the button that does it; `danger` where it is left out. */
  look?: "danger" | "primary";
  onConfirm: () => Promise<unknown>;
  children: JSX.Element;
}) {
  const [written, setWritten] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<unknown>(null);
  let safe: HTMLButtonElement | undefined;

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
      await props.onConfirm();
      close();
    } catch (thrown) {
      setProblem(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open={props.open} onClose={close} title={props.title} initialFocus={() => safe}>
      <form onSubmit={confirm}>
        <div class="space-y-3 text-ink-2">{props.children}</div>
        <Show when={props.typed}>
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
            {t("common.cancel")}
          </Button>
          <Button
            look={props.look ?? "danger"}
            type="submit"
            disabled={busy() || (props.typed !== undefined && written().trim() !== props.typed)}
          >
            {props.action}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
