import type { Provider } from "./provider.ts";

export const anthropic: Provider = {
  id: "anthropic",
  defaultBaseUrl: "https://api.anthropic.com",
  simulatorPath: "/anthropic",
  authorize: (credential) => ({ "x-api-key": credential }),
  owner: "anthropic",
  files: "anthropic",
  quirks: ["no_stored_state"],
  // Since Opus 4.8.
  takesSystemMessages: (model) => !/claude-(?:3|[a-z]+-4(?!-8))/.test(model),
  endpoints: {
    "anthropic-messages/generate": () => "/v1/messages",
    "anthropic-messages/count_tokens": () => "/v1/messages/count_tokens",
  },
  usageAlwaysStreamed: true,
  abortStopsBilling: true,
  forwardedHeaders: ["anthropic-version", "anthropic-beta"],
  // Required by Anthropic; a client that sends none speaks the oldest version.
  defaultHeaders: { "anthropic-version": "2023-06-01" },
};
