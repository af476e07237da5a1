import type { InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

export type SessionRow = InferResponseType<typeof api.stats.sessions.$get>["data"][number];

/** From a session's first request to the beginning of its last, in milliseconds. */
export const lengthOf = ({ first_request_at: first, last_request_at: last }: SessionRow): number =>
  Date.parse(last) - Date.parse(first);
