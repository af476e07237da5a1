/** Addresses a gateway may be sent to by a stranger: whether a host, as a URL parser spells it, is out in the open. */

/** IPv4 blocks that are private, local, reserved or for documentation (IANA special-purpose address registry). */
const SPECIAL: [address: string, bits: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

const numberOf = (address: string): number =>
  address.split(".").reduce((number, octet) => number * 256 + Number(octet), 0);

const BLOCKS = SPECIAL.map(([address, bits]) => ({ start: numberOf(address), size: 2 ** (32 - bits) }));

/** Names that only a private network answers to (RFC 6761, 6762, 8375, and what routers and companies use). */
const PRIVATE_SUFFIXES = [
  "localhost",
  "local",
  "internal",
  "home.arpa",
  "localdomain",
  "lan",
  "home",
  "corp",
  "intranet",
  "private",
  "test",
  "invalid",
  "onion",
];

/**
 * `hostname` is a URL's own: the parser has turned every spelling of an IPv4 address into four decimal numbers and put
 * IPv6 into brackets, which are refused altogether, since they can stand for any of the others. What a name resolves to
 * is for the network to judge.
 */
export function isPublicHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.+$/, "");
  if (host.startsWith("[")) return false;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    const number = numberOf(host);
    return !BLOCKS.some(({ start, size }) => number >= start && number < start + size);
  }
  if (!host.includes(".")) return false;
  return !PRIVATE_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}
