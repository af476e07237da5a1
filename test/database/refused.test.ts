import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { RefusedRow } from "../../worker/canonical/refused-request.ts";
import { StorageError } from "../../worker/errors.ts";
import { secureRandom } from "../../worker/lib/random.ts";
import { newUlid } from "../../worker/lib/ulid.ts";
import { listRefused, type RefusedFilter } from "../../worker/usage/log/refused.ts";
import { recordRefused } from "../../worker/usage/record-refused.ts";
import { expireRefused } from "../../worker/usage/retention.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";

const ROOT = "org_tenant00";
const OTHER = "org_tenant01";
const DAY = 86_400_000;
const NOW = Date.now();

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  for (const rootId of [ROOT, OTHER]) {
    await forRoot(db.database, rootId).batch([
      db.database.insert(organizations).values({ id: rootId, rootId, name: rootId }),
      db.database.insert(apiKeys).values({
        ...{ id: `key_${rootId}`, rootId, organizationId: rootId, mac: rootId, name: "key", hint: "…" },
        ...{ permissions: ["read" as const], createdBy: "setup" },
      }),
    ]);
  }
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`truncate refused_requests`;
});

const row = (more: Partial<RefusedRow> = {}): RefusedRow => ({
  id: newUlid(more.at ?? NOW, secureRandom),
  keyId: `key_${ROOT}`,
  at: NOW,
  dialect: "openai-chat",
  operation: "generate",
  requestedModel: "openai/gpt-6-mini",
  client: "curl/8",
  status: 429,
  errorCode: "insufficient_quota",
  param: null,
  message: "The limit is reached.",
  limitId: "lim_1",
  repeated: 3,
  ...more,
});

const record = (rows: RefusedRow[], rootId = ROOT) => recordRefused(db.database, rootId, rows);
const list = async (filter: RefusedFilter = {}, rootId = ROOT) => {
  const page = { limit: 50, sort: { by: "at" as const, descending: true } };
  return (await listRefused(db.database, rootId, filter, page)).rows;
};

describe("recordRefused", () => {
  test("writes every field, and the organization of the key; again changes nothing", async () => {
    const one = row();
    await record([one]);
    await record([{ ...one, status: 400 }]);
    expect(await list()).toMatchObject([{ ...one, at: new Date(one.at), rootId: ROOT, organizationId: ROOT }]);
  });

  test("leaves out what is of no key of the root's", async () => {
    await record([row({ keyId: "key_none" }), row({ keyId: `key_${OTHER}` }), row({ errorCode: "kept" })]);
    expect((await list()).map(({ errorCode }) => errorCode)).toEqual(["kept"]);
    expect(await list({}, OTHER)).toEqual([]);
  });

  test("takes any text a client can send", async () => {
    const hostile = "\0\ud800'; drop table x; --\\u0000 \u202e".padEnd(5_000, "x");
    await record([row({ requestedModel: hostile, param: hostile, message: hostile, client: "\udfff\0" })]);
    const [found] = await list();
    expect(found?.message).toHaveLength(1_000);
    expect(found?.requestedModel).toMatch(/^��'; drop table x; --\\u0000 \u202ex/);
  });

  test("says what keeps it from writing", async () => {
    await expect(record([row({ status: 2 ** 40 })])).rejects.toBeInstanceOf(StorageError);
  });
});

describe("listRefused", () => {
  test.each<[name: string, filter: RefusedFilter, expected: string[]]>([
    ["everything, the newest first", {}, ["c", "b", "a"]],
    ["from", { from: NOW - 2 * DAY }, ["c", "b"]],
    ["to, which is left out", { to: NOW - 2 * DAY }, ["a"]],
    ["a code", { errorCodes: ["b"] }, ["b"]],
    ["a key", { keyIds: [`key_${OTHER}`] }, []],
    ["a model's part", { search: "MINI" }, ["b", "a"]],
    ["no placeholders", { search: "%" }, []],
    ["nobody's", { memberIds: ["usr_none"] }, []],
  ])("%s", async (_name, filter, expected) => {
    await record([
      row({ errorCode: "a", at: NOW - 3 * DAY }),
      row({ errorCode: "b", at: NOW - 2 * DAY }),
      row({ errorCode: "c", requestedModel: null }),
    ]);
    expect((await list(filter)).map(({ errorCode }) => errorCode)).toEqual(expected);
  });

  test("finds an id by its beginning", async () => {
    const [one, other] = [row({ at: NOW - 20 * DAY }), row()];
    await record([one, other]);
    expect((await list({ search: one.id.slice(0, 8).toLowerCase() })).map(({ id }) => id)).toEqual([one.id]);
  });
});

test("what is older than thirty days goes, of every root", async () => {
  for (const rootId of [ROOT, OTHER]) {
    const at = (days: number) => row({ keyId: `key_${rootId}`, at: NOW - days * DAY, errorCode: String(days) });
    await record([at(31), at(29), at(400)], rootId);
  }
  await expireRefused(db.database);
  for (const rootId of [ROOT, OTHER])
    expect((await list({}, rootId)).map(({ errorCode }) => errorCode)).toEqual(["29"]);
});

test("a tenant that leaves takes its refused requests with it", async () => {
  await record([row()]);
  await db.sql`select gaia_delete_usage(${ROOT}, 10)`;
  expect(await list()).toEqual([]);
});
