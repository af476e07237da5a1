/** Names of the wire formats the gateway speaks. */
export type DialectId =
  | "openai-chat"
  | "openai-responses"
  | "anthropic-messages"
  | "google-generate-content"
  | "openai-embeddings";

/** The formats a conversation can be held in; each is translated to each other one. */
export type ChatDialectId = Exclude<DialectId, "openai-embeddings">;

/** The formats embeddings are asked for in. */
export type EmbeddingsDialectId = "openai-embeddings" | "google-generate-content";
