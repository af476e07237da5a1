import type { InferResponseType } from "hono/client";
import type { api } from "./client.ts";

/** A request as lists show it. */
export type RequestRow = InferResponseType<typeof api.requests.$get>["data"][number];

/** A request with its attempts, warnings, the provider's own usage figures and every revision. */
export type RequestDetail = InferResponseType<(typeof api.requests)[":id"]["$get"]>;
