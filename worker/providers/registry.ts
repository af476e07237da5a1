import type { Operation } from "../dialects/dialect.ts";
import { anthropic } from "./anthropic.ts";
import { compatible } from "./compatible.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import { openrouter } from "./openrouter.ts";
import type { Provider, ProviderId } from "./provider.ts";

/** Every vendor; adding one is a file and a line here. */
export const providers: Record<ProviderId, Provider> = { openai, anthropic, google, openrouter, compatible };

export const isProviderId = (name: string): name is ProviderId => Object.hasOwn(providers, name);

/** The providers that serve an operation, whatever a client's dialect, by id. */
export const providersServing = (operation: Operation): ProviderId[] =>
  Object.values(providers)
    .filter(({ endpoints }) => Object.keys(endpoints).some((endpoint) => endpoint.endsWith(`/${operation}`)))
    .map((provider) => provider.id);
