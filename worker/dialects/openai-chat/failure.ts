import type { UpstreamFailure } from "../../canonical/stream-event.ts";
import { openaiFailure } from "../openai-failure.ts";

/** An answer with an error status, from OpenAI or any host that speaks Chat. */
export const decodeFailure = (status: number, headers: Headers, body: unknown): UpstreamFailure =>
  openaiFailure(status, headers, body);

/** An `error` inside a stream or a 200. */
export const decodeInner = (error: unknown): UpstreamFailure => openaiFailure(null, null, { error });
