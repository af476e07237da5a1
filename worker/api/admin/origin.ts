import { toHex } from "../../lib/encoding.ts";
import { hmacSha256 } from "../../lib/hmac.ts";
import type { Origin } from "../../organizations/actor.ts";

/** Characters of a hash that are kept: 64 bits tell addresses apart. */
const KEPT = 16;

/** A text's keyed hash, for one purpose: an address and a user agent of the same text have two. Null without a text. */
const keyedHash = async (secret: string, purpose: string, text: string | null): Promise<string | null> =>
  text === null ? null : toHex(await hmacSha256(secret, `audit ${purpose}\n${text}`)).slice(0, KEPT);

/** The hashes that some addresses have in the audit log. */
export const addressHashes = async (secret: string, addresses: readonly string[]): Promise<string[]> =>
  (await Promise.all(addresses.map((address) => keyedHash(secret, "address", address)))).filter(
    (hash) => hash !== null,
  );

/**
 * What the audit log keeps of where a request came from. Address and user agent are hashed under a secret, since both are
 * few enough to be tried out otherwise.
 */
export const originOf = async (headers: Headers, sessionId: string | null, secret: string): Promise<Origin> => ({
  sessionId,
  addressHash: await keyedHash(secret, "address", headers.get("cf-connecting-ip")),
  agentHash: await keyedHash(secret, "agent", headers.get("user-agent")),
});
