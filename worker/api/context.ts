import type { Context } from "hono";
import type { Services } from "../services.ts";
import type { RequestSpan } from "../telemetry/request-span.ts";

/** What every handler can read from Hono's context. */
export interface AppEnv {
  Bindings: { LEDGER: DurableObjectNamespace };
  Variables: {
    services: Services;
    /** ULID; the `x-request-id` of the answer and, for inference, the id of the usage event. */
    requestId: string;
    /** What is seen of the request from outside; only inference has one. */
    span: RequestSpan | undefined;
  };
}

export type AppContext = Context<AppEnv>;
