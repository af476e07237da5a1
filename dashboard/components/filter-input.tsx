import { onCleanup } from "solid-js";

const AFTER_MS = 250;

/** A line to narrow a list by, in a bar of controls; it narrows a quarter of a second after the last letter. */
export function FilterInput(props: {
  label: string;
  value: string;
  onChange: (value: string, step: "replace") => void;
  /** `/` goes here: one of a page. */
  main?: boolean;
}) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  return (
    <input
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      data-main-filter={props.main ? "" : undefined}
      class="min-h-8 w-56 rounded-control border border-edge bg-surface px-2.5 text-table placeholder:text-ink-3 pointer-coarse:min-h-11"
      value={props.value}
      onInput={(event) => {
        const { value } = event.currentTarget;
        clearTimeout(timer);
        timer = setTimeout(() => props.onChange(value.trim(), "replace"), AFTER_MS);
      }}
    />
  );
}
