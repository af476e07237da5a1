import type { AnswerContext } from "../../dialects/dialect.ts";
import type { InferenceCall } from "./infer.ts";

type Framing = AnswerContext["framing"];

/** How a streaming answer is framed: Gemini's is one JSON array unless the query asks for events. */
export const framingOf = ({ dialect }: InferenceCall, url: string): Framing =>
  dialect !== "google-generate-content" || new URL(url).searchParams.get("alt") === "sse" ? "sse" : "json-array";

/** What keeps caches and proxies from holding a stream back. */
export const UNBUFFERED = { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" };

/** The content type of a stream that is written here. */
export const streamType = (framing: Framing): string =>
  framing === "sse" ? "text/event-stream; charset=utf-8" : "application/json";
