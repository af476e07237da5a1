/** IP addresses and ranges of them (CIDR), as text. A range is `10.0.0.0/8`, `2001:db8::/32`, or one address. */

interface Address {
  bits: bigint;
  width: 32 | 128;
}

interface Range extends Address {
  /** How many bits in front an address must share. */
  prefix: number;
}

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const GROUPS = 8;
/** Where the IPv4 addresses stand within IPv6: `::ffff:0:0/96`. */
const MAPPED = 0xffffn;
const MAPPED_PREFIX = 96;

const joined = (parts: readonly number[], bits: bigint): bigint =>
  parts.reduce((sum, part) => (sum << bits) | BigInt(part), 0n);

const readIpv4 = (text: string): bigint | null => (IPV4.test(text) ? joined(text.split(".").map(Number), 8n) : null);

/** The groups of one side of `::`; null where one is none. The last may be an IPv4 address, which stands for two. */
function groupsOf(side: string, last: boolean): number[] | null {
  if (side === "") return [];
  const groups: number[] = [];
  const parts = side.split(":");
  for (const [at, part] of parts.entries()) {
    const embedded = last && at === parts.length - 1 ? readIpv4(part) : null;
    if (embedded !== null) groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function readIpv6(text: string): bigint | null {
  const sides = text.split("::");
  if (sides.length > 2) return null;
  const [left = "", right] = sides;
  const head = groupsOf(left, right === undefined);
  const tail = right === undefined ? [] : groupsOf(right, true);
  if (head === null || tail === null) return null;
  const missing = GROUPS - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  return joined([...head, ...Array<number>(missing).fill(0), ...tail], 16n);
}

/** Null for what is no address. */
function readAddress(text: string): Address | null {
  const ipv4 = readIpv4(text);
  if (ipv4 !== null) return { bits: ipv4, width: 32 };
  const bits = text.includes(":") ? readIpv6(text) : null;
  return bits === null ? null : { bits, width: 128 };
}

/** An IPv4 address that is written as an IPv6 one is the same address. */
const unmapped = ({ bits, width }: Address): Address =>
  width === 128 && bits >> 32n === MAPPED ? { bits: bits & 0xffff_ffffn, width: 32 } : { bits, width };

function readRange(text: string): Range | null {
  const [written = "", length, ...more] = text.split("/");
  const address = readAddress(written);
  if (address === null || more.length > 0) return null;
  if (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) return null;
  const prefix = length === undefined ? address.width : Number(length);
  if (prefix > address.width || (address.bits & ((1n << BigInt(address.width - prefix)) - 1n)) !== 0n) return null;
  const plain = prefix >= MAPPED_PREFIX ? unmapped(address) : address;
  return { ...plain, prefix: prefix - (address.width - plain.width) };
}

/** Whether a text is an address or a range, with no bit set behind its prefix: `10.0.0.1/8` is a mistake. */
export const isIpRange = (text: string): boolean => readRange(text) !== null;

/** Whether an address is in one of the ranges; false for what is no address. */
export const isInRanges = (text: string, ranges: readonly string[]): boolean =>
  readAddress(text) !== null && isRangeWithin(text, ranges);

/** Whether all of a range is in one of the ranges; false for what is none. */
export function isRangeWithin(text: string, ranges: readonly string[]): boolean {
  const inner = readRange(text);
  if (inner === null) return false;
  return ranges.some((one) => {
    const range = readRange(one);
    if (range === null || range.width !== inner.width || range.prefix > inner.prefix) return false;
    const rest = BigInt(range.width - range.prefix);
    return inner.bits >> rest === range.bits >> rest;
  });
}

/** The IPv4 addresses of a range, or the one address that a text is, as they are written; null for a larger range, or none. */
export function addressesIn(text: string, most: number): string[] | null {
  const range = readRange(text);
  if (range === null) return null;
  if (range.width === 128)
    return range.prefix === 128 ? [new URL(`http://[${text.split("/")[0]}]`).hostname.slice(1, -1)] : null;
  const count = 2 ** (32 - range.prefix);
  if (count > most) return null;
  const first = Number(range.bits);
  return Array.from({ length: count }, (_, index) =>
    [24, 16, 8, 0].map((shift) => Math.floor((first + index) / 2 ** shift) % 256).join("."),
  );
}
