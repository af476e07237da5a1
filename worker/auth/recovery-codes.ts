/**
 * Recovery codes: sixteen characters of Crockford's base32, 80 bits, in four groups. Each opens its account once in place of the
 * second factor. As with links (`link-token.ts`) an HMAC under the pepper is what is stored.
 */
import { toHex } from "../lib/encoding.ts";
import { hmacSha256 } from "../lib/hmac.ts";
import type { Random } from "../lib/random.ts";
import type { Peppers } from "./api-key.ts";

export const RECOVERY_CODES = 10;
const CHARACTERS = 16;
/** Neither i, l, o nor u: they are taken for others. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LABEL = "gaia recovery code\n";

const macOf = async (secret: string, userId: string, code: string): Promise<string> =>
  toHex(await hmacSha256(secret, `${LABEL}${userId}\n${code}`));

/** New codes, to be shown once, and the MACs that are stored. */
export async function newRecoveryCodes(
  userId: string,
  peppers: Peppers,
  random: Random,
): Promise<{ codes: string[]; macs: string[] }> {
  const secret = peppers.secrets[peppers.current];
  if (!secret) throw new Error("there is no current pepper");
  const plain = Array.from({ length: RECOVERY_CODES }, () =>
    Array.from(random(CHARACTERS), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join(""),
  );
  return {
    codes: plain.map((code) => code.replace(/.{4}(?=.)/g, "$&-")),
    macs: await Promise.all(plain.map((code) => macOf(secret, userId, code))),
  };
}

/** The MACs that a code somebody typed may be stored as, one for each pepper there is; none for what cannot be a code. */
export async function recoveryCodeMacs(typed: string, userId: string, peppers: Peppers): Promise<string[]> {
  const code = typed.toLowerCase().replace(/[\s-]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
  if (code.length !== CHARACTERS || [...code].some((character) => !ALPHABET.includes(character))) return [];
  return Promise.all(Object.values(peppers.secrets).map((secret) => macOf(secret, userId, code)));
}
