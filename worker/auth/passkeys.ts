/**
 * Passkeys (WebAuthn). The protocol is the library's; it is read in when somebody needs it, so that the requests of everybody
 * else begin without it. Attestation is not asked for: who made the authenticator changes nothing here.
 */
import type { AuthenticatorTransport, PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import { fromBase64, toBase64Url } from "../lib/encoding.ts";
import { STEP_SECONDS } from "./kept-step.ts";

const library = () => import("@simplewebauthn/server");
const helpers = () => import("@simplewebauthn/server/helpers");

const TIMEOUT_MS = STEP_SECONDS * 1000;

/** A passkey as it is stored. */
export interface StoredPasskey {
  credentialId: string;
  publicKey: string;
  counter: number;
  transports: string[];
}

/** The page that passkeys are for: the dashboard's own origin. A passkey of another site serves nothing here. */
export const relyingParty = (url: string) => {
  const { origin, hostname } = new URL(url);
  return { origin, id: hostname };
};

export type RelyingParty = ReturnType<typeof relyingParty>;

interface Answered<Response> {
  id: string;
  rawId: string;
  type: "public-key";
  response: Response;
}

/** What `navigator.credentials.create` answers, as JSON (WebAuthn, 5.1). All binary is base64url. */
export type NewCredential = Answered<{
  clientDataJSON: string;
  attestationObject: string;
  transports?: string[] | undefined;
}>;

/** What `navigator.credentials.get` answers. */
export type ShownCredential = Answered<{
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle?: string | undefined;
}>;

/** No extension is asked for. */
const NO_EXTENSIONS = { clientExtensionResults: {} };

/** Options for `navigator.credentials.create`, of one who has these passkeys already. */
export async function creationOptions(
  site: RelyingParty,
  user: { handle: Uint8Array<ArrayBuffer>; email: string; name: string },
  known: readonly Pick<StoredPasskey, "credentialId" | "transports">[],
): Promise<Omit<PublicKeyCredentialCreationOptionsJSON, "extensions"> & { extensions: Record<string, unknown> }> {
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    ...{ rpName: "GaiaRouter", rpID: site.id, timeout: TIMEOUT_MS, attestationType: "none" },
    ...{ userID: user.handle, userName: user.email, userDisplayName: user.name },
    excludeCredentials: known.map(({ credentialId: id, transports }) => ({
      id,
      transports: transports as AuthenticatorTransport[],
    })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  // An object of its own: which extensions the DOM's types know is nothing that the contract depends on.
  return { ...options, extensions: { ...options.extensions } };
}

/** Options for `navigator.credentials.get`: whatever passkey the person has for this site. */
export async function requestOptions(site: RelyingParty) {
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({ rpID: site.id, timeout: TIMEOUT_MS, userVerification: "required" });
}

/**
 * Whether an authenticator's answer holds no certificates. None are asked for, and to check some that came all the same the
 * library would fetch from wherever they say.
 */
async function bearsNoCertificate({ response }: NewCredential): Promise<boolean> {
  const { decodeAttestationObject } = await helpers();
  const bytes = fromBase64(response.attestationObject);
  if (bytes === null) return false;
  try {
    const attestation = decodeAttestationObject(bytes);
    const format = attestation.get("fmt");
    return format === "none" || (format === "packed" && attestation.get("attStmt").get("x5c") === undefined);
  } catch {
    return false;
  }
}

/** The passkey that an authenticator has made for a challenge; null when its answer does not hold. */
export async function verifyNewPasskey(
  site: RelyingParty,
  challenge: string,
  response: NewCredential,
): Promise<StoredPasskey | null> {
  if (!(await bearsNoCertificate(response))) return null;
  const { verifyRegistrationResponse } = await library();
  // Whatever is wrong with an answer, it throws.
  const checked = await verifyRegistrationResponse({
    ...{
      response: { ...response, ...NO_EXTENSIONS },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
    },
    requireUserVerification: true,
  }).catch(() => null);
  if (!checked?.verified) return null;
  const { id, publicKey, counter } = checked.registrationInfo.credential;
  const transports = response.response.transports ?? [];
  return { credentialId: id, publicKey: toBase64Url(publicKey), counter, transports };
}

/** What the authenticator has counted when it signed a challenge with this passkey; null when its answer does not hold. */
export async function verifyPasskey(
  site: RelyingParty,
  challenge: string,
  response: ShownCredential,
  { credentialId, publicKey, counter, transports }: StoredPasskey,
): Promise<number | null> {
  const { verifyAuthenticationResponse } = await library();
  const key = fromBase64(publicKey);
  if (key === null) throw new Error("a stored public key is not base64url");
  // A counter that has not gone up throws too: somebody has a copy of the authenticator.
  const checked = await verifyAuthenticationResponse({
    ...{
      response: { ...response, ...NO_EXTENSIONS },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
    },
    credential: { id: credentialId, publicKey: key, counter, transports: transports as AuthenticatorTransport[] },
    requireUserVerification: true,
  }).catch(() => null);
  return checked?.verified ? checked.authenticationInfo.newCounter : null;
}
