import type { DialectId, Operation } from "../dialects/dialect.ts";

/** One thing a provider can be asked: a dialect and an operation of it. */
export type Endpoint = `${DialectId}/${Operation}`;

/** What an endpoint's address is made from: the upstream model and, for Gemini, what the client's path said. */
export interface PathParts {
  model: string;
  /** Gemini's method, e.g. `streamGenerateContent`. */
  method?: string;
  /** Gemini's API version as the client called it, `v1beta` or `v1`. */
  version?: string;
}

/**
 * A vendor: where it is, how it is authorised, which dialects it speaks. Differences between vendors are data here, never
 * a comparison with a vendor's name elsewhere.
 */
export interface Provider {
  id: ProviderId;
  /** In the form the vendor's own SDK takes as base URL. */
  defaultBaseUrl: string;
  /** Where the simulator mounts this vendor, below its own address. */
  simulatorPath: string;
  /** The request headers that carry the credential. */
  authorize(credential: string): Record<string, string>;
  /** Path below the base URL of each endpoint the vendor serves. */
  endpoints: Partial<Record<Endpoint, (parts: PathParts) => string>>;
  /** Usage comes in every Chat stream whether asked for or not, so nothing is injected and nothing removed. */
  usageAlwaysStreamed: boolean;
  /** Client request headers passed on beside the common ones. */
  forwardedHeaders: readonly string[];
  /** Headers the vendor requires, used where the client sent none. */
  defaultHeaders: Record<string, string>;
}

export type ProviderId = "openai" | "anthropic" | "google" | "openrouter";

export const bearer = (credential: string): Record<string, string> => ({ authorization: `Bearer ${credential}` });
