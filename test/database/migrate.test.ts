import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClient } from "../../drizzle/client.ts";
import { buildIndexes } from "../../drizzle/concurrent-indexes.ts";
import { migrate, setApplicationPassword } from "../../drizzle/migrate.ts";
import { type DatabaseServer, startDatabase } from "../../local/database/start.ts";
import { MIGRATIONS } from "../support/database.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

/** A folder inside the project, so that its packages are found. */
const temporaryFolder = async (name: string) => {
  await mkdir(join(ROOT, ".cache"), { recursive: true });
  return mkdtemp(join(ROOT, ".cache", `${name}-`));
};

describe("migrate", () => {
  let server: DatabaseServer;
  let sql: ReturnType<typeof createClient>;
  let directory: string;
  beforeAll(async () => {
    server = await startDatabase({ port: 0, appPassword: "app", ownerPassword: "owner" });
    sql = createClient({ url: server.connectionString("owner"), endpoint: server.url }, 30_000);
    directory = await temporaryFolder("migrations");
  });
  beforeEach(async () => {
    for (const name of await readdir(directory)) await rm(join(directory, name));
    await sql`drop table if exists gaia_migrations, fruit, vegetable`;
  });
  afterAll(async () => {
    await server?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const write = (name: string, ...statements: string[]) =>
    writeFile(join(directory, name), statements.join("\n--> statement-breakpoint\n"));
  const start = () => migrate({ url: server.connectionString("owner"), endpoint: server.url, directory });
  const records = () => sql`select name from gaia_migrations order by name`;

  test("applies each file once, in the order of names, and only files of SQL", async () => {
    await write("0001_more.sql", "insert into fruit values ('pear')");
    await write("0000_first.sql", "create table fruit (name text)", "insert into fruit values ('apple')", "\n");
    await write("readme.txt", "not sql");
    expect(await start()).toEqual(["0000_first.sql", "0001_more.sql"]);
    expect(await start()).toEqual([]);
    await write("0002_most.sql", "insert into fruit values ('fig')");
    expect(await start()).toEqual(["0002_most.sql"]);
    expect(await sql`select name from fruit`).toEqual([{ name: "apple" }, { name: "pear" }, { name: "fig" }]);
  });

  test("indexes of a partitioned table are made beforehand, and taken over", async () => {
    await sql`create table fruit (name text, month integer) partition by range (month)`;
    await sql`create table fruit_1 partition of fruit for values from (1) to (2)`;
    await sql`create table fruit_2 partition of fruit for values from (2) to (3)`;
    await sql`insert into fruit values ('apple', 1)`;
    const statement = '-- Why.\nCREATE INDEX "fruit_name_idx" ON "fruit" USING btree ("name") WHERE month > 0;';
    // Half made by a migration that broke off.
    await sql`create index "fruit_1_fruit_name_idx" on fruit_1 (name) where month > 0`;
    await sql`update pg_index set indisvalid = false where indexrelid = 'fruit_1_fruit_name_idx'::regclass`;
    await buildIndexes(sql, [statement], 0);
    const indexes = () => sql`select c.relname as name, i.indisvalid as valid, h.inhparent is not null as attached
      from pg_index i join pg_class c on c.oid = i.indexrelid left join pg_inherits h on h.inhrelid = c.oid
      where c.relname like 'fruit%' order by 1`;
    expect(await indexes()).toEqual([{ name: "fruit_1_fruit_name_idx", valid: true, attached: false }]);
    await buildIndexes(sql, [statement], 0);

    await write("0000_index.sql", statement);
    await start();
    expect(await indexes()).toEqual([
      { name: "fruit_1_fruit_name_idx", valid: true, attached: true },
      { name: "fruit_2_name_idx", valid: true, attached: true },
      { name: "fruit_name_idx", valid: true, attached: false },
    ]);
  });

  test("several at the same time apply each file once between them", async () => {
    await write("0000_first.sql", "create table fruit (name text)");
    await write("0001_more.sql", "insert into fruit values ('pear')");
    const applied = await Promise.all([start(), start(), start(), start()]);
    expect(applied.flat().toSorted()).toEqual(["0000_first.sql", "0001_more.sql"]);
    expect(await sql`select name from fruit`).toEqual([{ name: "pear" }]);
  });

  test("a file that fails leaves nothing, and those before it stay", async () => {
    await write("0000_first.sql", "create table fruit (name text)");
    await write("0001_bad.sql", "create table vegetable (name text)", "selec 1");
    await expect(start()).rejects.toMatchObject({ code: "42601" });
    expect(await records()).toEqual([{ name: "0000_first.sql" }]);
    expect(await sql`select to_regclass('vegetable') as found`).toEqual([{ found: null }]);
    await write("0001_bad.sql", "create table vegetable (name text)");
    expect(await start()).toEqual(["0001_bad.sql"]);
  });

  test("a changed file is refused, and nothing after it is applied", async () => {
    await write("0000_first.sql", "create table fruit (name text)");
    await start();
    await write("0000_first.sql", "create table fruit (name text, colour text)");
    await write("0001_more.sql", "insert into fruit values ('pear')");
    await expect(start()).rejects.toThrow("0000_first.sql was changed after it had been applied");
    expect(await sql`select * from fruit`).toEqual([]);
  });

  test("the command line migrates and gives the application its password", async () => {
    const environment = {
      PATH: process.env.PATH,
      DATABASE_OWNER_URL: server.connectionString("owner"),
      DATABASE_URL: server.connectionString("app"),
      DATABASE_ENDPOINT: server.url,
    };
    const command = () => run(process.execPath, [join(ROOT, "drizzle/migrate.ts")], { env: environment });
    expect((await command()).stdout).toMatch(/^applied migration 0000_/);
    expect((await command()).stdout).toBe("nothing to migrate\n");
    const [role] = await sql`select rolcanlogin, rolpassword from pg_authid where rolname = 'gaia_app'`;
    expect(role).toEqual({ rolcanlogin: true, rolpassword: expect.stringMatching(/^SCRAM-SHA-256\$/) });
    const withoutOwner = run(process.execPath, [join(ROOT, "drizzle/migrate.ts")], { env: { PATH: process.env.PATH } });
    await expect(withoutOwner).rejects.toMatchObject({ stderr: expect.stringContaining("DATABASE_OWNER_URL must be") });
  });

  test.each(["postgres://someone:secret@host/db", "postgres://gaia_app@host/db"])(
    "%s is no application",
    async (url) => {
      const owner = { url: server.connectionString("owner"), endpoint: server.url };
      await expect(setApplicationPassword(owner, url)).rejects.toThrow("must name the user gaia_app");
    },
  );
});

describe("migrations/", () => {
  test("drizzle-kit finds nothing that is missing in it", async () => {
    const folder = await temporaryFolder("generate");
    try {
      await cp(MIGRATIONS, join(folder, "migrations"), { recursive: true });
      const before = await readdir(join(folder, "migrations"), { recursive: true });
      const config = join(folder, "drizzle.config.json");
      await writeFile(
        config,
        JSON.stringify({
          dialect: "postgresql",
          schema: join(ROOT, "drizzle/schema/*.ts"),
          out: join(folder, "migrations").slice(ROOT.length + 1),
        }),
      );
      const kit = join(ROOT, "node_modules/drizzle-kit/bin.cjs");
      const { stdout } = await run(process.execPath, [kit, "generate", "--config", config], { cwd: ROOT });
      expect(stdout).toContain("No schema changes, nothing to migrate");
      expect(await readdir(join(folder, "migrations"), { recursive: true })).toEqual(before);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("its journal lists its files", async () => {
    const journal = JSON.parse(await readFile(join(MIGRATIONS, "meta/_journal.json"), "utf8"));
    const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).toSorted();
    expect(journal.entries.map((entry: { tag: string }) => `${entry.tag}.sql`)).toEqual(files);
  });
});
