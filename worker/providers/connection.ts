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

export interface ProviderSettings {
  /** The Worker's own credentials by provider; a missing one means none. */
  credentials: Partial<Record<ProviderId, string>>;
  /** Other addresses than the vendor's, in the form its SDK takes. */
  baseUrls: Partial<Record<ProviderId, string>>;
  /** Serves every provider without a credential, when set. */
  simulatorUrl: string | null;
  /** The Messages wire version that translated requests are written in. */
  anthropicVersion: string;
}

/** The provider's connection, or null when it has neither a credential nor a simulator. */
export function connectionTo(provider: Provider, settings: ProviderSettings): Connection | null {
  const credential = settings.credentials[provider.id];
  const baseUrl = settings.baseUrls[provider.id] ?? provider.defaultBaseUrl;
  if (credential && baseUrl !== null) {
    const vendorsOwn = baseUrl === provider.defaultBaseUrl;
    return { baseUrl: baseUrl.replace(/\/+$/, ""), credential, simulated: false, vendorsOwn };
  }
  if (settings.simulatorUrl === null) return null;
  const base = settings.simulatorUrl.replace(/\/+$/, "");
  return { baseUrl: base + provider.simulatorPath, credential: "simulated", simulated: true, vendorsOwn: true };
}
