import type { DialectId } from "./dialect-id.ts";

/**
 * What a request's cost can depend on beside its text, whatever dialect it came in. Paths are those of the client's body,
 * as errors name them.
 */
export interface RequestFeatures {
  dialect: DialectId;
  media: MediaFeature[];
  /** Characters of the body that are inline media, hence no text. */
  mediaCharacters: number;
  /** What a vendor may explain to its model, in words that it bills. */
  explained: Explained[];
  /** Schemas of tools and answers: a translation may write out what they refer to. */
  schemas: unknown[];
  /** Tools that a vendor describes and the client runs (a computer, a shell): the description is billed. */
  vendorTools: number;
  serverTools: ServerTool[];
  /** The most calls of all server tools together; null where the request sets no such cap. */
  toolCalls: number | null;
  /** Where something stands for content that the provider keeps. */
  stored: string[];
  /** Where the request lets a provider take another model than the one named, or has several answer. */
  otherModels: string[];
  /** The service asked for, in the client's word. */
  service: { word: string; path: string } | null;
  /** Lives of the caches that the request asks to be written. */
  cacheWrites: CacheLife[];
  /** Kinds of output asked for, in lower case; null leaves them to the model. */
  outputs: string[] | null;
  /** Bytes of a predicted answer: what the model does not take of it is billed as output (OpenAI). */
  predicted: number;
  /** Tokens to think with; they must fit below the output cap. */
  thinkingBudget: number | null;
}

/** How functions are called, how documents are cited, and the form an answer must have. */
export type Explained = "functions" | "citations" | "schema";

type CacheLife = "5m" | "30m" | "1h" | "12h";

export interface MediaFeature {
  path: string;
  kind: "image" | "document" | "audio" | "video";
  /** As declared, in lower case; null where nobody says. */
  mediaType: string | null;
  /** Bytes of what is sent inline; null for an address or the id of a file. */
  bytes: number | null;
  /** Of an image whose header tells it. */
  pixels: { width: number; height: number } | null;
  /** How closely it is to be looked at, in the client's word, lower case. */
  detail: string | null;
}

/** A tool the provider runs, each time with another call of the model. */
export interface ServerTool {
  path: string;
  kind: ServerToolKind;
  /** The most calls, null without a cap. */
  calls: number | null;
}

/** `compaction`: the provider itself shortens the history first. `other`: whose costs nobody tells. */
export type ServerToolKind =
  | "web_search"
  | "web_fetch"
  | "code_execution"
  | "file_search"
  | "image_generation"
  | "tool_search"
  | "compaction"
  | "other";

/** A request without anything but text. */
export const noFeatures = (dialect: DialectId): RequestFeatures => ({
  dialect,
  media: [],
  mediaCharacters: 0,
  explained: [],
  schemas: [],
  vendorTools: 0,
  serverTools: [],
  toolCalls: null,
  stored: [],
  otherModels: [],
  service: null,
  cacheWrites: [],
  outputs: null,
  predicted: 0,
  thinkingBudget: null,
});
