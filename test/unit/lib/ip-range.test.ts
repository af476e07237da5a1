import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isInRanges, isIpRange, isRangeWithin } from "../../../worker/lib/ip-range.ts";

describe("a range", () => {
  test.each([
    ["203.0.113.7"],
    ["203.0.113.0/24"],
    ["0.0.0.0/0"],
    ["255.255.255.255/32"],
    ["::/0"],
    ["::1"],
    ["2001:db8::/32"],
    ["2001:DB8:0:0:0:0:0:1/128"],
    ["::ffff:203.0.113.0/120"],
    ["1:2:3:4:5:6:7::"],
  ])("is %s", (text) => {
    expect(isIpRange(text)).toBe(true);
  });

  test.each([
    ["", "nothing"],
    ["203.0.113", "three numbers"],
    ["203.0.113.256", "a number above 255"],
    ["203.0.113.07", "a number that some read as octal"],
    ["0x7f.0.0.1", "a number that some read as hexadecimal"],
    ["203.0.113.7/33", "a longer prefix than the address"],
    ["203.0.113.0/024", "a prefix with a zero in front"],
    ["203.0.113.0/", "no prefix"],
    ["203.0.113.0/24/8", "two prefixes"],
    ["203.0.113.7/24", "bits behind the prefix"],
    ["2001:db8::1/64", "bits behind the prefix of IPv6"],
    ["2001::db8::1", "two gaps"],
    ["1:2:3:4:5:6:7:8:9", "nine groups"],
    ["1:2:3:4:5:6:7", "seven groups"],
    ["1:2:3:4:5:6:7:8::", "a gap of nothing"],
    ["fe80::1%eth0", "a zone"],
    ["12345::", "a group of five"],
    ["1.2.3.4::", "IPv4 in front"],
    [" 203.0.113.7", "a space"],
  ])("is not %j: %s", (text) => {
    expect(isIpRange(text)).toBe(false);
  });
});

describe("an address", () => {
  test.each([
    ["203.0.113.7", ["203.0.113.0/24"], true],
    ["203.0.114.7", ["203.0.113.0/24"], false],
    ["203.0.114.7", ["203.0.113.0/24", "203.0.114.7"], true],
    ["::ffff:203.0.113.7", ["203.0.113.0/24"], true],
    ["203.0.113.7", ["::ffff:203.0.113.0/120"], true],
    ["203.0.113.7", ["::/0"], false],
    ["2001:db8::1", ["0.0.0.0/0"], false],
    ["2001:DB8:0::1", ["2001:db8::/32"], true],
    ["nowhere", ["0.0.0.0/0", "::/0"], false],
    ["203.0.113.7:443", ["0.0.0.0/0"], false],
    ["", ["0.0.0.0/0", "::/0"], false],
    ["203.0.113.7", [], false],
    ["203.0.113.7", ["no range"], false],
  ])("%s in %j: %s", (address, ranges, expected) => {
    expect(isInRanges(address, ranges)).toBe(expected);
  });

  const family = (text: string) => (isIP(text) === 6 ? "ipv6" : "ipv4");

  /** Near a range as often as far from it. */
  const near = (network: string): fc.Arbitrary<string> =>
    isIP(network) === 4
      ? fc.tuple(fc.nat(3), fc.nat(255)).map(([at, octet]) => network.split(".").with(at, String(octet)).join("."))
      : fc.nat(0xffff).map((group) => network.replace(/[0-9a-f]*$/i, group.toString(16)));

  test("is where Node's own block list has it", () => {
    const network = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => !/ffff:\d+\./i.test(text) && !/:.*\./.test(text));
    const cases = network.chain((text) =>
      fc.record({
        text: fc.constant(text),
        prefix: fc.nat(isIP(text) === 4 ? 32 : 128),
        address: fc.oneof(near(text), fc.ipV4()),
      }),
    );
    fc.assert(
      fc.property(cases, ({ text, prefix, address }) => {
        fc.pre(isIP(address) !== 0);
        const range = `${text}/${prefix}`;
        fc.pre(isIpRange(range));
        const list = new BlockList();
        list.addSubnet(text, prefix, family(text));
        const expected = family(address) === family(text) && list.check(address, family(address));
        expect(isInRanges(address, [range])).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("is in the range of itself and of every network around it", () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(0xffff_ffff), fc.nat(32)), ([number, prefix]) => {
        const written = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
        const mask = prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0;
        const range = `${written((number & mask) >>> 0)}/${prefix}`;
        expect(isIpRange(range)).toBe(true);
        expect(isInRanges(written(number), [range])).toBe(true);
        // Another bit in front of the prefix's end leads out of it.
        if (prefix > 0) expect(isInRanges(written((number ^ (1 << (32 - prefix))) >>> 0), [range])).toBe(false);
      }),
    );
  });
});

describe("a range within others", () => {
  test.each<[string, string[], boolean]>([
    ["203.0.113.0/24", ["203.0.113.0/24"], true],
    ["203.0.113.128/25", ["203.0.113.0/24"], true],
    ["203.0.113.7", ["198.51.100.0/24", "203.0.113.0/24"], true],
    ["203.0.113.7", ["203.0.113.7"], true],
    ["203.0.113.0/24", ["203.0.113.128/25"], false],
    ["203.0.113.0/24", ["203.0.113.0/25", "203.0.113.128/25"], false],
    ["0.0.0.0/0", ["203.0.113.0/24"], false],
    ["::/0", ["0.0.0.0/0"], false],
    ["::ffff:203.0.113.0/120", ["203.0.113.0/24"], true],
    ["::ffff:0:0/96", ["0.0.0.0/0"], true],
    ["2001:db8::/48", ["2001:db8::/32"], true],
    ["2001:db8::/31", ["2001:db8::/32"], false],
    ["localhost", ["0.0.0.0/0"], false],
    ["203.0.113.7/24", ["0.0.0.0/0"], false],
  ])("%s in %j: %s", (range, ranges, expected) => {
    expect(isRangeWithin(range, ranges)).toBe(expected);
  });
});
