import type { JSX } from "solid-js";
import { Dynamic } from "solid-js/web";
import { Later } from "./later.tsx";

export interface MenuItem {
  label: string;
  onSelect: () => void;
  /** Keys that do the same, as written. */
  keys?: string;
  tone?: "bad";
  disabled?: boolean;
}

export interface MenuProps {
  /** Names the button where its content does not. */
  label: string;
  items: readonly MenuItem[];
  look?: "primary" | "plain" | "quiet";
  class?: string;
  children: JSX.Element;
}

const read = async () => (await import("./menu-overlay.tsx")).MenuOverlay;

/** A button that opens a list of things to do. */
export const Menu = (props: MenuProps) => (
  <Later
    read={read}
    standIn={{
      ...{ look: props.look ?? "plain", class: props.class, "aria-label": props.label },
      get children() {
        return props.children;
      },
    }}
  >
    {(whole, standing) => <Dynamic component={whole} {...props} {...standing} />}
  </Later>
);
