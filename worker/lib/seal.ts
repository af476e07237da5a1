import { fromBase64, toBase64Url, utf8 } from "./encoding.ts";
import { secureRandom } from "./random.ts";

/** What a sealed text is and whose. All of it is bound to it: moved to another place, it does not open. */
export interface SealedPlace {
  /** What the text is for, e.g. `webhook secret`. Every purpose has keys of its own. */
  purpose: string;
  rootId: string;
  /** The row it belongs to. */
  id: string;
}

const VERSION = "v1";
/** Bytes, as NIST SP 800-38D recommends for GCM. Random: far below 2³² texts are ever sealed under one key. */
const IV_BYTES = 12;

/** The AES key of a purpose and tenant: HKDF-SHA-256 (RFC 5869) of the master key, which itself encrypts nothing. */
async function keyOf(masterKey: string, { purpose, rootId }: SealedPlace): Promise<CryptoKey> {
  if (masterKey === "") throw new Error("a master key must not be empty");
  const material = await crypto.subtle.importKey("raw", utf8(masterKey), "HKDF", false, ["deriveKey"]);
  const info = utf8(JSON.stringify(["gaia seal", VERSION, purpose, rootId]));
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info };
  return crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** JSON marks where each part ends: `a` + `bc` is not `ab` + `c`. */
const placeBytes = ({ purpose, rootId, id }: SealedPlace) => utf8(JSON.stringify([VERSION, purpose, rootId, id]));

/**
 * Encrypts a text for storage: AES-256-GCM under a key derived from the master key. Answers `v1.<iv>.<ciphertext>` in
 * base64url; the same text sealed twice differs.
 */
export async function seal(masterKey: string, place: SealedPlace, text: string): Promise<string> {
  const iv = secureRandom(IV_BYTES);
  const algorithm = { name: "AES-GCM", iv, additionalData: placeBytes(place) };
  const ciphertext = await crypto.subtle.encrypt(algorithm, await keyOf(masterKey, place), utf8(text));
  return `${VERSION}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(ciphertext))}`;
}

/**
 * Opens what `seal` made, for the same master key and place.
 * @throws Error for anything else: another key or place, a changed bit, another form. It says nothing of the content.
 */
export async function unseal(masterKey: string, place: SealedPlace, sealed: string): Promise<string> {
  const [version, ivText = "", ciphertextText = "", ...more] = sealed.split(".");
  const [iv, ciphertext] = [exactly(ivText), exactly(ciphertextText)];
  if (version !== VERSION || more.length > 0 || iv?.length !== IV_BYTES || ciphertext === null) {
    throw new Error("this is not a sealed text");
  }
  const algorithm = { name: "AES-GCM", iv, additionalData: placeBytes(place) };
  const key = await keyOf(masterKey, place);
  const bytes = await crypto.subtle.decrypt(algorithm, key, ciphertext).catch(() => {
    throw new Error("this sealed text cannot be opened: it was changed, or belongs elsewhere");
  });
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Bytes of base64url in its one spelling: the unused bits of a last character are no place for a difference. */
function exactly(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = fromBase64(text);
  return bytes !== null && toBase64Url(bytes) === text ? bytes : null;
}
