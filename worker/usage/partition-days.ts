import { ulidTime } from "../lib/ulid.ts";

const DAY_MS = 86_400_000;

/** The UTC day of a moment (milliseconds since the epoch), as events are partitioned by: `2026-11-26`. */
export const partitionDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

/**
 * The first partition day that can hold an event that started at this moment or later. It is the day before: the partition
 * is that of the event's id, which is made before its request starts.
 */
export const firstPartitionDay = (from: number): string => partitionDay(Math.max(0, from - DAY_MS));

/** The last day that Postgres and JavaScript write alike. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** The partition day of an event's id; of an id beyond the year 9999, which no event has, its last day. */
export const dayOfId = (eventId: string): string => partitionDay(Math.min(ulidTime(eventId), LAST_MS));
