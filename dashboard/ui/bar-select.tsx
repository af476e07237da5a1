import { type JSX, splitProps } from "solid-js";

/** A select without a visible name, for a bar of controls. */
export function BarSelect(props: { label: string } & Omit<JSX.SelectHTMLAttributes<HTMLSelectElement>, "class">) {
  const [named, rest] = splitProps(props, ["label"]);
  return (
    <select
      aria-label={named.label}
      title={named.label}
      class="min-h-8 max-w-48 truncate rounded-control border border-edge bg-surface px-2 text-table text-ink pointer-coarse:min-h-11"
      {...rest}
    />
  );
}
