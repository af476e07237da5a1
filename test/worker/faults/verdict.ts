import { bookCost } from "../sdk/price-book.ts";
import type { Played } from "./injector.ts";
import { type Heard, LISTENERS } from "./listeners.ts";
import type { Pair } from "./pairs.ts";

/** Faults that change an event and let the answer go on: where it is relayed, the client gets the bytes as they are. */
const SPOILS = ["malformed", "bad-utf8"];

/** Faults before which every event has surely arrived: a reset may destroy what is on its way, and patience may end first. */
const ORDERLY = ["cut", "eof", "error"];

/** Names, ids and JSON around a call, in tokens by our estimate, which the simulator does not count. */
const AROUND_A_CALL = 12;

/** A byte that is no UTF-8, as every SDK reads it. */
const UNREADABLE_BYTE = /\ufffd/g;

/** Words of an error that a client's network made, not the gateway: the answer did not end as HTTP does. */
const NETWORK = /\bterminated|fetch failed|premature|socket|ECONNRESET/i;

/** What is wrong with an answer beside the healthy one of its shape, one line each. */
export const wrongWith = (pair: Pair, played: Played, healthy: Played): string[] =>
  [...wrongWithHearing(pair, played, healthy), ...wrongWithMetering(pair, played, healthy)].map(
    (what) => `${played.shape}, ${played.kind}-${played.at}: ${what}`,
  );

/** Complete, or broken off with an error that a program can catch, and never another text. */
function* wrongWithHearing(pair: Pair, played: Played, healthy: Played): Generator<string> {
  const { kind, row, heard } = played;
  const at = played.at ?? 0;
  const { isTyped, isUnreadable } = LISTENERS[pair.listener];
  const { error, finish } = heard;
  const passedOn = pair.relayed && SPOILS.includes(kind);
  const got = partsOf(played, passedOn);
  const whole = partsOf(healthy, false);
  const isWhole = finish === healthy.heard.finish && same(got, whole);

  for (const [index, part] of got.entries()) {
    if (!(whole[index] ?? "").startsWith(part)) yield `'${part}' contradicts '${whole[index]}'`;
  }
  if (error === null && !isWhole) yield `ends as if complete with ${JSON.stringify(heard)}`;
  if (error !== null) {
    if (!isTyped(error) && !(passedOn && isUnreadable(error))) yield `throws an error that is not the SDK's: ${error}`;
    if (NETWORK.test(String(error))) yield `throws what the network made: ${error}`;
    if (row.outcome === "ok" && !passedOn) yield `is on record as ok, and the client got: ${error}`;
  }
  if (error === null && row.outcome !== "ok") yield `is on record as ${row.outcome}, and the client got all of it`;
  // After the last event there is nothing left to lose. An error there is the provider's own word.
  const harmless = at >= healthy.entry.chunksSent && kind !== "error" && kind !== "reset";
  if (harmless && error !== null) yield `throws ${error} after the answer's end`;
}

/** The provider's own figures wherever it told them, else an estimate that says so and is no less than what passed. */
function* wrongWithMetering(pair: Pair, played: Played, healthy: Played): Generator<string> {
  const { kind, shape, row, entry } = played;
  const at = played.at ?? 0;
  const { tokens, outputTokensSent: sent } = entry;
  if (tokens === null) return yield "has no bill at the provider";
  if (row.upstreamDialect !== pair.upstream) yield `was asked for in ${row.upstreamDialect}`;
  const { exact, outcome: _, upstreamDialect: __, costNano, ...counted } = row;
  const input = [counted.inputUncached, counted.cacheRead, counted.cacheWrite];
  const told = [tokens.inputUncached, tokens.cacheRead, tokens.cacheWrite];
  if (exact) {
    if (!same(counted, { ...tokens })) yield `counts ${JSON.stringify(counted)} for ${JSON.stringify(tokens)}`;
    const cost = bookCost(pair.model, entry);
    if (costNano !== cost) yield `costs ${costNano} for ${cost}`;
    return;
  }
  if (at >= healthy.entry.chunksSent && kind !== "reset") yield "is an estimate, and all was told";
  // Anthropic tells the input with its first event, Gemini with every one.
  const tellsInputFirst = pair.upstream === "anthropic-messages" || pair.upstream === "google-generate-content";
  if (tellsInputFirst && ORDERLY.includes(kind) && at > 0 && !same(input, told))
    yield `has the input ${input} for ${told}`;
  if (counted.inputUncached < tokens.inputUncached) yield `has the input ${input}, less than ${told}`;
  if (!ORDERLY.includes(kind)) {
    if (counted.output > tokens.output + AROUND_A_CALL) yield `has the output ${counted.output}, more than there was`;
    return;
  }
  if (shape === "a text") {
    const least = pair.upstream === "anthropic-messages" && at > 0 ? 1 : 0;
    const most = Math.max(sent, least);
    if (counted.output !== most) yield `estimates the output at ${counted.output} for ${most}`;
  } else if (counted.output < sent || counted.output > Math.max(sent, tokens.output) + AROUND_A_CALL) {
    yield `estimates the output at ${counted.output} for ${sent} of ${tokens.output}`;
  }
}

/** Text, thought and calls, without what names the question. */
function partsOf({ heard, question }: Played, passedOn: boolean): string[] {
  const { text, thinking, calls }: Heard = heard;
  return [text, thinking, ...calls]
    .map((part) => (passedOn ? part.replace(UNREADABLE_BYTE, "") : part))
    .map((part) => part.replace(question, "Question"));
}

const same = (one: object, other: object): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
