import { bearer, type Provider } from "./provider.ts";

export const openai: Provider = {
  id: "openai",
  defaultBaseUrl: "https://api.openai.com/v1",
  simulatorPath: "/openai/v1",
  authorize: bearer,
  owner: "openai",
  files: "openai",
  quirks: [],
  endpoints: {
    "openai-chat/generate": () => "/chat/completions",
    "openai-responses/generate": () => "/responses",
    "openai-responses/count_tokens": () => "/responses/input_tokens",
    "openai-embeddings/embed": () => "/embeddings",
  },
  usageAlwaysStreamed: false,
  abortStopsBilling: true,
  forwardedHeaders: ["openai-beta"],
  defaultHeaders: {},
};
