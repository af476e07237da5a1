import type { JSX } from "solid-js";
import { Dynamic } from "solid-js/web";
import { Later } from "./later.tsx";

export interface PopoverProps {
  label: string;
  /** Names what opens, for those who do not see where it stands. */
  title: string;
  look?: "plain" | "quiet";
  children: JSX.Element;
}

const read = async () => (await import("./popover-overlay.tsx")).PopoverOverlay;

/** A button that opens a few controls beside it. Escape and what lies outside close it; the focus goes back to the button. */
export const Popover = (props: PopoverProps) => (
  <Later read={read} standIn={{ look: props.look ?? "plain", children: props.label }}>
    {(whole, standing) => <Dynamic component={whole} {...props} {...standing} />}
  </Later>
);
