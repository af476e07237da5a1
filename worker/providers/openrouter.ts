import { bearer, type Provider } from "./provider.ts";

export const openrouter: Provider = {
  id: "openrouter",
  defaultBaseUrl: "https://openrouter.ai/api/v1",
  simulatorPath: "/openrouter/api/v1",
  authorize: bearer,
  owner: "openrouter",
  files: null,
  quirks: [
    "max_tokens",
    "sampling_extensions",
    "reasoning_object",
    "reasoning_details",
    "cache_control",
    "no_custom_tools",
    "no_stored_state",
  ],
  endpoints: {
    "openai-chat/generate": () => "/chat/completions",
    "openai-responses/generate": () => "/responses",
    "anthropic-messages/generate": () => "/messages",
    "openai-embeddings/embed": () => "/embeddings",
  },
  usageAlwaysStreamed: true,
  // Its hosts differ, and which one answers is not told before.
  abortStopsBilling: false,
  forwardedHeaders: [
    "http-referer",
    "x-title",
    "x-openrouter-title",
    "x-openrouter-categories",
    "x-openrouter-metadata",
    "x-session-id",
    "anthropic-version",
  ],
  defaultHeaders: {},
};
