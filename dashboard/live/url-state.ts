import { type Accessor, createSignal, onCleanup } from "solid-js";

const read = (name: string): string | null => new URL(location.href).searchParams.get(name);

/** A parameter of the page's own URL, so that a reload, a link and the Back button show what was open. */
export function createUrlState(name: string): [value: Accessor<string | null>, set: (value: string | null) => void] {
  const [value, setValue] = createSignal(read(name));
  const update = () => setValue(read(name));
  addEventListener("popstate", update);
  onCleanup(() => removeEventListener("popstate", update));

  return [
    value,
    (next) => {
      if (next === value()) return;
      const url = new URL(location.href);
      if (next === null) url.searchParams.delete(name);
      else url.searchParams.set(name, next);
      history.pushState(null, "", url);
      setValue(next);
    },
  ];
}
