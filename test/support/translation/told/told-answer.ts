import type { StopReason } from "../../../../worker/canonical/stop-reason.ts";
import type { BilledTokens } from "../../read-usage.ts";
import type { ProviderAnswer } from "../corpus.ts";

/**
 * What a provider's answer says, read by the vendors' documentation and by nothing of the gateway's: whole bodies, added
 * up in one go, so that a decoder can be held against it.
 */
export interface ToldAnswer {
  candidates: ToldCandidate[];
  /** The provider failed inside a 200, or broke off: a sentence of its own, "" without one. */
  failure: string | null;
  usage: BilledTokens | null;
  /** What is shown of figures that cannot be: two hosts' cache is larger than the prompt, one's reasoning than the output. */
  shown: { read: number; write: number; output: number };
}

export interface ToldCandidate {
  index: number;
  text: string;
  /** Text and refusal in their order, for dialects that know no refusal apart. */
  shown: string;
  refusal: string;
  thoughts: string;
  calls: ToldCall[];
  /** What follows what: stretches of text, and calls. */
  order: Order;
  citations: ToldCitation[];
  /** Generated images and sounds, in base64, or their addresses. */
  media: { kind: "image" | "audio"; data: string }[];
  logprobs: TokenOdds[];
  stop: StopReason;
  /** The sequence that was met. */
  sequence: string | null;
  /** Calls of the vendor's own kinds that the client would have to run: nothing else has a form for them. */
  foreignCalls: boolean;
}

export type Order = ("text" | "call")[];

/** Adds to an order; a text that goes on is the same one. */
export const follow = (order: Order, next: Order[number]): void => {
  if (next === "call" || order.at(-1) !== "text") order.push(next);
};

export interface ToldCall {
  id: string;
  name: string;
  /** Parsed arguments, or the text where there is no parsing it; the text of a custom tool. */
  input: unknown;
  custom: boolean;
}

/** An address, and the span of the candidate's text it stands for, in UTF-16 units. */
export interface ToldCitation {
  url: string;
  title: string | null;
  start: number;
  end: number;
}

export interface TokenOdds {
  token: string;
  logprob: number;
}

/** As far as all tellings of a stream agree: OpenAI rounds in its last event. */
export const tokenOdds = (token: string, logprob: number): TokenOdds => ({
  token,
  logprob: Math.round(logprob * 1000) / 1000 + 0,
});

// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read as it comes
export type Json = any;

export const emptyCandidate = (index: number): ToldCandidate => ({
  index,
  text: "",
  shown: "",
  refusal: "",
  thoughts: "",
  calls: [],
  order: [],
  citations: [],
  media: [],
  logprobs: [],
  stop: "other",
  sequence: null,
  foreignCalls: false,
});

export const say = (candidate: ToldCandidate, text: string): void => {
  candidate.text += text;
  candidate.shown += text;
  if (text !== "") follow(candidate.order, "text");
};
export const refuse = (candidate: ToldCandidate, text: string): void => {
  candidate.refusal += text;
  candidate.shown += text;
  if (text !== "") follow(candidate.order, "text");
};
export const call = (candidate: ToldCandidate, told: ToldCall): void => {
  candidate.calls.push(told);
  follow(candidate.order, "call");
};

/** Arguments as they count: an object, or a text that may be one; nothing is no arguments. */
export function parsedArguments(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  if (value.trim() === "") return {};
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Reasons that a call beside them does not overrule. */
const CUT: StopReason[] = [
  "max_tokens",
  "content_filter",
  "refusal",
  "context_window_exceeded",
  "malformed_tool_call",
  "pause_turn",
  "continuation",
];

/** Why it ended: what the vendor says, unless there are calls to be run or a refusal in words. */
export function settle(candidate: ToldCandidate, said: StopReason | null): void {
  const reason = said ?? "other";
  if (candidate.calls.length > 0 && !CUT.includes(reason)) candidate.stop = "tool_use";
  else if (candidate.refusal !== "" && reason === "end_turn") candidate.stop = "refusal";
  else candidate.stop = reason;
}

interface Frame {
  event: string;
  data: string;
}

/** The events of a stream, split as its whole text. */
function framesOf(bytes: Uint8Array): Frame[] {
  const text = new TextDecoder().decode(bytes).replace(/\r\n?/g, "\n");
  return text.split("\n\n").flatMap((block) => {
    const lines = block.split("\n");
    const field = (name: string) =>
      lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ""));
    const data = field("data");
    return data.length === 0 ? [] : [{ event: field("event").at(-1) ?? "", data: data.join("\n") }];
  });
}

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Every document of an answer, and the names of the events they came in. */
export function documentsOf({ framing, bytes }: ProviderAnswer): { document: Json; event: string }[] {
  if (framing === "events")
    return framesOf(bytes).map(({ event, data }) => ({ event, document: data === "[DONE]" ? data : parsed(data) }));
  const document = parsed(new TextDecoder().decode(bytes));
  return (framing === "array" ? (document as Json[]) : [document]).map((one) => ({ event: "", document: one }));
}

/** What an error says. */
export const sentence = (error: Json): string =>
  typeof error === "string" ? error : typeof error?.message === "string" ? error.message : "";

/** What a reader of one dialect finds. */
export type Read = Pick<ToldAnswer, "candidates" | "failure">;
