import { createAnthropic } from "@ai-sdk/anthropic";
import type { Visit } from "../../sdk/visit.ts";
import type { Client } from "../client.ts";
import { caught, figuresOf, finishes, type Provider, talk } from "./ai-sdk.ts";

const provider = ({ gateway, headers, fetch }: Visit): Provider => {
  const anthropic = createAnthropic({ apiKey: gateway.apiKey, baseURL: `${gateway.url}/v1`, headers, fetch });
  return {
    model: (name) => anthropic(name),
    options: ({ thinking, schema }) => ({
      anthropic: {
        ...(thinking === undefined
          ? {}
          : thinking === "medium"
            ? { thinking: { type: "adaptive", display: "summarized" }, effort: "medium" }
            : { thinking: { type: "enabled", budgetTokens: thinking } }),
        // For a model it does not know the SDK would make a schema a tool.
        ...(schema === undefined ? {} : { structuredOutputMode: "outputFormat" }),
      },
    }),
    mark: { anthropic: { cacheControl: { type: "ephemeral" } } },
  };
};

/** `@ai-sdk/anthropic`. */
export const aiAnthropic: Client = {
  id: "ai-anthropic",
  ask: (visit, question) => talk(provider(visit), question),
  figuresOf,
  finishes,
  caught,
  errorName: () => "APICallError",
  streamErrorName: "AI_StreamProviderError",
};
