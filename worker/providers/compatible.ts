import { bearer, type Provider } from "./provider.ts";

/** Any host that speaks Chat Completions as OpenAI does (vLLM, Ollama, Mistral, DeepSeek, …), at the operator's address. */
export const compatible: Provider = {
  id: "compatible",
  defaultBaseUrl: null,
  simulatorPath: "/compatible/v1",
  authorize: bearer,
  owner: "none",
  files: null,
  quirks: ["max_tokens", "sampling_extensions", "reasoning_text", "no_custom_tools", "no_stored_state"],
  endpoints: {
    "openai-chat/generate": () => "/chat/completions",
    "openai-embeddings/embed": () => "/embeddings",
  },
  usageAlwaysStreamed: false,
  abortStopsBilling: false,
  forwardedHeaders: [],
  defaultHeaders: {},
};
