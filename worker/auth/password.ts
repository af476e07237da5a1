/**
 * Passwords: scrypt over an HMAC under the pepper, kept as a PHC string
 * `$scrypt$ln=14,r=8,p=5,keyid=1$<salt>$<hash>` (`keyid`: the pepper's version).
 */
import { scrypt } from "node:crypto";
import { fromBase64, timingSafeEqual, toBase64, toHex } from "../lib/encoding.ts";
import { hmacSha256 } from "../lib/hmac.ts";
import type { Random } from "../lib/random.ts";
import type { Peppers } from "./api-key.ts";

/** 16 MiB of memory; N·r·p stays below the 2^20 that workerd allows. OWASP's recommended set for p = 5. */
export const SCRYPT = { ln: 14, r: 8, p: 5 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
const LABEL = "gaia password\n";
const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2}),keyid=([0-9a-z])\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

interface Parameters {
  ln: number;
  r: number;
  p: number;
}

async function derive(secret: string, password: string, salt: Uint8Array, cost: Parameters): Promise<Uint8Array> {
  // NFKC: the same password typed on another keyboard may come as other code points (RFC 8265).
  const peppered = await hmacSha256(secret, LABEL + password.normalize("NFKC"));
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 64 * 2 ** 20 };
  return new Promise((resolve, reject) => {
    scrypt(peppered, salt, HASH_BYTES, options, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}

/** PHC string of a password under the current pepper. About 140 ms of CPU. */
export async function hashPassword(password: string, peppers: Peppers, random: Random): Promise<string> {
  const secret = peppers.secrets[peppers.current];
  if (!secret) throw new Error("there is no current pepper");
  const salt = random(SALT_BYTES);
  const hash = await derive(secret, password, salt, SCRYPT);
  const { ln, r, p } = SCRYPT;
  return `$scrypt$ln=${ln},r=${r},p=${p},keyid=${peppers.current}$${toBase64(salt)}$${toBase64(hash)}`;
}

/**
 * Compares a password with a stored PHC string. `rehash`: it was right, but stored under weaker parameters or an older
 * pepper, and should be stored anew. A string of another form, or of a pepper we no longer have, is never right.
 */
export async function verifyPassword(
  password: string,
  stored: string,
  peppers: Peppers,
): Promise<{ valid: boolean; rehash: boolean }> {
  const [, ln, r, p, keyId = "", salt = "", hash = ""] = PHC.exec(stored) ?? [];
  const secret = peppers.secrets[keyId];
  const saltBytes = fromBase64(salt);
  const hashBytes = fromBase64(hash);
  if (!secret || !saltBytes || !hashBytes) return { valid: false, rehash: false };
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const valid = timingSafeEqual(toHex(await derive(secret, password, saltBytes, cost)), toHex(hashBytes));
  const current = cost.ln === SCRYPT.ln && cost.r === SCRYPT.r && cost.p === SCRYPT.p && keyId === peppers.current;
  return { valid, rehash: valid && !current };
}

/**
 * A well-formed hash of no password, for e-mail addresses that nobody has: verifying against it costs what a real
 * verification costs, so the time of a refusal does not tell whether the account exists.
 */
export function nobodysPassword(peppers: Peppers): string {
  const { ln, r, p } = SCRYPT;
  return `$scrypt$ln=${ln},r=${r},p=${p},keyid=${peppers.current}$${"A".repeat(22)}$${"A".repeat(43)}`;
}
