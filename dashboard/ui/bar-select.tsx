import { type JSX, splitProps } from "solid-js";

/** A select without a visible name, for a bar of controls. `steady`: as wide before its options are there as with them. */
export function BarSelect(
  props: { label: string; steady?: boolean } & Omit<JSX.SelectHTMLAttributes<HTMLSelectElement>, "class">,
) {
  const [named, rest] = splitProps(props, ["label", "steady"]);
  return (
    <select
      aria-label={named.label}
      title={named.label}
      class={`min-h-8 truncate rounded-control border border-edge bg-surface px-2 text-table text-ink pointer-coarse:min-h-11 ${named.steady ? "w-48" : "max-w-48"}`}
      {...rest}
    />
  );
}
