/**
 * What a passkey keeps of whose it is: version(1) root organization(8) user(12) tag(8). As with API keys (`api-key.ts`) the tag
 * lets garbage be refused with no lookup and vouches for the root. It names nobody to who reads it.
 */
import { decodeUtf8, fromBase64, timingSafeEqual, toBase64Url, utf8 } from "../lib/encoding.ts";
import { hmacSha256 } from "../lib/hmac.ts";
import type { Peppers } from "./api-key.ts";

const TAG_BYTES = 6;
const LABEL = "gaia user handle\n";
const FORM = /^([0-9a-z])([0-9a-z]{8})([0-9a-z]{12})([A-Za-z0-9_-]{8})$/;

const tagOf = async (secret: string, untagged: string): Promise<string> =>
  toBase64Url((await hmacSha256(secret, LABEL + untagged)).subarray(0, TAG_BYTES));

/** The handle of somebody's passkeys; at most 64 bytes are allowed (WebAuthn, 5.4.3). */
export async function userHandle(
  { rootId, userId }: { rootId: string; userId: string },
  peppers: Peppers,
): Promise<Uint8Array<ArrayBuffer>> {
  const secret = peppers.secrets[peppers.current];
  if (!secret) throw new Error("there is no current pepper");
  const untagged = `${peppers.current}${rootId.slice(4)}${userId.slice(4)}`;
  return utf8(untagged + (await tagOf(secret, untagged)));
}

/** Whose handle it is, from base64url; null when it is not one of ours. */
export async function readUserHandle(
  handle: string,
  peppers: Peppers,
): Promise<{ rootId: string; userId: string } | null> {
  const text = decodeUtf8(fromBase64(handle) ?? new Uint8Array(0)) ?? "";
  const [, version = "", root = "", user = "", tag = ""] = FORM.exec(text) ?? [];
  const secret = Object.hasOwn(peppers.secrets, version) ? peppers.secrets[version] : undefined;
  if (!secret || !timingSafeEqual(await tagOf(secret, version + root + user), tag)) return null;
  return { rootId: `org_${root}`, userId: `usr_${user}` };
}
