import type { UpstreamFailure } from "../../canonical/stream-event.ts";
import { openaiFailure } from "../openai-failure.ts";

/** An answer with an error status. */
export const decodeFailure = (status: number, headers: Headers, body: unknown): UpstreamFailure =>
  openaiFailure(status, headers, body);

/** The error of a failed response, or of an `error` event. */
export const decodeInner = (error: unknown): UpstreamFailure => openaiFailure(null, null, { error });
