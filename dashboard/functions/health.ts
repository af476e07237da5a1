import { forward } from "./forward.ts";

/** `/health`: what the router checked. */
export const onRequest = forward;
