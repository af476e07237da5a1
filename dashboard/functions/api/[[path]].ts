import { forward } from "../forward.ts";

/** `/api/*`: the management API. */
export const onRequest = forward;
