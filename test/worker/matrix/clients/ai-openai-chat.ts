import { createOpenAI } from "@ai-sdk/openai";
import type { Visit } from "../../sdk/visit.ts";
import type { Client } from "../client.ts";
import { caught, figuresOf, finishes, type Provider, talk } from "./ai-sdk.ts";

const provider = ({ gateway, headers, fetch }: Visit): Provider => {
  const openai = createOpenAI({ apiKey: gateway.apiKey, baseURL: `${gateway.url}/v1`, headers, fetch });
  return {
    model: (name) => openai.chat(name),
    options: ({ thinking }) => ({
      openai:
        thinking === undefined
          ? {}
          : { forceReasoning: true, reasoningEffort: typeof thinking === "number" ? "low" : thinking },
    }),
    mark: { openai: { promptCacheBreakpoint: { mode: "explicit" } } },
  };
};

/** `@ai-sdk/openai`, its chat models. */
export const aiOpenaiChat: Client = {
  id: "ai-openai-chat",
  ask: (visit, question) => talk(provider(visit), question),
  figuresOf,
  finishes,
  caught,
  errorName: () => "APICallError",
  streamErrorName: "AI_StreamProviderError",
};
