import type { Whence } from "../ledger/contract.ts";

/** What plain workerd says of a connection: address and port. Cloudflare says other things there. */
interface Connection {
  clientIp?: unknown;
}

/** `203.0.113.9:443`, `[2001:db8::1]:443`. */
const PEER = /^\[?([0-9a-f.:]+?)\]?:\d{1,5}$/i;

/**
 * Where a request comes from. Cloudflare writes the client's address into a header that no client can write itself. In plain
 * workerd there is no Cloudflare, and the address is the connection's: a header there is anybody's to write. (wrangler's local
 * server, which listens on the loopback interface only, writes the header itself where none comes.)
 */
export function whenceOf(request: Request): Whence {
  const { clientIp } = (request as { cf?: Connection }).cf ?? {};
  const peer = typeof clientIp === "string" ? (PEER.exec(clientIp)?.[1] ?? null) : undefined;
  const address = peer === undefined ? request.headers.get("cf-connecting-ip") : peer;
  const origin = request.headers.get("origin");
  return { address, origin: origin === new URL(request.url).origin ? null : origin };
}
