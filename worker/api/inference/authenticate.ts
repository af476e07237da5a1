import { checkApiKey, type ParsedKey } from "../../auth/api-key.ts";
import { invalidApiKey, readCredential } from "../../auth/credentials.ts";
import type { Permission, Principal, RouteRecord } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import type { KeyDenial } from "../../ledger/contract.ts";
import type { Services } from "../../services.ts";

export type AuthenticatedKey = ParsedKey & { mac: string };

/** The request's key, checked offline: a forged one costs no lookup. Whether it still holds, the Ledger says. */
export async function authenticateKey(services: Services, headers: Headers, url: URL): Promise<AuthenticatedKey> {
  const { key } = readCredential(headers, url);
  const checked = await checkApiKey(key, services.peppers);
  if (checked === null) throw invalidApiKey();
  return checked;
}

const DENIALS: Record<KeyDenial["code"], string> = {
  invalid_api_key: "",
  key_disabled: "This API key is disabled. Ask its owner to enable it, or use another.",
  key_expired: "This API key has expired. Make a new one.",
  organization_archived: "The organization of this API key is archived. Ask its administrator to restore it.",
  permission_denied: "This API key may not do that: it lacks the permission 'write'.",
};

/** The Ledger's no to a key, as an error for the client. */
export const denied = (code: KeyDenial["code"]): GatewayError =>
  code === "invalid_api_key" ? invalidApiKey() : new GatewayError(code, DENIALS[code]);

/** The Ledger's answer; whatever keeps it from answering is a 503, for nothing may be spent without it. */
export async function askLedger<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (cause) {
    throw new GatewayError(
      "ledger_unavailable",
      "The gateway cannot check this key at the moment. Try again shortly.",
      {
        retryAfter: 1,
        cause,
      },
    );
  }
}

export function requirePermission(principal: Principal, permission: Permission): void {
  if (!principal.permissions.includes(permission)) {
    throw new GatewayError("permission_denied", `This API key lacks the permission '${permission}'.`);
  }
}

/** The routes of a key that may read, for endpoints that only do that; the Ledger is always asked, as routes change. */
export async function routesOfReader(services: Services, headers: Headers, url: URL): Promise<RouteRecord[]> {
  const key = await authenticateKey(services, headers, url);
  const ledger = services.ledger(key.rootId, key.jurisdiction);
  const answer = await askLedger(ledger.routes({ keyId: key.keyId, rootId: key.rootId, mac: key.mac }));
  if (!answer.ok) throw denied(answer.code);
  services.principals.remember(key.mac, answer.principal, services.now());
  requirePermission(answer.principal, "read");
  return answer.routes;
}
