import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/**
 * The opaque reasoning state a vendor hands out (Anthropic `signature`, OpenAI `encrypted_content`, Gemini
 * `thoughtSignature`). Sealed with a fixed secret, so that the simulator knows its own after a restart and refuses
 * everybody else's, as the vendors do.
 */

const SECRET = "the simulator's seal; not a secret";
const NONCE_BYTES = 8;
const DIGEST_BYTES = 12;
const MAC_BYTES = 24;

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest().subarray(0, DIGEST_BYTES);

const macOf = (issuer: string, payload: Buffer): Buffer =>
  createHmac("sha256", SECRET).update(issuer).update(payload).digest().subarray(0, MAC_BYTES);

/** A seal of `issuer` over `text`; `nonce` (hex) makes two seals of the same text differ. */
export function sealFor(issuer: string, text: string, nonce: string): string {
  const payload = Buffer.concat([Buffer.from(nonce.padEnd(NONCE_BYTES * 2, "0"), "hex"), digestOf(text)]);
  return Buffer.concat([payload, macOf(issuer, payload)]).toString("base64");
}

/** `foreign`: not issued here. `altered`: issued here, for another text. An empty text (shown to nobody) passes. */
export function checkSeal(issuer: string, seal: string, text: string): "valid" | "altered" | "foreign" {
  const bytes = Buffer.from(seal, "base64");
  if (bytes.length !== NONCE_BYTES + DIGEST_BYTES + MAC_BYTES) return "foreign";
  const payload = bytes.subarray(0, NONCE_BYTES + DIGEST_BYTES);
  if (!timingSafeEqual(bytes.subarray(NONCE_BYTES + DIGEST_BYTES), macOf(issuer, payload))) return "foreign";
  if (text === "") return "valid";
  return payload.subarray(NONCE_BYTES).equals(digestOf(text)) ? "valid" : "altered";
}
