import { type Accessor, createSignal, type JSX, Show, Suspense } from "solid-js";
import { Button } from "../ui/button.tsx";

/** A button, and a dialog that is fetched when it is first wanted. */
export function LaterDialog(props: {
  label: string;
  children: (open: Accessor<boolean>, close: () => void) => JSX.Element;
}) {
  const [wanted, setWanted] = createSignal(false);
  const [open, setOpen] = createSignal(false);
  return (
    <>
      <Button
        look="plain"
        aria-haspopup="dialog"
        onClick={() => {
          setWanted(true);
          setOpen(true);
        }}
      >
        {props.label}
      </Button>
      <Show when={wanted()}>
        <Suspense>{props.children(open, () => setOpen(false))}</Suspense>
      </Show>
    </>
  );
}
