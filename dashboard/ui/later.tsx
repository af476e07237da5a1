import { createSignal, type JSX, Show } from "solid-js";
import { Button } from "./button.tsx";
import { onceIdle } from "./once-idle.ts";

/** What a button with an overlay takes over from its stand-in. */
export interface Standing {
  startOpen: boolean;
  ref: (button: HTMLButtonElement) => void;
}

/**
 * The button of something that opens, before that is there: it is read when the page stands, or when somebody comes near the
 * button. Then the real one takes its place, its focus, and the click that was waiting.
 */
export function Later<Whole extends object>(props: {
  read: () => Promise<Whole>;
  standIn: Parameters<typeof Button>[0];
  children: (whole: Whole, standing: Standing) => JSX.Element;
}) {
  const [whole, setWhole] = createSignal<Whole>();
  let isWanted = false;
  let button: HTMLButtonElement | undefined;
  const come = async () => {
    const read = await props.read();
    if (whole()) return;
    const hasFocus = document.activeElement === button;
    setWhole(() => read);
    if (hasFocus && !isWanted) button?.focus({ preventScroll: true });
  };
  const takeOver = (real: HTMLButtonElement) => {
    button = real;
  };
  const comeNear = () => void come().catch(() => undefined);
  onceIdle(come);
  return (
    <Show
      when={whole()}
      fallback={
        <Button
          {...props.standIn}
          ref={button}
          aria-haspopup="true"
          aria-expanded="false"
          onPointerEnter={comeNear}
          onFocus={comeNear}
          onClick={() => {
            isWanted = true;
            comeNear();
          }}
        />
      }
    >
      {(read) => props.children(read(), { startOpen: isWanted, ref: takeOver })}
    </Show>
  );
}
