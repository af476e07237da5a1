/**
 * One-time links: `gaia-invite-` or `gaia-reset-`, version(1) root organization(8) `_` secret(43) `_` tag(8). As with API keys
 * (`api-key.ts`) the tag lets garbage be refused with no lookup and vouches for the root; a MAC is what is stored.
 */
import { timingSafeEqual, toBase64Url, toHex } from "../lib/encoding.ts";
import { hmacSha256 } from "../lib/hmac.ts";
import type { Random } from "../lib/random.ts";
import type { Peppers } from "./api-key.ts";

/** What a link is good for; it is good for nothing else. */
type LinkPurpose = "invite" | "reset";

const SECRET_BYTES = 32;
const TAG_BYTES = 6;
const MAC_LABEL = "gaia link mac\n";
const FORM = /^(gaia-(?:invite|reset)-([0-9a-z])([0-9a-z]{8})_[A-Za-z0-9_-]{43}_)([A-Za-z0-9_-]{8})$/;

const tagOf = async (secret: string, untagged: string): Promise<string> =>
  toBase64Url((await hmacSha256(secret, untagged)).subarray(0, TAG_BYTES));

const macOf = async (secret: string, token: string): Promise<string> =>
  toHex(await hmacSha256(secret, MAC_LABEL + token));

/** A new link's token, to be shown once, and the MAC that is stored. */
export async function createLinkToken(
  purpose: LinkPurpose,
  { peppers, rootId, random }: { peppers: Peppers; rootId: string; random: Random },
): Promise<{ token: string; mac: string }> {
  const secret = peppers.secrets[peppers.current];
  if (!secret) throw new Error("there is no current pepper");
  const code = toBase64Url(random(SECRET_BYTES));
  const untagged = `gaia-${purpose}-${peppers.current}${rootId.slice(4)}_${code}_`;
  const token = untagged + (await tagOf(secret, untagged));
  return { token, mac: await macOf(secret, token) };
}

/** What a presented token of a purpose says; null when it is not one of ours. Whether it still holds is its row's to say. */
export async function readLinkToken(
  purpose: LinkPurpose,
  text: string,
  peppers: Peppers,
): Promise<{ rootId: string; mac: string } | null> {
  const [, untagged = "", version = "", root, tag = ""] = FORM.exec(text) ?? [];
  const secret = Object.hasOwn(peppers.secrets, version) ? peppers.secrets[version] : undefined;
  if (!secret || !untagged.startsWith(`gaia-${purpose}-`)) return null;
  if (!timingSafeEqual(await tagOf(secret, untagged), tag)) return null;
  return { rootId: `org_${root}`, mac: await macOf(secret, text) };
}
