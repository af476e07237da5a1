import { createOpenAI } from "@ai-sdk/openai";
import type { Visit } from "../../sdk/visit.ts";
import type { Client } from "../client.ts";
import { caught, figuresOf, finishes, type Provider, talk } from "./ai-sdk.ts";

const provider = ({ gateway, headers, fetch }: Visit): Provider => {
  const openai = createOpenAI({ apiKey: gateway.apiKey, baseURL: `${gateway.url}/v1`, headers, fetch });
  return {
    model: (name) => openai.responses(name),
    options: ({ thinking, stored }) => ({
      openai: {
        // Otherwise the SDK sends references to what it believes to be stored.
        ...(stored ? {} : { store: false }),
        ...(thinking === undefined
          ? {}
          : {
              forceReasoning: true,
              reasoningEffort: typeof thinking === "number" ? "low" : thinking,
              reasoningSummary: "auto",
            }),
      },
    }),
    mark: { openai: { promptCacheBreakpoint: { mode: "explicit" } } },
  };
};

/** `@ai-sdk/openai`, its Responses models, which are its default. */
export const aiOpenaiResponses: Client = {
  id: "ai-openai-responses",
  ask: (visit, question) => talk(provider(visit), question),
  figuresOf,
  finishes,
  caught,
  errorName: () => "APICallError",
  streamErrorName: "AI_StreamProviderError",
};
