import { forward } from "../forward.ts";

/** `/v1beta/*`: the same in Gemini's words. */
export const onRequest = forward;
