import { type Accessor, createSignal } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { latestRequests, type RequestRow } from "../api/client.ts";
import { asFailure } from "../api/failure.ts";
import { createPoll, type Poll } from "./poll.ts";

const LIMIT = 50;
const EVERY_MS = 1000;

export interface LiveRequests extends Poll {
  rows: readonly RequestRow[];
  /** False until the first answer. */
  loaded: Accessor<boolean>;
  /** When the gateway gave the latest answer, ISO 8601. */
  asOf: Accessor<string | null>;
  /** How many new rows wait, because somebody is reading. */
  waiting: Accessor<number>;
  /** Ids of the rows that came after the first answer. */
  arrived: ReadonlySet<string>;
  /** While true, the rows on the page stay where they are. */
  setReading(reading: boolean): void;
  live: Accessor<boolean>;
  setLive(live: boolean): void;
}

/** The latest requests, kept up to date. `onEnded` is called when the gateway no longer knows the session. */
export function createLiveRequests(onEnded: () => void): LiveRequests {
  const [rows, setRows] = createStore<RequestRow[]>([]);
  const [loaded, setLoaded] = createSignal(false);
  const [asOf, setAsOf] = createSignal<string | null>(null);
  const [live, setLive] = createSignal(true);
  const [newest, setNewest] = createSignal<RequestRow[]>([]);
  const [waiting, setWaiting] = createSignal(0);
  const arrived = new Set<string>();
  let reading = false;

  const show = (): void => {
    const known = new Set(rows.map(({ id }) => id));
    const fresh = newest().filter(({ id }) => !known.has(id));
    if (reading && loaded() && fresh.length > 0) {
      setWaiting(fresh.length);
      return;
    }
    if (loaded()) for (const { id } of fresh) arrived.add(id);
    setRows(reconcile(newest(), { key: "id" }));
    setWaiting(0);
  };

  const poll = createPoll({
    everyMs: EVERY_MS,
    enabled: live,
    ask: async (signal) => {
      try {
        const page = await latestRequests(LIMIT, signal);
        setNewest(page.data);
        show();
        setAsOf(page.as_of);
        setLoaded(true);
      } catch (thrown) {
        if (asFailure(thrown).kind === "signed_out") onEnded();
        throw thrown;
      }
    },
  });

  return {
    ...poll,
    rows,
    loaded,
    asOf,
    waiting,
    arrived,
    live,
    setLive,
    setReading(next) {
      reading = next;
      if (!next) show();
    },
  };
}
