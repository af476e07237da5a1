import type { CanonicalAnswer } from "../../../worker/canonical/answer.ts";
import { collectAnswer } from "../../../worker/canonical/collect-answer.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import type { StreamEvent, UpstreamFailure } from "../../../worker/canonical/stream-event.ts";
import type { AnswerContext, ChatDialect } from "../../../worker/dialects/dialect.ts";
import { errorOfFailure } from "../../../worker/dialects/failure.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { type SseEvent, SseReader } from "../../../worker/lib/sse.ts";
import type { ProviderAnswer } from "./corpus.ts";

/** Runs the gateway's decoders and encoders over whole inputs. */

export const dialectOf = (id: ChatDialectId): ChatDialect => chatDialects[id];

export const DIALECT_IDS = Object.keys(chatDialects) as ChatDialectId[];

/** A provider's answer in canonical form: as it is told event by event, and as it is in the end. */
export interface Decoded {
  events: StreamEvent[];
  answer: CanonicalAnswer;
  failure: UpstreamFailure | null;
}

/** The events of a stream that arrives in these pieces. */
export function readEvents(pieces: readonly Uint8Array[]): SseEvent[] {
  const reader = new SseReader();
  const text = new TextDecoder();
  return [...pieces.flatMap((bytes) => reader.read(text.decode(bytes, { stream: true }))), ...reader.read("\n\n")];
}

/** Decodes a stream that arrives in these pieces. */
export function decodeStream(id: ChatDialectId, pieces: readonly Uint8Array[]): StreamEvent[] {
  const decoder = dialectOf(id).startDecoder();
  return [...readEvents(pieces).flatMap((event) => decoder.step(event)), ...decoder.end()];
}

function eventsOf({ dialect, framing, bytes }: ProviderAnswer): StreamEvent[] {
  if (framing === "events") return decodeStream(dialect, [bytes]);
  // Google frames the same documents as an array when it is not asked for events, which the gateway always does.
  const decoder = dialectOf(dialect).startDecoder();
  const documents = JSON.parse(new TextDecoder().decode(bytes)) as unknown[];
  const events = documents.flatMap((document) => decoder.step({ event: "", data: JSON.stringify(document) }));
  return [...events, ...decoder.end()];
}

export function decode(answer: ProviderAnswer): Decoded {
  if (answer.framing !== "whole") {
    const events = eventsOf(answer);
    return { events, ...collectAnswer(events) };
  }
  const decoded = dialectOf(answer.dialect).decodeAnswer(JSON.parse(new TextDecoder().decode(answer.bytes)));
  const { failure } = decoded;
  const events: Iterable<StreamEvent> = failure === null ? replayAnswer(decoded.answer) : [{ type: "error", failure }];
  return { ...decoded, events: [...events] };
}

/** The client's request, as far as it decides the form of the answer: everything is to be shown. */
const ASKING: Record<ChatDialectId, Record<string, unknown>> = {
  "openai-chat": { stream_options: { include_usage: true } },
  "openai-responses": {},
  "anthropic-messages": {},
  "google-generate-content": { generationConfig: { thinkingConfig: { includeThoughts: true } } },
};

export const contextFor = (id: ChatDialectId): AnswerContext => ({
  id: "01JD0000000000000000000000",
  createdAt: 1_760_000_000,
  model: "asked/model",
  body: ASKING[id],
  framing: "sse",
  losses: new Losses(),
});

/** A stream in a client's dialect; a failure ends it in the dialect's own way. */
export function encodeStream(id: ChatDialectId, events: Iterable<StreamEvent>, context = contextFor(id)): string {
  const encoder = dialectOf(id).startEncoder(context);
  let text = "";
  for (const event of events) {
    // Says nothing, and is told as a comment.
    if (event.type === "keepalive") continue;
    if (event.type === "error") return text + encoder.fail(errorOfFailure(event.failure));
    text += encoder.step(event);
  }
  return text + encoder.end();
}

export const encodeWhole = (id: ChatDialectId, answer: CanonicalAnswer, context = contextFor(id)): string =>
  JSON.stringify(dialectOf(id).encodeAnswer(answer, context));
