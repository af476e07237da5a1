import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { StreamEvent, UpstreamFailure } from "../../../worker/canonical/stream-event.ts";
import type { AnswerContext, EncodedRequest } from "../../../worker/dialects/dialect.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import type { GatewayError } from "../../../worker/errors.ts";
import type { SseEvent } from "../../../worker/lib/sse.ts";
import { CanonicalMeter } from "../../../worker/router/canonical-meter.ts";
import { Translator } from "../../../worker/router/translate-stream.ts";
import { contextOf } from "./answers.ts";
import { checkEvents } from "./contracts.ts";

/** A provider's stream through the gateway's translator, with the promise between decoder and encoder checked. */
export interface Translated {
  /** What the client gets. */
  text: string;
  /** Nothing was sent before the failure, so that it is an answer of its own. */
  refused: boolean;
  failure: GatewayError | null;
}

const UNREADABLE: UpstreamFailure = { kind: "malformed", message: "", code: null, status: null };

/** The stack is full: something nests deeper than can be walked. */
export const isTooDeep = (error: unknown): boolean => error instanceof RangeError && /call stack/.test(error.message);

export function translate(
  upstream: ChatDialectId,
  client: ChatDialectId,
  chunks: readonly Uint8Array[],
  encoded: Pick<EncodedRequest, "tools" | "jsonTool"> = { tools: null },
  context: AnswerContext = contextOf(client),
): Translated {
  const events: StreamEvent[] = [];
  const broken: unknown[] = [];
  const provider = chatDialects[upstream];
  const watched = {
    ...provider,
    startDecoder() {
      const decoder = provider.startDecoder();
      let threw = false;
      // What a decoder cannot read is a failure, and nothing that it says afterwards is listened to.
      const noted = (read: () => StreamEvent[]): StreamEvent[] => {
        try {
          const said = read();
          if (!threw) events.push(...said);
          return said;
        } catch (error) {
          if (!isTooDeep(error)) broken.push(error);
          if (!threw) events.push({ type: "error", failure: UNREADABLE });
          threw = true;
          throw error;
        }
      };
      return {
        step: (event: SseEvent) => noted(() => decoder.step(event)),
        end: () => noted(() => decoder.end()),
      };
    },
  };
  const translator = new Translator({
    upstream: watched,
    encoder: chatDialects[client].startEncoder(context),
    encoded,
    meter: new CanonicalMeter(),
  });
  let text = "";
  let decisive = false;
  for (const chunk of chunks) {
    if (translator.failure !== null) break;
    text += translator.feed(chunk);
    decisive ||= translator.decisive;
  }
  if (translator.failure === null) text += translator.end();
  decisive ||= translator.decisive;
  // What the encoder threw is the failure's cause; only JSON that nests too deep may make either of them throw.
  const cause = translator.failure?.cause;
  if (cause instanceof Error && !isTooDeep(cause)) broken.push(cause);
  if (broken.length > 0) throw broken[0];
  // Bytes that are no UTF-8 fail before a decoder sees them.
  if (translator.failure !== null && events.at(-1)?.type !== "error")
    events.push({ type: "error", failure: UNREADABLE });
  checkEvents(events);
  return { text, refused: translator.failure !== null && !decisive, failure: translator.failure };
}
