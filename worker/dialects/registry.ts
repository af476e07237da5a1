import type { ChatDialectId, DialectId, EmbeddingsDialectId } from "../canonical/dialect-id.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import type { ChatDialect, Dialect } from "./dialect.ts";
import type { EmbeddingsCodec } from "./embeddings.ts";
import { googleEmbeddingsCodec } from "./google-generate-content/embeddings.ts";
import { googleGenerateContent } from "./google-generate-content/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiEmbeddingsCodec } from "./openai-embeddings/embeddings.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";

/** The formats that conversations are translated between. */
export const chatDialects: Record<ChatDialectId, ChatDialect> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "anthropic-messages": anthropicMessages,
  "google-generate-content": googleGenerateContent,
};

/** The formats that embeddings are translated between. */
export const embeddingsCodecs: Record<EmbeddingsDialectId, EmbeddingsCodec> = {
  "openai-embeddings": openaiEmbeddingsCodec,
  "google-generate-content": googleEmbeddingsCodec,
};

/** Every wire format the gateway speaks; adding one is a folder and a line here. */
export const dialects: Record<DialectId, Dialect> = { ...chatDialects, "openai-embeddings": openaiEmbeddings };
