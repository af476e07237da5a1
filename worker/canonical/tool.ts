import type { JsonObject } from "../lib/json.ts";
import type { CacheMark } from "./message.ts";
import type { Source } from "./source.ts";

/** A tool the model may use; order is kept, since it is part of every cache key. */
export type Tool = FunctionTool | CustomTool | BuiltinTool;

export interface FunctionTool {
  type: "function";
  name: string;
  namespace?: string;
  description?: string;
  /** JSON Schema; absent for a tool without parameters. */
  parameters?: JsonObject;
  strict?: boolean;
  cache?: CacheMark;
  source?: Source;
}

/** Takes free text, perhaps by a grammar. */
export interface CustomTool {
  type: "custom";
  name: string;
  namespace?: string;
  description?: string;
  /** What the text must match; absent for any text. */
  grammar?: Grammar;
  cache?: CacheMark;
  source?: Source;
}

export interface Grammar {
  /** `lark` or `regex`. */
  syntax: string;
  definition: string;
}

/** A tool the vendor runs or defines. */
export interface BuiltinTool {
  type: "builtin";
  kind: BuiltinKind;
  /** What a choice calls it (Messages). */
  name?: string;
  /** The vendor's own object, for the same dialect. */
  raw: unknown;
  webSearch?: WebSearch;
  cache?: CacheMark;
  source?: Source;
}

export type BuiltinKind = "web_search" | "url_context" | "tool_search" | "other";

/** What a web search can be told everywhere it exists. */
export interface WebSearch {
  allowedDomains?: string[];
  blockedDomains?: string[];
  maxUses?: number;
  location?: { city?: string; region?: string; country?: string; timezone?: string };
}

export type ToolChoice =
  | { mode: "auto" }
  | { mode: "none" }
  | { mode: "required" }
  | { mode: "tool"; name: string }
  /** Only these may be called; `required`: one of them must be. */
  | { mode: "allowed"; names: string[]; required: boolean };

/** The vendor's tool that has to be used, if one has been chosen. */
export const chosenBuiltin = (tools: readonly Tool[], choice: ToolChoice | undefined): BuiltinTool | undefined =>
  choice?.mode === "tool"
    ? tools.filter((tool) => tool.type === "builtin").find(({ name }) => name === choice.name)
    : undefined;
