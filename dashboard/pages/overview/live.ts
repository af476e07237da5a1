import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { place } from "../../api/place.ts";
import type { RequestRow } from "../../api/requests.ts";
import type { StatsQuery } from "../../api/stats.ts";
import { useQuery } from "../../api/use-query.ts";
import { createVisible } from "../../state/visible.ts";
import { latestOf } from "../../usage/latest.ts";

const SHOWN = 10;
const POLL_MS = 5_000;
/** What the rows show, and nothing else of a request. */
const FIELDS = [
  ...["id", "created_at", "status", "outcome", "attempts", "requested_model", "provider", "upstream_model"],
  ...["simulated", "route_name", "key_name", "tokens", "cost_usd", "price_version", "exact", "duration_ms", "ttft_ms"],
].join(",");

function asSearch(query: StatsQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) search.append(name, one);
  return `${search}`;
}

/**
 * The latest requests of an organization and filters. The feed brings what is settled from now on; where it cannot be had the list is asked for every five
 * seconds. It begins when somebody is `near`. While `reading`, rows stay where they are; a hidden page asks nothing.
 */
export function createLatest(narrowed: Accessor<StatsQuery>, reading: Accessor<boolean>, near: Accessor<boolean>) {
  const visible = createVisible();
  const [feedFails, setFeedFails] = createSignal(false);
  const [since, setSince] = createSignal<readonly RequestRow[]>([]);
  /** What is to come has no period. */
  const scope = createMemo(() => {
    const { from: _from, to: _to, tz: _tz, compare: _compare, ...same } = narrowed();
    return { ...same, fields: FIELDS };
  });
  const key = createMemo(() => asSearch(scope()));
  const query = useQuery(() => ({
    queryKey: ["requests", "latest", key()],
    queryFn: ({ signal }) =>
      ask(api.requests.$get({ query: { ...scope(), limit: `${SHOWN}` } as never }, { init: { signal } })),
    enabled: near(),
    refetchInterval: feedFails() && visible() ? POLL_MS : false,
  }));

  createEffect(
    on([() => visible() && near(), key], ([isVisible, search]) => {
      setSince([]);
      // A feed cannot say at which of their organizations somebody acts.
      if (!isVisible || place() !== null) {
        setFeedFails(place() !== null);
        return;
      }
      const feed = new EventSource(`/api/requests/live?${search}`);
      feed.addEventListener("request", ({ data }: MessageEvent<string>) => {
        const row = JSON.parse(data) as RequestRow;
        setSince((known) => latestOf(known, [row], SHOWN));
      });
      feed.addEventListener("open", () => setFeedFails(false));
      // While it connects again by itself it has not failed.
      feed.addEventListener("error", () => setFeedFails(feed.readyState === EventSource.CLOSED));
      onCleanup(() => feed.close());
    }),
  );

  const newest = createMemo(() => latestOf<RequestRow>(query.data?.data ?? [], since(), SHOWN));
  const rows = createMemo<RequestRow[]>((before) => (reading() && before.length > 0 ? before : newest()), []);
  const waiting = createMemo(() => {
    const known = new Set(rows().map(({ id }) => id));
    return newest().filter(({ id }) => !known.has(id)).length;
  });
  const came = createMemo(() => new Set(since().map(({ id }) => id)));
  return { query, rows, waiting, came };
}

/** Whether somebody points at a part of the page, or has the focus there. */
export function createReading() {
  const [pointed, setPointed] = createSignal(false);
  const [focused, setFocused] = createSignal(false);
  return {
    isReading: () => pointed() || focused(),
    /** Whose pointer and focus it is. */
    watch(part: HTMLElement) {
      part.addEventListener("mouseenter", () => setPointed(true));
      part.addEventListener("mouseleave", () => setPointed(false));
      part.addEventListener("focusin", () => setFocused(true));
      part.addEventListener("focusout", () => setFocused(false));
    },
  };
}
