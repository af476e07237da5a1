import type { DialectId } from "../canonical/dialect-id.ts";
import type { FileVendor } from "../canonical/message.ts";
import type { StateOwner } from "../canonical/reasoning-state.ts";
import type { Quirk } from "../canonical/target-model.ts";
import type { Operation } from "../dialects/dialect.ts";

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
  /** In the form the vendor's own SDK takes as base URL; null where only an operator knows it. */
  defaultBaseUrl: string | null;
  /** Where the simulator mounts this vendor, below its own address. */
  simulatorPath: string;
  /** The request headers that carry the credential. */
  authorize(credential: string): Record<string, string>;
  /** Whose reasoning state its models read and write. */
  owner: StateOwner;
  /** Whose file ids it can look up; null: nobody's. */
  files: FileVendor | null;
  /** How it differs from the vendor that made its dialects, for translated requests. */
  quirks: readonly Quirk[];
  /** Models that take instructions between the other messages. */
  takesSystemMessages?(model: string): boolean;
  /**
   * Path below the base URL of each endpoint the vendor serves. A request in another dialect is translated to the first
   * one of its operation that the model has.
   */
  endpoints: Partial<Record<Endpoint, (parts: PathParts) => string>>;
  /** Usage comes in every Chat stream whether asked for or not, so nothing is injected and nothing removed. */
  usageAlwaysStreamed: boolean;
  /**
   * Whether an answer that is aborted is billed only as far as it has come (OpenRouter's list, "Stream cancellation":
   * OpenAI, Azure, Anthropic and others stop; Google and the rest write to the end and bill it). Where it is not known,
   * false: the rest of the answer may be billed, and its usage is worth reading.
   */
  abortStopsBilling: boolean;
  /** Client request headers passed on beside the common ones. */
  forwardedHeaders: readonly string[];
  /** Headers the vendor requires, used where the client sent none. */
  defaultHeaders: Record<string, string>;
}

export type ProviderId = "openai" | "anthropic" | "google" | "openrouter" | "compatible";

export const bearer = (credential: string): Record<string, string> => ({ authorization: `Bearer ${credential}` });
