import { ownValue } from "../lib/own-value.ts";
import type { Provider, ProviderId } from "./provider.ts";

/** Where a provider is reached and with which credential. */
export interface Connection {
  baseUrl: string;
  credential: string;
  /** The simulator stands in for the provider. */
  simulated: boolean;
  /** It is the vendor itself (or its simulator), not another host at an operator's address. */
  vendorsOwn: boolean;
}

interface NamedCredential {
  apiKey: string;
  /** Where it is used; null: where the provider is reached anyway. */
  baseUrl: string | null;
}

export interface ProviderSettings {
  /** The Worker's own credentials by provider; a missing one means none. */
  credentials: Partial<Record<ProviderId, string>>;
  /** More of them, by provider and the operator's name. */
  namedCredentials: Partial<Record<ProviderId, Record<string, NamedCredential>>>;
  /** Other addresses than the vendor's, in the form its SDK takes. */
  baseUrls: Partial<Record<ProviderId, string>>;
  /** Serves every provider without a credential, when set. */
  simulatorUrl: string | null;
  /** The Messages wire version that translated requests are written in. */
  anthropicVersion: string;
}

/**
 * The provider's connection with its default credential (null) or one the operator has named; null where there is neither
 * that credential nor a simulator. The simulator stands in for a provider without any credential, and knows every name.
 */
export function connectionTo(
  provider: Provider,
  settings: ProviderSettings,
  credential: string | null,
): Connection | null {
  const named = settings.namedCredentials[provider.id] ?? {};
  const own = credential === null ? undefined : ownValue(named, credential);
  const key = credential === null ? settings.credentials[provider.id] : own?.apiKey;
  const baseUrl = own?.baseUrl ?? settings.baseUrls[provider.id] ?? provider.defaultBaseUrl;
  if (key && baseUrl !== null) {
    const vendorsOwn = baseUrl === provider.defaultBaseUrl;
    return { baseUrl: baseUrl.replace(/\/+$/, ""), credential: key, simulated: false, vendorsOwn };
  }
  if (settings.simulatorUrl === null || isReached(provider, settings)) return null;
  return {
    baseUrl: settings.simulatorUrl.replace(/\/+$/, "") + provider.simulatorPath,
    credential: credential === null ? "simulated" : `simulated-${credential}`,
    simulated: true,
    vendorsOwn: true,
  };
}

/** Whether some credential leads to the provider itself. A mistaken name must not be answered by a simulator then. */
function isReached({ id, defaultBaseUrl }: Provider, settings: ProviderSettings): boolean {
  const { credentials, baseUrls, namedCredentials } = settings;
  const byDefault = Boolean(credentials[id]) && (baseUrls[id] ?? defaultBaseUrl) !== null;
  return byDefault || Object.keys(namedCredentials[id] ?? {}).length > 0;
}
