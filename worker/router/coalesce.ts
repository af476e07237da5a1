import type { StreamEvent } from "../canonical/stream-event.ts";

const DELTAS = ["text_delta", "thinking_delta", "arguments_delta", "refusal_delta"];

/** Whether two events are pieces of the same text, and neither tells more than text. */
const continues = (event: StreamEvent, next: StreamEvent): boolean =>
  event.type === next.type &&
  DELTAS.includes(event.type) &&
  "part" in event &&
  "part" in next &&
  event.part === next.part &&
  !("logprobs" in event) &&
  !("logprobs" in next);

/** Joins pieces of a text that have piled up: the client gets one, which costs it and us less than each by itself. */
export function* coalesce(events: Iterable<StreamEvent>): Generator<StreamEvent> {
  let held: StreamEvent | null = null;
  let texts: string[] = [];
  let figures: StreamEvent | null = null;
  const joined = (event: StreamEvent): StreamEvent =>
    texts.length < 2 ? event : ({ ...event, text: texts.join("") } as StreamEvent);
  for (const event of events) {
    if (held !== null && continues(held, event)) {
      texts.push((event as { text: string }).text);
      continue;
    }
    // Running totals between two pieces do not part them; the last ones count.
    if (event.type === "usage" && held !== null) {
      figures = event;
      continue;
    }
    if (held !== null) yield joined(held);
    if (figures !== null) yield figures;
    figures = null;
    held = event;
    texts = "text" in event ? [event.text] : [];
  }
  if (held !== null) yield joined(held);
  if (figures !== null) yield figures;
}
