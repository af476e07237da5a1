import { useSearchParams } from "@solidjs/router";
import { type Accessor, createMemo } from "solid-js";
import type { api } from "../../api/client.ts";
import { FILTERS, type Scope, useScope } from "../../state/scope.ts";
import { addConditions, BOUNDS, type Condition, sameCondition } from "./tokens.ts";

/** Parameters of `/api/requests`, and of its count, facets, histogram, export and feed. */
export type LogQuery = Parameters<typeof api.requests.$get>[0]["query"];

/** Which requests are meant. All of it stands in the address: the bar and the rail of facets are two views of the same. */
export interface LogFilters {
  scope: Scope;
  conditions: Accessor<Condition[]>;
  /** Free text: the beginning of an id, or a part of a model's name. */
  words: Accessor<string>;
  /** Adds conditions; `words` takes the place of what was there. */
  add(conditions: readonly Condition[], words?: string): void;
  remove(condition: Condition): void;
  toggle(condition: Condition): void;
  has(condition: Condition): boolean;
  clear(): void;
  query: Accessor<LogQuery>;
}

const PARAMS = [...FILTERS, ...BOUNDS];

export function useLogFilters(): LogFilters {
  const scope = useScope("-24h");
  const [params, setParams] = useSearchParams();
  const valuesOf = (name: string) => [params[name]].flat().filter((value): value is string => Boolean(value));
  const conditions = createMemo(() =>
    PARAMS.flatMap((param) => valuesOf(param).map((value): Condition => ({ param, value }))),
  );
  const words = () => valuesOf("q")[0] ?? "";
  const write = (next: readonly Condition[], q: string) => {
    const all: Record<string, string | string[] | null> = { q: q || null };
    for (const param of PARAMS) {
      const values = next.filter((one) => one.param === param).map(({ value }) => value);
      all[param] = values.length > 0 ? values : null;
    }
    setParams(all, { scroll: false });
  };
  const has = (condition: Condition) => conditions().some((one) => sameCondition(one, condition));
  const remove = (condition: Condition) =>
    write(
      conditions().filter((one) => !sameCondition(one, condition)),
      words(),
    );
  const add = (added: readonly Condition[], q?: string) => write(addConditions(conditions(), added), q ?? words());
  const query = createMemo(() => {
    const all: Record<string, string | string[]> = { ...scope.query() };
    for (const param of BOUNDS) {
      const value = valuesOf(param).at(-1);
      if (value !== undefined) all[param] = value;
    }
    if (words()) all.q = words();
    return all as LogQuery;
  });
  return {
    scope,
    conditions,
    words,
    add,
    remove,
    has,
    toggle: (condition) => (has(condition) ? remove(condition) : add([condition])),
    clear: () => write([], ""),
    query,
  };
}

/** The same parameters as the query of an address, for links that the browser follows by itself. */
export function asSearch(query: LogQuery): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) search.append(name, String(value));
  return search;
}
