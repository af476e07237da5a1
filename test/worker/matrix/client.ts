import type { Tokens } from "../../../local/simulator/question.ts";
import type { Visit } from "../sdk/visit.ts";
import type { ClientId } from "./tables.ts";

/** What the matrix asks, in no SDK's words, and what it wants to see of an answer: one file in `clients/` for each SDK. */

/** A tool, and a schema for an answer. */
export interface ToolSpec {
  name: string;
  description: string;
  schema: { type: "object"; properties: Record<string, { type: string }>; required: string[] };
}

export interface Question {
  /** Public name, `{provider}/{model}`. */
  model: string;
  stream: boolean;
  system?: string;
  /** Earlier turns. */
  history?: readonly { user: string; assistant: string }[];
  text: string;
  /** Sent with the text, in base64. */
  media?: { kind: "image" | "pdf"; data: string };
  tools?: readonly ToolSpec[];
  /** The answer is to fit it. */
  schema?: ToolSpec["schema"];
  /** Thinking of medium effort, shown where that is a matter of asking; or of so many tokens. */
  thinking?: "medium" | number;
  stop?: string;
  /** Cap on output tokens. */
  cap?: number;
  /** The provider is to keep the answer, and is told only which one the conversation goes on from (Responses). */
  stored?: true;
  /** A cache mark at the end of the system prompt. */
  mark?: boolean;
  /** The answer begins so (Messages). */
  prefill?: string;
  signal?: AbortSignal;
  /** Told each piece of text of a stream as it comes. */
  onText?: (text: string) => void;
}

export interface Call {
  name: string;
  arguments: unknown;
}

export interface Reply {
  /** What the answer calls its model; null where the SDK does not look. */
  model: string | null;
  text: string;
  /** The thoughts that were shown. */
  thought: string;
  calls: Call[];
  /** What the SDK's user reads as a refusal's words; null without. */
  refusal: string | null;
  /** Why it ended, in the SDK's own word. */
  finish: string;
  /** The SDK's own usage figures, by the SDK's own names. */
  figures: Figures;
  /**
   * Appends this answer and the results of its calls to the conversation, as the SDK's documentation says, and asks on;
   * another model may take over.
   */
  goOn(results: readonly string[], model?: string): Promise<Reply>;
}

export type Figures = Record<string, number>;

/**
 * Why an answer ended, as the scenarios call it. `stop-told`: the provider says that it was a stop sequence.
 * `refusal-plain`: the provider ends a refusal like any other answer (OpenAI's Chat).
 */
export type Ending = "end" | "tool" | "length" | "stop" | "stop-told" | "filter" | "refusal" | "refusal-plain";

/** An error as the SDK's user catches it. */
export interface Caught {
  /** Its class; "" for one that is none of the SDK's. */
  name: string;
  status: number | null;
  /** The gateway's machine code, where the error is ours. */
  code: string | null;
  /** The answer's headers, where the SDK shows them. */
  headers: Headers | null;
}

export interface Client {
  id: ClientId;
  ask(visit: Visit, question: Question): Promise<Reply>;
  /** The provider's own books in the arithmetic of this SDK. */
  figuresOf(tokens: Tokens): Figures;
  finishes: Record<Ending, string>;
  caught(error: unknown): Caught;
  /** The class of an error with this status. */
  errorName(status: number): string;
  /** The class of an error inside a stream. */
  streamErrorName: string;
}

/** The figures that are there; a missing one stays missing, and is not zero. */
export const figures = (named: Record<string, number | null | undefined>): Figures =>
  Object.fromEntries(Object.entries(named).filter((entry): entry is [string, number] => typeof entry[1] === "number"));

/** All the prompt's tokens, as most vendors count them. */
export const promptTokens = ({ inputUncached, cacheRead, cacheWrite }: Tokens): number =>
  inputUncached + cacheRead + cacheWrite;
