import { createSignal, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { onceIdle } from "./once-idle.ts";

const [toasts, setToasts] = createSignal<typeof import("./toast-list.tsx")>();
const read = async () => {
  const all = await import("./toast-list.tsx");
  setToasts(all);
  return all;
};
onceIdle(read);

/** Where toasts stand; the shell has it. */
export const ToastRegion = () => <Show when={toasts()}>{(all) => <Dynamic component={all().ToastList} />}</Show>;

/** Says what was done, for ten seconds, with a way back where there is one. */
export const say = (text: string, undo?: () => void): void => void read().then(({ show }) => show(text, undo));
