import type { PathParts, Provider } from "./provider.ts";

/** Model names may hold slashes and colons; only what would end the path is escaped. */
const modelPath = ({ model, method, version }: PathParts): string =>
  `/${version ?? "v1beta"}/models/${model.replace(/[?#%\s]/g, encodeURIComponent)}:${method}`;

export const google: Provider = {
  id: "google",
  defaultBaseUrl: "https://generativelanguage.googleapis.com",
  simulatorPath: "/google",
  authorize: (credential) => ({ "x-goog-api-key": credential }),
  owner: "google",
  files: "google",
  quirks: ["no_stored_state"],
  endpoints: {
    "google-generate-content/generate": modelPath,
    "google-generate-content/count_tokens": modelPath,
    "google-generate-content/embed": modelPath,
  },
  usageAlwaysStreamed: true,
  abortStopsBilling: false,
  forwardedHeaders: ["x-goog-api-client", "x-server-timeout"],
  defaultHeaders: {},
};
