import { expect, test } from "vitest";
import { type LiveFeed, liveFeed } from "../../../../worker/api/admin/live-feed.ts";
import { requestBody } from "../../../../worker/api/request-body.ts";
import { newUlid } from "../../../../worker/lib/ulid.ts";
import type { Arrival } from "../../../../worker/usage/log/arrivals.ts";
import type { EventRow } from "../../../../worker/usage/requests.ts";
import { mergeRevisions } from "../../../../worker/usage/requests.ts";
import { usageEvent } from "../../../support/usage-event.ts";

const START = 1_800_000_000_000;

/** A request that was settled so many milliseconds after the beginning. */
function settled(after: number, index = 0) {
  const eventId = newUlid(START + after, (length) => new Uint8Array(length).fill(index % 32));
  const event = usageEvent({ eventId, startedAt: START + after - 100 });
  const row = { ...event, day: "", startedAt: new Date(event.startedAt), settledAt: new Date(START + after) };
  return mergeRevisions([row as unknown as EventRow]);
}

interface World {
  /** What is there to be read, in order. */
  requests: ReturnType<typeof settled>[];
  /** Looks that fail, by their number. */
  failing?: number[];
  lastEventId?: string;
  /** Milliseconds after the beginning from which on the reader is not let in. */
  outAt?: number;
}

/** Follows a feed to its end on a clock that moves only when it sleeps. */
async function follow({ requests, failing = [], lastEventId, outAt = Number.POSITIVE_INFINITY }: World) {
  let now = START;
  let looks = 0;
  const asked: { after: Arrival; until: number }[] = [];
  const reports: unknown[] = [];
  const feed: LiveFeed = {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    report: (cause) => reports.push(cause),
    bodies: async (shown) => shown.map(requestBody),
    isLetIn: async () => now < START + outAt,
    async read({ after, until, limit }) {
      asked.push({ after, until });
      if (failing.includes(++looks)) throw new Error("away");
      const found = requests.filter(({ settledAt, eventId }) => {
        const at = settledAt.getTime();
        return at <= until && (at > after.settledAt || (at === after.settledAt && eventId > after.eventId));
      });
      return { requests: found.slice(0, limit), found: found.length };
    },
  };
  const text = await new Response(liveFeed(feed, lastEventId)).text();
  const blocks = text.split("\n\n").filter((block) => block !== "");
  const events = blocks.flatMap((block) => {
    const [, type, id, data] = /^event: (.*)\nid: (.*)\ndata: (.*)$/.exec(block) ?? [];
    return type === undefined ? [] : [{ type, id: id ?? "", data: JSON.parse(data ?? "") }];
  });
  return { blocks, events, asked, reports, lasted: now - START };
}

test("each request comes once, in the order they were settled, without what can be long", async () => {
  const requests = [settled(500), settled(500, 1), settled(2_000), settled(299_000 - 1_500)];
  const { events, lasted, blocks } = await follow({ requests });
  expect(events.map(({ type, data }) => [type, data.id])).toEqual(requests.map(({ eventId }) => ["request", eventId]));
  expect(events[0]?.data).not.toHaveProperty("raw_usage");
  expect(blocks[0]).toBe("retry: 1000");
  expect(lasted).toBe(300_000);
});

test("of more than twenty a second the rest is counted, and not shown later", async () => {
  const requests = Array.from({ length: 25 }, (_, index) => settled(500, index));
  const { events } = await follow({ requests });
  expect(events.map(({ type }) => type)).toEqual([...Array(20).fill("request"), "more"]);
  expect(events.at(-1)?.data).toEqual({ count: 5 });
});

test("goes on after the event a client has seen last", async () => {
  const requests = [settled(-20_000), settled(-10_000, 1), settled(-10_000, 2), settled(500)];
  const seen = requests[1];
  const { events } = await follow({ requests, lastEventId: `${START - 10_000}.${seen?.eventId}` });
  expect(events.map(({ data }) => data.id)).toEqual([requests[2]?.eventId, requests[3]?.eventId]);
});

test.each<[string, string | undefined, number]>([
  ["nothing", undefined, -1_500],
  ["what is no place", "17", -1_500],
  ["a moment that is to come", `${START + 60_000}.7ZZZZZZZZZZZZZZZZZZZZZZZZZ`, -1_500],
  ["a place of long ago", `${START - 900_000}.7ZZZZZZZZZZZZZZZZZZZZZZZZZ`, -300_000],
])("of %s it begins where it may", async (_name, lastEventId, from) => {
  const { asked } = await follow({ requests: [], ...(lastEventId === undefined ? {} : { lastEventId }) });
  expect(asked[0]?.after.settledAt).toBe(START + from);
});

test.each([0, 1_000, 59_000, 299_000])(
  "ends soon after %i ms, when its reader may not read any more",
  async (outAt) => {
    const { lasted, events, reports } = await follow({ requests: [settled(outAt + 15_000)], outAt });
    expect(lasted).toBeGreaterThanOrEqual(outAt);
    expect(lasted).toBeLessThanOrEqual(outAt + 16_000);
    expect([events, reports]).toEqual([[], []]);
  },
);

test("says that it is there while nothing comes", async () => {
  const { blocks } = await follow({ requests: [] });
  expect(blocks.filter((block) => block === ": still here")).toHaveLength(19);
});

test("a look that fails is made up for; three in a row end the feed", async () => {
  const requests = [settled(500)];
  const { events, reports } = await follow({ requests, failing: [2, 3] });
  expect(events).toHaveLength(1);
  expect(reports).toEqual([]);
  const ended = await follow({ requests, failing: [2, 3, 4] });
  expect(ended.reports).toHaveLength(1);
  expect(ended.lasted).toBeLessThan(10_000);
});
