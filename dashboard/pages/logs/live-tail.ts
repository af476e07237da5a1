import { type Accessor, createEffect, createSignal, onCleanup, untrack } from "solid-js";
import { api } from "../../api/client.ts";
import { type ApiFailure, asFailure, failureOf } from "../../api/failure.ts";
import { LEFT } from "../../api/left.ts";
import { createVisible } from "../../state/visible.ts";
import type { LogQuery } from "./log-filters.ts";
import type { LogRow } from "./log-rows.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Rows that come within this time are shown together: the list is laid out a few times a second, whatever arrives. */
const TOGETHER_MS = 200;
/** So many wait while nobody wants them; of older ones only the number is known. */
const MOST_WAITING = 1_000;

export interface LiveTail {
  /** How many came while it was held, and are shown when it goes on. */
  waiting: Accessor<number>;
  /** How many came faster than the feed tells them: they are in the log, not in the list. */
  missed: Accessor<number>;
  isOpen: Accessor<boolean>;
  failure: Accessor<ApiFailure | null>;
  /** Shows what waits. */
  release(): void;
  /** The list was loaded anew: nothing is missing from it. */
  reset(): void;
}

/**
 * Follows what is settled, by server-sent events, while `enabled` and the page can be seen; a tab in the background asks
 * nothing, and goes on where it was. While `held`, rows wait: what somebody is reading must not move.
 */
export function createLiveTail(options: {
  query: Accessor<LogQuery>;
  enabled: Accessor<boolean>;
  held: Accessor<boolean>;
  onRows: (newestFirst: readonly LogRow[]) => void;
}): LiveTail {
  const visible = createVisible();
  const [waiting, setWaiting] = createSignal<readonly LogRow[]>([]);
  const [missed, setMissed] = createSignal(0);
  const [isOpen, setOpen] = createSignal(false);
  const [failure, setFailure] = createSignal<ApiFailure | null>(null);
  let lastId: string | undefined;
  /** Just come, the newest first. */
  let fresh: LogRow[] = [];
  let gathering: ReturnType<typeof setTimeout> | undefined;
  const gathered = () => {
    clearTimeout(gathering);
    gathering = undefined;
    const rows = [...fresh, ...untrack(waiting)];
    fresh = [];
    if (rows.length > MOST_WAITING) setMissed((count) => count + rows.length - MOST_WAITING);
    setWaiting(rows.slice(0, MOST_WAITING));
  };
  onCleanup(() => clearTimeout(gathering));

  const release = () => {
    const rows = waiting();
    if (rows.length === 0) return;
    setWaiting([]);
    options.onRows(rows);
  };
  const reset = () => {
    fresh = [];
    setWaiting([]);
    setMissed(0);
  };
  const take = (event: { event?: string | undefined; data: string; id?: string | undefined }) => {
    lastId = event.id ?? lastId;
    if (event.event === "more") setMissed((count) => count + (JSON.parse(event.data) as { count: number }).count);
    if (event.event !== "request") return;
    fresh.unshift(JSON.parse(event.data) as LogRow);
    gathering ??= setTimeout(gathered, TOGETHER_MS);
  };

  async function read(query: LogQuery, signal: AbortSignal): Promise<void> {
    const { from: _from, to: _to, ...given } = query;
    const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
    const { EventSourceParserStream } = await import("eventsource-parser/stream");
    const response = await api.requests.live.$get({ query: given }, { init: { signal }, headers });
    if (!response.ok || !response.body) throw await failureOf(response);
    setOpen(true);
    setFailure(null);
    const events = (response.body as ReadableStream<BufferSource>)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
      .getReader();
    for (let next = await events.read(); !next.done; next = await events.read()) take(next.value);
  }

  createEffect(() => {
    const query = options.query();
    if (!options.enabled() || !visible()) return;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const round = async (): Promise<void> => {
      const problem = await read(query, ended.signal).then(() => null, asFailure);
      if (ended.signal.aborted) return;
      setOpen(false);
      setFailure(problem);
      failures = problem ? failures + 1 : 0;
      timer = setTimeout(round, Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS));
    };
    void untrack(round);
    onCleanup(() => {
      ended.abort(LEFT);
      clearTimeout(timer);
      setOpen(false);
    });
  });
  // Another question begins anew.
  createEffect(() => {
    options.query();
    options.enabled();
    lastId = undefined;
    untrack(reset);
  });
  createEffect(() => {
    if (!options.held() && waiting().length > 0) untrack(release);
  });

  return { waiting: () => waiting().length, missed, isOpen, failure, release, reset };
}
