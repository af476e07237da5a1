import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiKeys } from "../../../drizzle/schema/index.ts";
import { toBase64Url, utf8 } from "../../../worker/lib/encoding.ts";
import { byInstant, byNumber, byText, CursorError, cutPage, pageOf } from "../../../worker/lib/page.ts";

const ORDERS = { created_at: byInstant(apiKeys.createdAt), name: byText(apiKeys.name), age: byNumber(sql`age`, -1) };
type By = keyof typeof ORDERS;
const newest = { by: "created_at" as By, descending: true };
const rows = (count: number) => Array.from({ length: count }, (_, at) => ({ id: "key_000000000000", place: `${at}` }));
const page = (sort: { by: By; descending: boolean }, cursor?: string) =>
  pageOf(ORDERS, apiKeys.id, { limit: 1, cursor, sort });

describe("a page", () => {
  it("has a cursor only when a row follows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 51 }), (limit, read) => {
        const found = rows(Math.min(read, limit + 1));
        const { rows: shown, nextCursor } = cutPage(found, { limit, sort: newest });
        expect(shown).toEqual(found.slice(0, limit).map(({ id }) => ({ id })));
        expect(nextCursor !== null).toBe(found.length > limit);
      }),
    );
  });

  it("goes on after the row of its cursor, whatever the text it is ordered by", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 100 }).filter((given) => !given.includes("\0"));
    fc.assert(
      fc.property(text, fc.boolean(), (place, descending) => {
        const sort = { by: "name" as const, descending };
        const { nextCursor } = cutPage([{ id: "key_000000000000", place }, ...rows(1)], { limit: 1, sort });
        const { params, sql: text } = new PgDialect().sqlToQuery(page(sort, nextCursor ?? "").after ?? sql``);
        expect(params).toEqual([place, "key_000000000000"]);
        expect(text).toContain(descending ? " < " : " > ");
      }),
    );
    expect(page(newest).after).toBeUndefined();
  });

  it("takes no cursor of another order", () => {
    const all = (Object.keys(ORDERS) as By[]).flatMap((by) => [true, false].map((descending) => ({ by, descending })));
    for (const sort of all) {
      const { nextCursor } = cutPage(rows(2), { limit: 1, sort });
      for (const other of all) {
        const read = () => page(other, nextCursor ?? "").after;
        if (other === sort) expect(read()).toBeDefined();
        else expect(read).toThrow(CursorError);
      }
    }
  });

  it.each([
    "",
    "x",
    "!!!!",
    ...["1", "1.", ".org_0", "1.org_A", "1.org_0'", "-1.org_0", "1e3.org_0", "999999999999999.org_0"],
    ...["{}", "[]", "null", '["created_at",true]', '["created_at",true,1,"key_0"]', '["created_at",true,"1",0]'],
    ...["1e3", "-1", "", "999999999999999", "9999999999999999", "1'"].map(
      (at) => `["created_at",true,"${at}","key_0"]`,
    ),
    ...["key'0", "", "a b", "\u0000", "x".repeat(41)].map((id) => JSON.stringify(["created_at", true, "1", id])),
    '["created_at",1,"1","key_0"]',
    '["constructor",true,"1","key_0"]',
  ])("refuses the cursor %j", (text) => {
    expect(() => page(newest, text)).toThrow(CursorError);
    expect(() => page(newest, toBase64Url(utf8(text)))).toThrow(CursorError);
  });

  it.each(["a\0b", "\ud800"])("refuses the name %j in a cursor", (name) => {
    const cursor = toBase64Url(utf8(JSON.stringify(["name", false, name, "key_0"])));
    expect(() => page({ by: "name", descending: false }, cursor)).toThrow(CursorError);
  });
});
