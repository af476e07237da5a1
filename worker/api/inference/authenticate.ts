import { checkApiKey, type Jurisdiction } from "../../auth/api-key.ts";
import { invalidApiKey, readCredential } from "../../auth/credentials.ts";
import { macBehind } from "../../auth/play-session.ts";
import { isPlayToken, readPlayToken } from "../../auth/play-token.ts";
import type { Permission, Principal } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import type { TenantLedger } from "../../ledger/client.ts";
import type { KeyDenial, ListDenial, ModelDenial, PresentedKey, Whence } from "../../ledger/contract.ts";
import type { Services } from "../../services.ts";
import { whenceOf } from "../whence.ts";

/** A key that was made here, as its Ledger is asked about it. */
export interface AuthenticatedKey extends PresentedKey {
  jurisdiction: Jurisdiction;
}

/**
 * The request's key, checked offline: a forged one costs no lookup. Whether it still holds, the Ledger says. A token of the
 * playground's stands for a key that has no text.
 */
export async function authenticateKey(services: Services, headers: Headers, url: URL): Promise<AuthenticatedKey> {
  const { key } = readCredential(headers, url);
  if (isPlayToken(key)) return keyOfPlay(services, key);
  const checked = await checkApiKey(key, services.peppers);
  if (checked === null) throw invalidApiKey();
  return checked;
}

const notPlaying = (code: "invalid_api_key" | "key_expired", why: string) =>
  new GatewayError(code, `This playground token ${why}. Take a new one: POST /api/playground/token.`);

/**
 * The key behind a playground token, if the session it was taken in still lives and the member still may. No cookie is looked
 * at. A database that is away lets nobody in.
 */
async function keyOfPlay({ database, sessionSecret, now }: Services, token: string): Promise<AuthenticatedKey> {
  const claims = await readPlayToken(token, sessionSecret, now());
  if (claims === null) throw invalidApiKey();
  if (claims === "expired") throw notPlaying("key_expired", "has run out");
  const mac = await macBehind(database, claims, now()).catch((cause: unknown) => {
    const message = "The playground's token cannot be checked right now. Try again in a moment.";
    throw new GatewayError("database_unavailable", message, { retryAfter: 1, cause });
  });
  if (mac === null)
    throw notPlaying("invalid_api_key", "no longer holds: its session has ended, or your role has changed");
  const { rootId, keyId, jurisdiction } = claims;
  return { rootId, keyId, jurisdiction, mac };
}

const DENIALS: Record<Exclude<KeyDenial["code"], "invalid_api_key">, string> = {
  key_disabled: "This API key is disabled. Ask its owner to enable it, or use another.",
  key_expired: "This API key has expired. Make a new one.",
  organization_archived: "The organization of this API key is archived. Ask its administrator to restore it.",
  permission_denied: "This API key may not do that: it lacks the permission 'write'.",
};

/** The Ledger's no to a key, or to where or for what it is used, as an error for the client. */
export function denied(denial: KeyDenial | ListDenial | ModelDenial): GatewayError {
  switch (denial.code) {
    case "invalid_api_key":
      return invalidApiKey();
    case "ip_not_allowed":
      return new GatewayError("ip_not_allowed", ipSentence(denial.address));
    case "origin_not_allowed":
      return new GatewayError(
        "origin_not_allowed",
        `This API key may not be used by pages of ${denial.origin.slice(0, LONGEST_SHOWN)}. Ask its owner to add that origin to the key.`,
      );
    case "model_not_allowed":
      return modelRefused(denial);
    case "model_not_enabled":
      return modelDisabled(denial.model, denial.param, denial.organization);
    default:
      return new GatewayError(denial.code, DENIALS[denial.code]);
  }
}

const LONGEST_SHOWN = 200;
const MOST_SHOWN = 10;

const ipSentence = (address: string | null): string =>
  address === null
    ? "This API key may be used from certain addresses only, and this request's address is not known."
    : `This API key may not be used from ${address}. Ask its owner to add that address to the key.`;

/** A model that is not on the key's list, told with what is. */
export function modelRefused({ name, param, allowed }: Pick<NotListed, "name" | "param" | "allowed">): GatewayError {
  const shown = allowed.slice(0, MOST_SHOWN).join(", ");
  const more = allowed.length > MOST_SHOWN ? ` and ${allowed.length - MOST_SHOWN} more` : "";
  const message = `This API key may not ask for '${name}'. It may ask for: ${shown}${more}.`;
  return new GatewayError("model_not_allowed", message, { param });
}

/** A model that an organization does not allow, and which one that is. */
export const modelDisabled = (model: string, param: string, organization: string): GatewayError =>
  new GatewayError(
    "model_not_allowed",
    `The organization '${organization}' does not allow '${model}'. Ask its administrator, or take a model that GET /v1/models lists.`,
    { param },
  );

type NotListed = Extract<ListDenial, { code: "model_not_allowed" }>;

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

/**
 * Asks the Ledger about the request's key, for endpoints that only read, and the key must be allowed to; always the Ledger, as
 * configurations change.
 */
export async function askAsReader<Answer extends { ok: true; principal: Principal }>(
  services: Services,
  request: Request,
  ask: (ledger: TenantLedger, key: PresentedKey, from: Whence) => Promise<Answer | KeyDenial | ListDenial>,
): Promise<Answer> {
  const key = await authenticateKey(services, request.headers, new URL(request.url));
  const { rootId, keyId, mac, jurisdiction } = key;
  const answer = await askLedger(ask(services.ledger(rootId, jurisdiction), { rootId, keyId, mac }, whenceOf(request)));
  if (!answer.ok) throw denied(answer);
  services.principals.remember(mac, answer.principal, services.now());
  requirePermission(answer.principal, "read");
  return answer;
}
