import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Part } from "../../../worker/canonical/message.ts";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import type { StreamEvent } from "../../../worker/canonical/stream-event.ts";
import type { AnswerContext } from "../../../worker/dialects/dialect.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import { SseReader } from "../../../worker/lib/sse.ts";
import { answer, contextOf } from "../../support/translation-properties/answers.ts";
import { checkEvents, checkStream } from "../../support/translation-properties/contracts.ts";
import { DIALECTS } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";

/** What decoders may say to encoders, and no provider has said yet: several parts open at once, in pieces, in any order. */

const RUNS = 400;

/** A delta in two. */
function halved(event: StreamEvent): StreamEvent[] {
  if (!("text" in event)) return [event];
  const characters = [...event.text];
  const at = characters.length >> 1;
  return [characters.slice(0, at), characters.slice(at)].map((some) => ({ ...event, text: some.join("") }));
}

/** The events of each candidate's parts, taken from one part or another as `picks` say; each part keeps its own order. */
function interleaved(events: readonly StreamEvent[], picks: readonly number[]): StreamEvent[] {
  const first = events.filter(({ type }) => type === "answer_start");
  const last = events.filter(({ type }) => type === "usage" || type === "finish");
  const parts = new Map<number, StreamEvent[]>();
  for (const event of events) {
    if ("part" in event) parts.set(event.part, [...(parts.get(event.part) ?? []), ...halved(event)]);
  }
  const merged: StreamEvent[] = [];
  let numbers = [...parts.keys()];
  for (let turn = 0; numbers.length > 0; turn++) {
    const chosen = numbers[(picks[turn % picks.length] ?? 0) % numbers.length] ?? 0;
    const [event, ...rest] = parts.get(chosen) ?? [];
    if (event !== undefined) merged.push(event);
    parts.set(chosen, rest);
    numbers = numbers.filter((number) => parts.get(number)?.length !== 0);
  }
  return [...first, ...merged, ...last];
}

function encoded(events: readonly StreamEvent[], context: AnswerContext, client: ChatDialectId): string {
  const encoder = chatDialects[client].startEncoder(context);
  let text = "";
  for (const event of events) text += encoder.step(event);
  return text + encoder.end();
}

/** What of an answer every dialect keeps apart: each candidate's calls, and the characters of its texts. */
function kept(parts: readonly { candidate: number; part: Part }[]): unknown[] {
  const calls = parts.flatMap(({ candidate, part }) =>
    part.type === "tool_call" ? [`${candidate} ${part.name} ${JSON.stringify(JSON.parse(part.arguments))}`] : [],
  );
  const texts = parts.map(({ part }) => (part.type === "text" ? part.text : "")).join("");
  return [calls.sort(), [...texts].sort().join("")];
}

function decoded(stream: string, client: ChatDialectId): { candidate: number; part: Part }[] {
  const decoder = chatDialects[client].startDecoder();
  const events = new SseReader().read(stream).flatMap((event) => decoder.step(event));
  const all = [...events, ...decoder.end()];
  checkEvents(all);
  const candidates = new Map(
    all.flatMap((event) => (event.type === "part_start" ? [[event.part, event.candidate]] : [])),
  );
  return all.flatMap((event) =>
    event.type === "part_end" ? [{ candidate: candidates.get(event.part) ?? 0, part: event.final }] : [],
  );
}

const plain = answer.filter(({ candidates }) =>
  candidates.every(
    ({ parts, stop }) =>
      stop.reason !== "malformed_tool_call" && !parts.some(({ type }) => type === "image" || type === "refusal"),
  ),
);
const picks = fc.array(fc.nat(6), { minLength: 1, maxLength: 30 });
/** Dialects with one answer get one. */
const single = (client: ChatDialectId): boolean => client === "openai-responses" || client === "anthropic-messages";

describe.each(DIALECTS)("a stream for %s", (client) => {
  test("is as it must be, whichever parts are open", () => {
    fc.assert(
      fc.property(plain, picks, (given, order) => {
        const one = single(client) ? { ...given, candidates: given.candidates.slice(0, 1) } : given;
        const stream = encoded(interleaved([...replayAnswer(one)], order), contextOf(client), client);
        checkStream(client, stream, false);
        const said = one.candidates.flatMap(({ index, parts }) => parts.map((part) => ({ candidate: index, part })));
        expect(kept(decoded(stream, client))).toEqual(kept(said));
      }),
      { seed, numRuns: RUNS },
    );
  });

  test("ends in the client's form of an error, wherever it fails", () => {
    const failure = new GatewayError("upstream_error", "The provider broke off its answer.");
    fc.assert(
      fc.property(plain, picks, fc.nat(200), (given, order, place) => {
        const events = interleaved([...replayAnswer(given)], order);
        const encoder = chatDialects[client].startEncoder(contextOf(client));
        let stream = "";
        for (const event of events.slice(0, place % events.length)) stream += encoder.step(event);
        checkStream(client, stream + encoder.fail(failure), true);
      }),
      { seed, numRuns: RUNS },
    );
  });
});

test("an array of Google's holds what its events hold", () => {
  const client = "google-generate-content";
  fc.assert(
    fc.property(plain, picks, fc.option(fc.nat(50)), (given, order, place) => {
      const events = interleaved([...replayAnswer(given)], order);
      const write = (framing: AnswerContext["framing"]): string => {
        const context = { ...contextOf(client), framing };
        if (place === null) return encoded(events, context, client);
        const encoder = chatDialects[client].startEncoder(context);
        const begun = events.slice(0, place % events.length).map((event) => encoder.step(event));
        return begun.join("") + encoder.fail(new GatewayError("upstream_error", "The provider broke off its answer."));
      };
      const chunks = new SseReader().read(write("sse")).map(({ data }) => JSON.parse(data) as unknown);
      expect(JSON.parse(write("json-array"))).toEqual(chunks);
    }),
    { seed, numRuns: RUNS },
  );
});
