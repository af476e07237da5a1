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

/** One of each vendor, as examples ask them; the first where nothing says otherwise. */
export const EXAMPLE_MODELS = ["openai/gpt-6.1-sol", "anthropic/claude-sonnet-5-5", "google/gemini-3.8-flash"] as const;

/** A model that a key may ask: `allowed` is its list, of models, routes and whole providers (`openai/*`); null: everything. */
export function exampleModel(allowed: readonly string[] | null): string {
  const takes = (model: string) =>
    allowed?.some((one) => (one.endsWith("*") ? model.startsWith(one.slice(0, -1)) : one === model)) ?? true;
  return EXAMPLE_MODELS.find(takes) ?? allowed?.find((one) => !one.endsWith("*")) ?? EXAMPLE_MODELS[0];
}
