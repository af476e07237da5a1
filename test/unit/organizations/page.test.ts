import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiKeys } from "../../../drizzle/schema/index.ts";
import { toBase64Url, utf8 } from "../../../worker/lib/encoding.ts";
import { cutPage, pageOf } from "../../../worker/organizations/page.ts";

const row = (milliseconds: number, id: string) => ({ createdAt: new Date(milliseconds), id });

describe("a page", () => {
  it("has a cursor only when a row follows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 51 }), (limit, read) => {
        const rows = Array.from({ length: Math.min(read, limit + 1) }, (_, index) => row(index, "key_000000000000"));
        const page = cutPage(rows, { limit });
        expect(page.rows).toEqual(rows.slice(0, limit));
        expect(page.nextCursor !== null).toBe(rows.length > limit);
      }),
    );
  });

  it("hands out cursors it takes back", () => {
    const { nextCursor } = cutPage([row(1_793_000_000_123, "org_0000abcd"), row(0, "org_00000000")], { limit: 1 });
    expect(pageOf(apiKeys, { limit: 1, cursor: nextCursor ?? "" }).after).toBeDefined();
    expect(pageOf(apiKeys, { limit: 1 }).after).toBeUndefined();
  });

  it.each([
    "",
    "x",
    "!!!!",
    ...["1", "1.", ".org_0", "1.org_A", "1.org_0'", "-1.org_0", "1e3.org_0", "999999999999999.org_0"].map((text) =>
      toBase64Url(utf8(text)),
    ),
  ])("refuses the cursor %j", (cursor) => {
    expect(() => pageOf(apiKeys, { limit: 1, cursor })).toThrow(
      expect.objectContaining({ code: "invalid_value", param: "cursor" }),
    );
  });
});
