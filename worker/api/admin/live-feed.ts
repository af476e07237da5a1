import { isUlid } from "../../lib/ulid.ts";
import type { Arrival } from "../../usage/log/arrivals.ts";
import type { RequestRecord } from "../../usage/requests.ts";

/** One look a second: so many are shown, the rest is counted. */
const POLL_MS = 1_000;
const MOST_SHOWN = 20;
/** What is settled needs so long to be in Postgres; what needs longer is in the log and not in the feed. */
const LAG_MS = 1_500;
/** A connection ends after so long; a browser comes back by itself, and is asked anew who it is. */
const LONGEST_MS = 5 * 60_000;
const KEEP_ALIVE_MS = 15_000;
/** So often it is asked whether whoever reads may still do so. */
const CHECK_MS = 15_000;
/** Looks that may fail one after the other. */
const MOST_FAILURES = 3;
/** After every id of its moment. */
const LAST_ID = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";

export interface LiveFeed {
  /** What was settled after a place and until a moment, milliseconds since the epoch. */
  read(range: { after: Arrival; until: number; limit: number }): Promise<{ requests: RequestRecord[]; found: number }>;
  /** Them as they are shown, in their order. */
  bodies(requests: RequestRecord[]): Promise<unknown[]>;
  /** Whether whoever reads may do so still. */
  isLetIn(): Promise<boolean>;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  report(cause: unknown): void;
}

const event = (type: string, { settledAt, eventId }: Arrival, data: unknown): string =>
  `event: ${type}\nid: ${settledAt}.${eventId}\ndata: ${JSON.stringify(data)}\n\n`;

/** The place that `Last-Event-ID` names, if it is one of ours; none too long ago, or it would be an export. */
function placeOf(lastEventId: string | undefined, now: number): Arrival {
  const [, settledAt = "", eventId = ""] = /^(\d{1,15})\.([0-9A-Z]{26})$/.exec(lastEventId ?? "") ?? [];
  const start = { settledAt: now - LAG_MS, eventId: LAST_ID };
  if (!isUlid(eventId) || Number(settledAt) > now) return start;
  return Number(settledAt) < now - LONGEST_MS
    ? { settledAt: now - LONGEST_MS, eventId: LAST_ID }
    : { settledAt: Number(settledAt), eventId };
}

/**
 * Requests as server-sent events, in the order they were settled, from now or after the event a client has seen last:
 * `request` for each of the first twenty a second, `more` with the number of the rest. Ends after five minutes,
 * and within fifteen seconds of the moment from which its reader would not be let in any more.
 */
export function liveFeed(feed: LiveFeed, lastEventId: string | undefined): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let open = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => {
        if (open) controller.enqueue(encoder.encode(text));
      };
      send("retry: 1000\n\n");
      const ended = follow(feed, placeOf(lastEventId, feed.now()), send, () => open);
      ended.then(
        () => open && controller.close(),
        (cause: unknown) => {
          feed.report(cause);
          if (open) controller.close();
        },
      );
    },
    cancel() {
      open = false;
    },
  });
}

async function follow(
  feed: LiveFeed,
  from: Arrival,
  send: (text: string) => void,
  isOpen: () => boolean,
): Promise<void> {
  const ends = feed.now() + LONGEST_MS;
  let after = from;
  let saidAt = feed.now();
  let checkedAt = feed.now();
  for (let failures = 0; isOpen() && feed.now() < ends; await feed.sleep(POLL_MS)) {
    const until = feed.now() - LAG_MS;
    if (until <= after.settledAt) continue;
    try {
      if (feed.now() - checkedAt >= CHECK_MS) {
        if (!(await feed.isLetIn())) return;
        checkedAt = feed.now();
      }
      const { requests, found } = await feed.read({ after, until, limit: MOST_SHOWN });
      const bodies = requests.length === 0 ? [] : await feed.bodies(requests);
      failures = 0;
      for (const [index, request] of requests.entries()) {
        after = { settledAt: request.settledAt.getTime(), eventId: request.eventId };
        send(event("request", after, bodies[index]));
      }
      after = { settledAt: until, eventId: LAST_ID };
      if (found > requests.length) send(event("more", after, { count: found - requests.length }));
      if (found > 0) saidAt = feed.now();
    } catch (cause) {
      if (++failures >= MOST_FAILURES) throw cause;
    }
    if (feed.now() - saidAt >= KEEP_ALIVE_MS) {
      send(": still here\n\n");
      saidAt = feed.now();
    }
  }
}
