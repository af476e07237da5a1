import { createGoogle } from "@ai-sdk/google";
import type { Visit } from "../../sdk/visit.ts";
import type { Client } from "../client.ts";
import { caught, figuresOf, finishes, type Provider, talk } from "./ai-sdk.ts";

const provider = ({ gateway, headers, fetch }: Visit): Provider => {
  const google = createGoogle({
    apiKey: gateway.apiKey,
    baseURL: `${gateway.url}/v1beta`,
    headers,
    fetch,
  });
  return {
    model: (name) => google(name),
    options: ({ thinking }) => ({
      google:
        thinking === undefined
          ? {}
          : {
              thinkingConfig: {
                includeThoughts: true,
                ...(thinking === "medium" ? { thinkingLevel: "medium" } : { thinkingBudget: thinking }),
              },
            },
    }),
    tellsModel: false,
    mark: {},
  };
};

/** `@ai-sdk/google`. */
export const aiGoogle: Client = {
  id: "ai-google",
  ask: (visit, question) => talk(provider(visit), question),
  figuresOf,
  finishes,
  caught,
  errorName: () => "APICallError",
  streamErrorName: "AI_StreamProviderError",
};
