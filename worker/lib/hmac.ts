import { utf8 } from "./encoding.ts";

/** Imported keys by their secret. An isolate sees a handful of secrets, all of them from its configuration. */
const imported = new Map<string, CryptoKey>();

async function hmacKey(secret: string): Promise<CryptoKey> {
  const known = imported.get(secret);
  if (known) return known;
  if (secret === "") throw new Error("an HMAC secret must not be empty");
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  // The key, not its promise: workerd does not let one request wait on what another one began.
  imported.set(secret, key);
  return key;
}

/**
 * HMAC-SHA-256 of a text: 32 bytes. The secret's own characters are the key (its text form, not what it decodes to), so
 * that a secret in any encoding serves.
 */
export async function hmacSha256(secret: string, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", await hmacKey(secret), utf8(text)));
}
