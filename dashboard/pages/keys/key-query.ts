import type { InferRequestType, InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

/** A key as the list has it. */
export type KeyRow = InferResponseType<typeof api.keys.$get>["data"][number];

/** A key as a change of it answers. */
export type ChangedKey = Omit<KeyRow, "figures">;

type KeyParameters = NonNullable<InferRequestType<typeof api.keys.$get>["query"]>;

/** Questions that people ask about all keys at once. */
export const PRESETS = ["all", "expiring", "unused", "near", "over"] as const;
export type Preset = (typeof PRESETS)[number];

const DAY_MS = 86_400_000;
const EXPIRING_WITHIN_DAYS = 14;
const UNUSED_FOR_DAYS = 90;

/** What a preset asks the API. `now` in milliseconds since the epoch; told to the minute, so that the question stays the same for as long. */
export function presetQuery(preset: Preset, now: number): Partial<KeyParameters> {
  const at = (days: number) => new Date(Math.floor(now / 60_000) * 60_000 + days * DAY_MS).toISOString();
  const unusedSince = at(-UNUSED_FOR_DAYS);
  return {
    all: {},
    expiring: { state: "active" as const, expiring_before: at(EXPIRING_WITHIN_DAYS) },
    unused: { state: "active" as const, unused_since: unusedSince, created_before: unusedSince },
    near: { near_limit: "true" as const },
    over: { over_limit: "true" as const },
  }[preset];
}
