/** A part of a message, as Chat takes it. */
export type ContentPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string } }
  | { type: "file"; file: { filename: string; file_data: string } };

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string | ContentPart[];
}

/** What the dashboard asks with, beside the model: a body of `/v1/chat/completions`. */
export interface ChatRequest {
  messages: ChatMessage[];
  stream?: true;
  stream_options?: { include_usage: true };
  temperature?: number;
  top_p?: number;
  max_completion_tokens?: number;
  reasoning_effort?: string;
  /** What it answers with, where that is more than words. */
  modalities?: readonly string[];
  /** As Chat takes them. */
  tools?: unknown[];
  response_format?: {
    type: "json_schema";
    json_schema: { name: string; strict: boolean; schema: Record<string, unknown> };
  };
}

/** What an example is about. */
export interface Target {
  /** The router's address, without a slash at its end. */
  router: string;
  /** A key, where one was just made; else the examples read `GAIA_KEY` from the environment. */
  key: string | null;
  /** `provider/model`. */
  model: string;
  request: ChatRequest;
}

/** How one client is pointed at the router, and asks. */
export interface Client {
  id: string;
  /** As its makers call it. */
  name: string;
  /** The file an example would be saved as, or the shell. */
  file: string;
  /** Lines that are complete: pasted as they are, they get an answer. The same target gives the same lines. */
  code(target: Target): string;
}

/** The shortest there is. */
export const HELLO: ChatRequest = { messages: [{ role: "user", content: "Hello" }] };
