import type { JSX } from "solid-js";

/**
 * A part of a table that is made of boxes: the virtualiser places rows by themselves, which a `<tr>` cannot be, and a table
 * whose parts are laid out otherwise is no table to some screen readers unless its roles are written.
 */
export const TableBox = (
  props: {
    role: "table" | "rowgroup" | "row" | "columnheader" | "cell" | "presentation";
  } & Omit<JSX.HTMLAttributes<HTMLDivElement>, "role">,
) => <div {...props} />;
