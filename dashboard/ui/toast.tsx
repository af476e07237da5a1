import { type Component, createSignal } from "solid-js";
import { Dynamic } from "solid-js/web";
import { onceIdle } from "./once-idle.ts";

const [list, setList] = createSignal<Component>();
const read = async () => {
  const { ToastList, show } = await import("./toast-list.tsx");
  setList(() => ToastList);
  return show;
};
onceIdle(read);

/** Where toasts stand; the shell has it. */
export const ToastRegion = () => <Dynamic component={list()} />;

/** Says what was done, for ten seconds, with a way back where there is one. */
export const say = (text: string, undo?: () => void): void => void read().then((show) => show(text, undo));
