import { useSearchParams } from "@solidjs/router";
import type { Accessor } from "solid-js";

/** How a parameter is set: what a reader could want to go back from is a step in the browser's history, typing is not. */
type Step = "push" | "replace";

/**
 * A parameter of the page's address, so that a reload, a link and the Back button show the same. An empty value and the
 * default are not written.
 */
export function useParam(
  name: string,
  fallback = "",
): [value: Accessor<string>, set: (value: string, step?: Step) => void] {
  const [params, setParams] = useSearchParams();
  const value = (): string => [params[name]].flat()[0] || fallback;
  return [
    value,
    (next, step = "push") => {
      if (next === value()) return;
      setParams(
        { [name]: next === fallback || next === "" ? null : next },
        { replace: step === "replace", scroll: false },
      );
    },
  ];
}

/** A parameter of few known values; another one in the address counts as the first. */
export function useChoice<const Value extends string>(
  name: string,
  values: readonly [Value, ...Value[]],
): [value: Accessor<Value>, set: (value: Value) => void] {
  const [value, setValue] = useParam(name, values[0]);
  return [() => values.find((known) => known === value()) ?? values[0], setValue];
}

/** A parameter that may stand in the address several times. */
export function useParams(name: string): [values: Accessor<string[]>, set: (values: string[], step?: Step) => void] {
  const [params, setParams] = useSearchParams();
  return [
    () => [params[name]].flat().filter((value): value is string => Boolean(value)),
    (next, step = "push") =>
      setParams({ [name]: next.length > 0 ? next : null }, { replace: step === "replace", scroll: false }),
  ];
}
