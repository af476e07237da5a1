import { useSearchParams } from "@solidjs/router";
import { type Accessor, createMemo } from "solid-js";
import { useAccount } from "./account.tsx";
import { useChoice, useParam, useParams } from "./address.ts";

/** What statistics and the log may be narrowed to, as the API and the address name it. */
export const FILTERS = [
  "model",
  "provider",
  "key",
  "member",
  "route",
  "status",
  "outcome",
  "error_code",
  "session",
  "agent",
  "client",
  "end_user",
  "dialect",
  "tag",
] as const;
export type Filter = (typeof FILTERS)[number];

/** A period before now, or two moments. */
export const RANGES = ["-1h", "-24h", "-7d", "-30d", "-90d"] as const;

/** Of an address's parameters those that go along to another page: whose usage, of which time, narrowed to what. */
export function carriedSearch(search: string): string {
  const carried = new URLSearchParams();
  const all = new URLSearchParams(search);
  for (const name of ["org", "from", "to", "tz", "cmp", ...FILTERS])
    for (const value of all.getAll(name)) carried.append(name, value);
  return carried.size > 0 ? `?${carried}` : "";
}

/** What the whole page is about: whose usage, of which time, in whose days. It stands in the address, and follows from page to page. */
export interface Scope {
  organization: Accessor<string>;
  setOrganization(id: string): void;
  /** `-30d`, or an ISO moment. */
  from: Accessor<string>;
  /** An ISO moment; empty: now. */
  to: Accessor<string>;
  setRange(from: string, to?: string): void;
  /** The period where the address names none. */
  defaultRange: string;
  /** An IANA zone, by whose clocks days begin. */
  zone: Accessor<string>;
  setZone(zone: string): void;
  compare: Accessor<"previous" | "off">;
  setCompare(compare: "previous" | "off"): void;
  filters: Record<Filter, [values: Accessor<string[]>, set: (values: string[], step?: "push" | "replace") => void]>;
  /** Whether any filter is set. */
  narrowed: Accessor<boolean>;
  /** Takes all filters off, in one step of the browser's history. */
  clear(): void;
  /** As parameters of `/api/stats/*` and `/api/requests*`. */
  query: Accessor<Record<string, string | string[]>>;
}

/** The scope of the page. `defaultRange` is where no period is in the address. */
export function useScope(defaultRange: (typeof RANGES)[number] = "-30d"): Scope {
  const { account } = useAccount();
  const [organization, setOrganization] = useParam("org");
  const [, setParams] = useSearchParams();
  const [from] = useParam("from", defaultRange);
  const [to] = useParam("to");
  const home = () => account().user.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [zone, setZone] = useParam("tz", home());
  const [compare, setCompare] = useChoice("cmp", ["previous", "off"]);
  const filters = Object.fromEntries(FILTERS.map((name) => [name, useParams(name)])) as Scope["filters"];

  const chosen = createMemo(() =>
    FILTERS.flatMap((name) => filters[name][0]().map((value): [Filter, string] => [name, value])),
  );
  const query = createMemo(() => {
    const all: Record<string, string | string[]> = { from: from(), tz: zone() };
    if (to()) all.to = to();
    if (organization()) all.organization = organization();
    for (const [name, value] of chosen()) all[name] = [...(all[name] ?? []), value];
    return all;
  });
  return {
    organization,
    setOrganization,
    from,
    to,
    defaultRange,
    setRange: (next, until = "") =>
      setParams({ from: next === defaultRange && !until ? null : next, to: until || null }, { scroll: false }),
    zone,
    setZone,
    compare,
    setCompare,
    filters,
    narrowed: () => chosen().length > 0,
    clear: () => setParams(Object.fromEntries(FILTERS.map((name) => [name, null])), { scroll: false }),
    query,
  };
}
