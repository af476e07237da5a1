import { fromBase64, toPaddedBase64, utf8 } from "./encoding.ts";

/** Signatures of the Standard Webhooks specification (github.com/standard-webhooks/standard-webhooks), version 1. */

const PREFIX = "whsec_";

/** The key's bytes; throws for a text that is no `whsec_` + base64. */
function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length).replace(/=+$/, "")) : null;
  if (bytes === null || bytes.length === 0) throw new Error("a signing secret is whsec_ and base64");
  return bytes;
}

/**
 * The value of `webhook-signature`: `v1,` + base64 of HMAC-SHA-256 over `id.timestamp.body`.
 * @param secret `whsec_` + base64 of the key's bytes; an Error when it is not
 * @param id the value of `webhook-id`
 * @param timestamp the value of `webhook-timestamp`, seconds since the epoch
 * @param body exactly as it is sent
 */
export async function signWebhook(secret: string, id: string, timestamp: number, body: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secretBytes(secret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8(`${id}.${timestamp}.${body}`));
  return `v1,${toPaddedBase64(new Uint8Array(signature))}`;
}
