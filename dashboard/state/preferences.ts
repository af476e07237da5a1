import { type Accessor, createSignal } from "solid-js";

/** A choice that this browser keeps. `values` are what may be chosen, the first by default. */
function createPreference<const Value extends string>(
  name: string,
  values: readonly [Value, ...Value[]],
): [value: Accessor<Value>, set: (value: Value) => void] {
  const read = (): Value => values.find((value) => value === localStorage.getItem(name)) ?? values[0];
  const [value, setValue] = createSignal<Value>(read());
  addEventListener("storage", ({ key }) => {
    if (key === name) setValue(() => read());
  });
  return [
    value,
    (next) => {
      localStorage.setItem(name, next);
      setValue(() => next);
    },
  ];
}

/** How high a table's rows are: 32, 28 or 40 pixels. */
export const [density, setDensity] = createPreference("density", ["normal", "compact", "cosy"]);

/** Whether single letters are shortcuts (WCAG 2.1.4 wants that they can be turned off). */
export const [singleKeys, setSingleKeys] = createPreference("single-keys", ["on", "off"]);
