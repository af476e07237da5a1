import type { InferResponseType } from "hono/client";
import type { api } from "./client.ts";

/** A limit as it is set. */
export type Limit = InferResponseType<typeof api.limits.$get>["data"][number];

/** How a limit of a branch stands, by the Ledger's own count. */
export type BranchStanding = InferResponseType<typeof api.limits.standings.$get>["data"][number];

/** How one limit stands. */
export type Standing = Omit<InferResponseType<typeof api.limits.status.$get>["data"][number], "next_to_bind">;

/** What can be limited, and within which time. */
export const METRICS = [
  "cost",
  "requests",
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "concurrent_requests",
] as const satisfies Limit["metric"][];
export const WINDOWS = ["minute", "hour", "day", "week", "month", "total"] as const satisfies Limit["window"][];
