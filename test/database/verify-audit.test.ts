import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { recordAct } from "../../worker/organizations/audit.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";

const SCRIPT = join(import.meta.dirname, "../../drizzle/verify-audit.ts");
const [ROOT, OTHER] = ["org_tenant00", "org_tenant01"];

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  for (const rootId of [ROOT, OTHER]) {
    await forRoot(db.database, rootId).batch([
      db.database.insert(organizations).values({ id: rootId, rootId, name: "Root" }),
    ]);
    for (let nth = 0; nth < 3; nth++) {
      const what = { action: "test.act", target: rootId, organizationId: rootId, before: null, after: { nth } };
      await recordAct(db.database, rootId, Date.UTC(2026, 10, 26), { actor: { id: "setup" }, ...what });
    }
  }
});
afterAll(() => db?.close());

/** Runs the script as an operator would. */
const run = (roots: string[], env: Record<string, string>) =>
  new Promise<{ code: number; lines: Record<string, unknown>[]; error: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH, DATABASE_ENDPOINT: db.endpoint, ...env } };
    execFile(process.execPath, [SCRIPT, ...roots], options, (failure, stdout, error) => {
      const lines = stdout.split("\n").filter((line) => line !== "");
      resolve({
        code: failure === null ? 0 : Number(failure.code),
        lines: lines.map((line) => JSON.parse(line)),
        error,
      });
    });
  });
const application = () => ({ DATABASE_URL: db.appUrl });

describe("npm run audit:verify", () => {
  test("says of each root whether its log is whole, as the application's role and as the owner", async () => {
    const whole = { intact: true, rows: 3, first_broken: null, last_hash: expect.stringMatching(/^[0-9a-f]{64}$/) };
    const expected = [
      { root: ROOT, ...whole },
      { root: OTHER, ...whole },
    ];
    expect(await run([ROOT, OTHER], application())).toMatchObject({ code: 0, lines: expected });
    expect(await run([ROOT, OTHER], { DATABASE_OWNER_URL: db.ownerUrl })).toMatchObject({ code: 0, lines: expected });
  });

  test("ends with 1 where one is not, and goes on with the others", async () => {
    const [row] = await db.sql`select id from audit_log where root_id = ${ROOT} order by id offset 1 limit 1`;
    await db.sql`update audit_log set after = '{"nth": 7}' where id = ${row?.id}`;
    const { code, lines } = await run([ROOT, OTHER], application());
    await db.sql`update audit_log set after = '{"nth": 1}' where id = ${row?.id}`;
    expect(code).toBe(1);
    expect(lines).toMatchObject([
      { root: ROOT, intact: false, first_broken: Number(row?.id) },
      { root: OTHER, intact: true },
    ]);
  });

  test("ends with 1 where there is nothing to be seen, or not the row of a hash that was kept", async () => {
    expect(await run(["org_nobody00"], application())).toMatchObject({ code: 1, lines: [{ intact: false, rows: 0 }] });
    const { lines } = await run([ROOT], application());
    const kept = `${ROOT}=${lines[0]?.last_hash}`;
    expect(await run([kept], application())).toMatchObject({ code: 0, lines: [{ intact: true }] });
    expect(await run([`${ROOT}=${"0".repeat(64)}`], application())).toMatchObject({
      code: 1,
      lines: [{ intact: false }],
    });
  });

  test("says what is missing of its setting", async () => {
    expect(await run([ROOT], {})).toMatchObject({ code: 1, error: expect.stringContaining("DATABASE_URL") });
    expect(await run([], application())).toMatchObject({
      code: 1,
      error: expect.stringContaining("root organizations"),
    });
  });
});
