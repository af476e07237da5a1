import { anthropic } from "./anthropic.ts";
import { compatible } from "./compatible.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import type { Endpoint, Provider, ProviderId } from "./provider.ts";

/** Every vendor; adding one is a file and a line here. */
export const providers: Record<ProviderId, Provider> = { openai, anthropic, google, openrouter, compatible };

export const isProviderId = (name: string): name is ProviderId => Object.hasOwn(providers, name);

/** The providers that serve an endpoint, by id. */
export const providersServing = (endpoint: Endpoint): ProviderId[] =>
  Object.values(providers)
    .filter((provider) => provider.endpoints[endpoint] !== undefined)
    .map((provider) => provider.id);
