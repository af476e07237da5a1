import { describe, expect, it } from "vitest";
import { type IdKind, isId, newId } from "../../../worker/lib/ids.ts";
import { secureRandom } from "../../../worker/lib/random.ts";

describe("newId", () => {
  it.each<[IdKind, RegExp]>([
    ["org", /^org_[0-9a-z]{8}$/],
    ["key", /^key_[0-9a-z]{12}$/],
    ["usr", /^usr_[0-9a-z]{12}$/],
  ])("%s", (kind, form) => {
    const ids = Array.from({ length: 500 }, () => newId(kind, secureRandom));
    for (const id of ids) {
      expect(id).toMatch(form);
      expect(isId(kind, id)).toBe(true);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("leaves out the bytes that would favour some characters", () => {
    const batches = [
      new Uint8Array(8).fill(255),
      new Uint8Array([252, 253, 254, 255, 0, 1, 35, 36]),
      new Uint8Array(8).fill(251),
    ];
    expect(newId("org", () => batches.shift() ?? new Uint8Array(8))).toBe("org_01z0zzzz");
  });
});

describe("isId", () => {
  it.each<[IdKind, string]>([
    ["org", "key_000000000000"],
    ["org", "org_0000000"],
    ["org", "org_000000000"],
    ["org", "org_0000000A"],
    ["key", "key_00000000000_"],
    ["usr", "usr_00000000000\n"],
    ["org", ""],
  ])("%s is not %j", (kind, text) => {
    expect(isId(kind, text)).toBe(false);
  });
});
