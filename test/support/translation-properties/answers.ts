import fc from "fast-check";
import type { Candidate, CanonicalAnswer } from "../../../worker/canonical/answer.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { Part } from "../../../worker/canonical/message.ts";
import type { ReasoningState } from "../../../worker/canonical/reasoning-state.ts";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import type { StopReason } from "../../../worker/canonical/stop-reason.ts";
import type { Usage } from "../../../worker/canonical/usage.ts";
import type { AnswerContext } from "../../../worker/dialects/dialect.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { text } from "./conversations.ts";
import { PNG } from "./plan.ts";

/** Answers as models give them, and as each dialect writes them. */

const state = fc.record({
  owner: fc.constantFrom("anthropic", "openai", "google", "openrouter", "none"),
  value: fc.base64String({ minLength: 4, maxLength: 40 }),
  model: fc.constantFrom("", "a-model"),
  where: fc.constantFrom("thinking", "tool_call", "text"),
}) as fc.Arbitrary<ReasoningState>;

const stated = (where: ReasoningState["where"], part: Part) =>
  fc
    .option(state, { freq: 3 })
    .map((held): Part => (held === null ? part : ({ ...part, state: { ...held, where } } as Part)));

const args = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });

const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: text.chain((one) => stated("text", { type: "text", text: one })) },
  {
    weight: 1,
    arbitrary: text.map(
      (one): Part => ({
        type: "text",
        text: one,
        citations: [{ kind: "url", url: "https://example.com/a", title: "a", start: 0, end: one.length }],
      }),
    ),
  },
  { weight: 2, arbitrary: text.chain((one) => stated("thinking", { type: "thinking", text: one })) },
  {
    weight: 1,
    arbitrary: state.map((one): Part => ({ type: "thinking", text: "", state: { ...one, where: "thinking" } })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ id: fc.stringMatching(/^call_[a-z0-9]{4}$/), name: fc.constantFrom("weather", "json", "a.b:c"), args })
      .chain(({ id, name, args: given }) =>
        stated("tool_call", { type: "tool_call", id, name, kind: "function", arguments: JSON.stringify(given) }),
      ),
  },
  { weight: 1, arbitrary: text.map((one): Part => ({ type: "refusal", text: one })) },
  {
    weight: 1,
    arbitrary: fc.constant<Part>({ type: "image", media: { kind: "base64", mediaType: "image/png", data: PNG } }),
  },
);

const reason = fc.constantFrom<StopReason>(
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "pause_turn",
  "refusal",
  "content_filter",
  "context_window_exceeded",
  "malformed_tool_call",
  "continuation",
  "other",
);

const usage: fc.Arbitrary<Usage | null> = fc.option(
  fc.tuple(fc.nat(5000), fc.nat(500), fc.nat(500), fc.nat(900)).map(([uncached, cacheRead, cacheWrite, output]) => ({
    input: { total: uncached + cacheRead + cacheWrite, uncached, cacheRead, cacheWrite },
    output: { total: output, reasoning: output >> 1 },
  })),
  { freq: 4 },
);

/** No provider gives two calls of one answer the same id, and no SDK would take it. */
const named = fc.uniqueArray(part, {
  maxLength: 5,
  selector: (one) => (one.type === "tool_call" ? one.id : one),
});

const candidate = (index: number): fc.Arbitrary<Candidate> =>
  fc.record({ parts: named, reason }).map(({ parts, reason: told }) => ({
    index,
    parts,
    stop: { reason: parts.some(({ type }) => type === "tool_call") ? "tool_use" : told },
  }));

export const answer: fc.Arbitrary<CanonicalAnswer> = fc
  .record({ first: candidate(0), second: fc.option(candidate(1), { freq: 8 }), usage, named: fc.boolean() })
  .map(({ first, second, usage: told, named }) => ({
    id: named ? "answer_1" : null,
    model: named ? "a-model" : null,
    candidates: second === null ? [first] : [first, second],
    usage: told,
  }));

export const contextOf = (client: ChatDialectId, body: Record<string, unknown> = {}): AnswerContext => ({
  id: "01ANSWER",
  createdAt: 1_790_000_000,
  model: "a-provider/a-model",
  body:
    client === "google-generate-content"
      ? { generationConfig: { thinkingConfig: { includeThoughts: true } }, ...body }
      : { stream: true, stream_options: { include_usage: true }, ...body },
  framing: "sse",
  losses: new Losses(),
});

/** The answer as a stream of a provider that speaks the dialect. */
export function streamOf(given: CanonicalAnswer, dialect: ChatDialectId): string {
  const encoder = chatDialects[dialect].startEncoder(contextOf(dialect));
  let stream = "";
  for (const event of replayAnswer(given)) stream += encoder.step(event);
  return stream + encoder.end();
}

/** The answer as one object. */
export const bodyOf = (given: CanonicalAnswer, dialect: ChatDialectId): Record<string, unknown> =>
  chatDialects[dialect].encodeAnswer(given, contextOf(dialect));
