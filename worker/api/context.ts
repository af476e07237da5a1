import type { Context } from "hono";
import type { Services } from "../services.ts";

/** What every handler can read from Hono's context. */
export interface AppEnv {
  Bindings: { LEDGER: DurableObjectNamespace };
  Variables: {
    services: Services;
    /** ULID; the `x-request-id` of the answer and, for inference, the id of the usage event. */
    requestId: string;
  };
}

export type AppContext = Context<AppEnv>;
