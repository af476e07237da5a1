import type { ReasoningState } from "./reasoning-state.ts";
import type { Source } from "./source.ts";

/**
 * A conversation between dialects: messages of typed parts, in the order the client gave them. System messages stand
 * among the others. A message of role `tool` holds results only; results may also stand in a user message (Messages,
 * Gemini); `arrangeHistory` brings both into one order.
 */
export interface Message {
  role: "system" | "user" | "assistant" | "tool";
  parts: Part[];
  /** Participant name (Chat). */
  name?: string;
  source?: Source;
}

export type Part =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | VideoPart
  | ToolCallPart
  | ToolResultPart
  | ThinkingPart
  | RefusalPart
  | NativePart;

/** A mark after which a prompt cache may have its boundary. */
export interface CacheMark {
  ttl?: "5m" | "30m" | "1h" | "12h";
}

/** Bytes in base64 (standard alphabet), an address, or a vendor's own file. */
export type Media =
  | { kind: "base64"; mediaType: string; data: string }
  | { kind: "url"; url: string; mediaType?: string }
  | { kind: "file"; id: string; vendor: FileVendor; mediaType?: string };

/** Whose file store an id belongs to. */
export type FileVendor = "openai" | "anthropic" | "google";

export interface TextPart {
  type: "text";
  text: string;
  citations?: Citation[];
  logprobs?: TokenLogprob[];
  /** Gemini signs the end of a thought-out text. */
  state?: ReasoningState;
  cache?: CacheMark;
  source?: Source;
}

export interface ImagePart {
  type: "image";
  media: Media;
  detail?: string;
  cache?: CacheMark;
  source?: Source;
}

/** A PDF or a text document. */
export interface DocumentPart {
  type: "document";
  media: Media | { kind: "text"; text: string } | { kind: "parts"; parts: (TextPart | ImagePart)[] };
  title?: string;
  filename?: string;
  context?: string;
  /** The client asked for citations of it. */
  cited?: boolean;
  detail?: string;
  /** Claude's search results are documents with the address they were found at. */
  searchResult?: { url: string };
  cache?: CacheMark;
  source?: Source;
}

export interface AudioPart {
  type: "audio";
  /** Absent where only an id of the vendor's is left (Chat's history). */
  media?: Media;
  id?: string;
  transcript?: string;
  cache?: CacheMark;
  source?: Source;
}

export interface VideoPart {
  type: "video";
  media: Media;
  source?: Source;
}

/** A call that the client has to run. */
export interface ToolCallPart {
  type: "tool_call";
  /** Never empty: decoders make one where the vendor sends none. */
  id: string;
  name: string;
  namespace?: string;
  /** `custom` takes free text. */
  kind: "function" | "custom";
  /** JSON text of a function's arguments, "" meaning `{}`; the text itself for `custom`. */
  arguments: string;
  state?: ReasoningState;
  cache?: CacheMark;
  source?: Source;
}

export type ResultPart = TextPart | ImagePart | DocumentPart | AudioPart | NativePart;

export interface ToolResultPart {
  type: "tool_result";
  callId: string;
  /** The tool's name where the dialect repeats it (Gemini). */
  name?: string;
  namespace?: string;
  kind: "function" | "custom";
  content: ResultPart[];
  isError: boolean;
  cache?: CacheMark;
  source?: Source;
}

export interface ThinkingPart {
  type: "thinking";
  /** May be empty with a state: the vendor shows nothing of it. */
  text: string;
  state?: ReasoningState;
  source?: Source;
}

export interface RefusalPart {
  type: "refusal";
  text: string;
  source?: Source;
}

/** Something only its own dialect has (server tool calls and their results, compaction, …): verbatim there, else dropped. */
export interface NativePart {
  type: "native";
  /** The dialect's own `type` of it, for warnings. */
  kind: string;
  raw: unknown;
  /** What it says where its dialect is not spoken; "": of no use to anybody else. */
  elsewhere?: string;
  cache?: CacheMark;
  source?: Source;
}

/**
 * What a text rests on. Indices are UTF-16 code units into the part's text, end-exclusive; without them the whole part is
 * meant. `native` keeps the vendor's own form for its own clients.
 */
export interface Citation {
  kind: "url" | "document" | "file";
  url?: string;
  title?: string;
  start?: number;
  end?: number;
  citedText?: string;
  /** The vendor's form and the dialect it belongs to. */
  native?: { dialect: string; raw: unknown };
}

export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes: number[] | null;
  top: { token: string; logprob: number; bytes: number[] | null }[];
}
