import type { ListenerId } from "./listeners.ts";

/** A client's dialect and a provider's, and the model that brings them together. */
export interface Pair {
  listener: ListenerId;
  model: string;
  /** The dialect the provider is spoken to in; the client's own where the answer is relayed. */
  upstream: string;
  relayed: boolean;
}

const CHAT = { model: "compatible/a-model", upstream: "openai-chat" };
const RESPONSES = { model: "openai/gpt-5-pro", upstream: "openai-responses" };
const MESSAGES = { model: "anthropic/claude-haiku-4-5", upstream: "anthropic-messages" };
const GEMINI = { model: "google/gemini-3.6-flash", upstream: "google-generate-content" };

/** Every dialect of clients with a provider that speaks it, and with one that speaks another. */
export const PAIRS: Pair[] = [
  // Relayed: Chat with an edit (the usage that nobody asked for is taken out), and all as they are.
  { listener: "chatHelper", model: "openai/gpt-4.1", upstream: "openai-chat", relayed: true },
  { listener: "chatLoop", ...CHAT, relayed: true },
  { listener: "responses", ...RESPONSES, relayed: true },
  { listener: "messages", ...MESSAGES, relayed: true },
  { listener: "gemini", ...GEMINI, relayed: true },
  // Translated: every dialect once on either side.
  { listener: "chatLoop", ...MESSAGES, relayed: false },
  { listener: "responses", ...GEMINI, relayed: false },
  { listener: "messages", ...CHAT, relayed: false },
  { listener: "gemini", ...RESPONSES, relayed: false },
];
