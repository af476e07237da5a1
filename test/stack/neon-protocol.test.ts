import { neon } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "../../drizzle/client.ts";
import { type DatabaseServer, startDatabase } from "../../local/database/start.ts";
import { startPostgresWire } from "../support/postgres-wire.ts";

/** Postgres' own text of a value of each type: what goes in as a parameter must come out the same. */
const VALUES: [type: string, text: string | null][] = [
  ["text", ""],
  ["text", "a 'quoted' \\ line\nand tab\t, ünï → 🦊"],
  ["text", null],
  ["bytea", "\\xdeadbeef00"],
  ["boolean", "t"],
  ["smallint", "-32768"],
  ["bigint", "9223372036854775807"],
  ["numeric", "12345678901234567890.1234567890"],
  ["numeric", "NaN"],
  ["double precision", "0.1"],
  ["double precision", "-Infinity"],
  ["json", '{"b": 1,  "a": [null, 1.0]}'],
  ["jsonb", '{"a": [null, 1.0], "b": 1}'],
  ["text[]", '{a,"b c",NULL,"","\\"q\\""}'],
  ["integer[]", "{{1,2},{3,4}}"],
  ["jsonb[]", '{"{\\"a\\": 1}"}'],
  ["timestamp with time zone", "2026-11-24 10:00:00.123456+00"],
  ["timestamp", "2026-11-24 10:00:00.5"],
  ["date", "2026-11-24"],
  ["time", "23:59:59.999"],
  ["interval", "1 day 02:03:04"],
  ["uuid", "0193564e-0000-7000-8000-000000000001"],
  ["inet", "10.0.0.0/8"],
  ["int4range", "[1,5)"],
  ["point", "(1,2)"],
];

/** What a Neon error body always has, null where Postgres said nothing. */
const ERROR_FIELDS =
  "code column constraint dataType detail file hint internalPosition internalQuery line message position routine schema severity table where".split(
    " ",
  );

const APP_PASSWORD = "it's a: strange/password@%";

const backends: [name: string, start: () => Promise<{ server: DatabaseServer; close(): Promise<void> }>][] = [
  [
    "embedded",
    async () => {
      const server = await startDatabase({ port: 0, appPassword: APP_PASSWORD, ownerPassword: "owner password" });
      return { server, close: () => server.close() };
    },
  ],
  [
    "real",
    async () => {
      const wire = await startPostgresWire();
      const server = await startDatabase({ port: 0, appPassword: APP_PASSWORD, postgresUrl: wire.url });
      return {
        server,
        async close() {
          await server.close();
          await wire.close();
        },
      };
    },
  ],
];

describe.each(backends)("%s Postgres behind Neon's protocol", (_name, start) => {
  let running: Awaited<ReturnType<typeof start>>;
  let sql: ReturnType<typeof createClient>;
  beforeAll(async () => {
    running = await start();
    sql = createClient({ url: running.server.connectionString("owner"), endpoint: running.server.url }, 30_000);
    await sql`create table things (id int primary key, name text not null default 'x' check (name <> 'bad'))`;
  });
  afterAll(() => running?.close());

  /** What the driver sends, by hand, to read the body that it gets. */
  const post = async (body: unknown, headers: Record<string, string> = {}, path = "/sql") => {
    const answer = await fetch(new URL(path, running.server.url), {
      method: "POST",
      headers: {
        "Neon-Connection-String": running.server.connectionString("owner"),
        "Neon-Raw-Text-Output": "true",
        "Neon-Array-Mode": "true",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };

  test.each(VALUES)("%s %j is raw text, both ways", async (type, text) => {
    const { body } = await post({ query: `select $1::${type} as value`, params: [text] });
    expect(body.rows).toEqual([[text]]);
  });

  test("the driver parses rows by their types, as objects and as arrays", async () => {
    const query =
      "select 1::int as id, array[1, 2] as list, '{\"a\": 1}'::jsonb as json, 2::bigint as big, null as none";
    expect(await sql.query(query)).toEqual([{ id: 1, list: [1, 2], json: { a: 1 }, big: "2", none: null }]);
    expect(await sql.query(query, [], { arrayMode: true })).toEqual([[1, [1, 2], { a: 1 }, "2", null]]);
  });

  test("the driver's parameters arrive: numbers, booleans, arrays, objects, dates, bytes", async () => {
    const [row] = await sql`
      select ${7}::int as number, ${true}::boolean as boolean, ${["a", null, 'b"c']}::text[] as list,
        ${JSON.stringify({ a: [1] })}::jsonb as json, ${new Date(0)}::timestamptz as date, ${Buffer.from("hi")} as bytes`;
    expect(row).toMatchObject({ number: 7, boolean: true, list: ["a", null, 'b"c'], json: { a: [1] } });
    expect(row?.date).toEqual(new Date(0));
    expect(Buffer.from(row?.bytes).toString()).toBe("hi");
  });

  test("columns of the same name all come in array mode", async () => {
    expect(await sql.query("select 1 as a, 2 as a", [], { arrayMode: true })).toEqual([[1, 2]]);
  });

  test("fields say what a column is", async () => {
    const { body } = await post({ query: "select id, name from things", params: [] });
    expect(body.fields).toMatchObject([
      { name: "id", dataTypeID: 23, columnID: 1, dataTypeSize: 4, format: "text" },
      { name: "name", dataTypeID: 25, columnID: 2, dataTypeSize: -1, format: "text" },
    ]);
    expect(body).toMatchObject({ rows: [], rowCount: 0, command: "SELECT", rowAsArray: true });
  });

  test("without array mode rows are objects", async () => {
    const { body } = await post({ query: "select 1 as a, null as b" }, { "Neon-Array-Mode": "false" });
    expect(body).toMatchObject({ rows: [{ a: "1", b: null }], rowAsArray: false });
  });

  test.each<[string, string, number | null]>([
    ["insert into things (id) values (1), (2), (3)", "INSERT", 3],
    ["update things set name = 'y' where id > 1", "UPDATE", 2],
    ["select * from things", "SELECT", 3],
    ["delete from things", "DELETE", 3],
    ["create temporary table t (x int)", "CREATE", null],
    ["drop table t", "DROP", null],
  ])("%s: %s %s", async (query, command, rowCount) => {
    const { body } = await post({ query, params: [] });
    expect(body).toMatchObject({ command, rowCount });
  });

  describe("a batch", () => {
    test("is one transaction", async () => {
      const xid = sql`select pg_current_xact_id()::text as id`;
      const [first, , second] = await sql.transaction([xid, sql`select 1`, xid]);
      expect(first).toEqual(second);
    });

    test("leaves nothing behind when one of it fails", async () => {
      const batch = sql.transaction([
        sql`insert into things (id) values (10)`,
        sql`insert into things (id) values (10)`,
      ]);
      await expect(batch).rejects.toMatchObject({ code: "23505", constraint: "things_pkey" });
      expect(await sql`select * from things`).toEqual([]);
    });

    test("fails as a whole when its commit does", async () => {
      await sql`create table late (id int unique deferrable initially deferred)`;
      const batch = sql.transaction([sql`insert into late values (1)`, sql`insert into late values (1)`]);
      await expect(batch).rejects.toMatchObject({ code: "23505" });
      expect(await sql`select * from late`).toEqual([]);
    });

    test.each([
      ["ReadUncommitted", "read uncommitted"],
      ["ReadCommitted", "read committed"],
      ["RepeatableRead", "repeatable read"],
      ["Serializable", "serializable"],
    ] as const)("runs at %s", async (isolationLevel, expected) => {
      const [rows] = await sql.transaction([sql`show transaction isolation level`], { isolationLevel });
      expect(rows).toEqual([{ transaction_isolation: expected }]);
    });

    test("can be read-only, and deferrable", async () => {
      const options = { isolationLevel: "Serializable", readOnly: true, deferrable: true } as const;
      const [readOnly, deferrable] = await sql.transaction(
        [sql`show transaction_read_only`, sql`show transaction_deferrable`],
        options,
      );
      expect([readOnly, deferrable]).toEqual([[{ transaction_read_only: "on" }], [{ transaction_deferrable: "on" }]]);
      const write = sql.transaction([sql`insert into things (id) values (1)`], { readOnly: true });
      await expect(write).rejects.toMatchObject({ code: "25006" });
    });

    test("is read-write unless it says otherwise, and may be empty", async () => {
      const [rows] = await sql.transaction([sql`show transaction_read_only`]);
      expect(rows).toEqual([{ transaction_read_only: "off" }]);
      expect(await sql.transaction([])).toEqual([]);
    });

    test("keeps its local settings to itself", async () => {
      await sql.transaction([sql`select set_config('app.root', 'org_a', true)`]);
      const [row] = await sql`select coalesce(current_setting('app.root', true), '') as root`;
      expect(row).toEqual({ root: "" });
    });

    test("has one mode for all its queries", async () => {
      const queries = () => [sql`select 1 as a`, sql`select 2 as b`];
      expect(await sql.transaction(queries(), { arrayMode: true })).toEqual([[[1]], [[2]]]);
      const results = await sql.transaction(queries(), { fullResults: true });
      expect(results).toMatchObject([
        { rows: [{ a: 1 }], rowCount: 1, command: "SELECT" },
        { rows: [{ b: 2 }], rowCount: 1, command: "SELECT" },
      ]);
    });
  });

  describe("an error", () => {
    test.each<[string, string, Record<string, unknown>]>([
      ["syntax", "selec 1", { code: "42601", position: "1", severity: "ERROR" }],
      ["unknown table", "select * from nowhere", { code: "42P01", position: "15" }],
      [
        "unique",
        "insert into things (id) values (1), (1)",
        {
          code: "23505",
          schema: "public",
          table: "things",
          constraint: "things_pkey",
          detail: "Key (id)=(1) already exists.",
        },
      ],
      ["not null", "insert into things values (1, null)", { code: "23502", table: "things", column: "name" }],
      ["check", "insert into things values (1, 'bad')", { code: "23514", constraint: "things_name_check" }],
      ["type", "select 'x'::int", { code: "22P02" }],
      ["overflow", "select 2147483648::int", { code: "22003" }],
      ["hint", "select lengthy('x')", { code: "42883", hint: expect.stringContaining("No function") }],
      [
        "raised",
        "do $$ begin raise exception 'mine' using errcode = 'P0042', detail = 'd', hint = 'h', datatype = 't'; end $$",
        {
          message: "mine",
          code: "P0042",
          detail: "d",
          hint: "h",
          dataType: "t",
          where: expect.stringContaining("PL/pgSQL"),
        },
      ],
      [
        "inside",
        "do $$ begin execute 'selec 1'; end $$",
        { code: "42601", internalPosition: "1", internalQuery: "selec 1" },
      ],
      ["two statements", "select 1; select 2", { code: "42601" }],
    ])("%s has Neon's body", async (_case, query, expected) => {
      const { status, body } = await post({ query, params: [] });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        file: expect.any(String),
        line: expect.any(String),
        routine: expect.any(String),
        ...expected,
      });
      expect(Object.keys(body).toSorted()).toEqual(ERROR_FIELDS);
      await expect(sql.query(query)).rejects.toMatchObject({ name: "NeonDbError", ...expected });
    });

    test("does not spoil what comes after it", async () => {
      const answers = await Promise.allSettled([
        sql`select 1/0`,
        sql`select 1 as one`,
        sql`selec`,
        sql`select 2 as two`,
      ]);
      expect(answers.map((answer) => answer.status)).toEqual(["rejected", "fulfilled", "rejected", "fulfilled"]);
    });
  });

  test.each<[string, unknown, Record<string, string>]>([
    ["no JSON", "{", {}],
    ["no object", "[]", {}],
    ["no query", { params: [] }, {}],
    ["queries that are no array", { queries: 1 }, {}],
    ["params that are no array", { query: "select 1", params: "x" }, {}],
    ["an unknown isolation level", { queries: [] }, { "Neon-Batch-Isolation-Level": "Chaos" }],
    ["a flag that is neither", { queries: [] }, { "Neon-Batch-Read-Only": "yes" }],
    ["no connection string", { query: "select 1" }, { "Neon-Connection-String": "" }],
    ["another scheme", { query: "select 1" }, { "Neon-Connection-String": "mysql://a:b@c/d" }],
  ])("%s is a 400 that says so", async (_case, body, headers) => {
    expect(await post(body, headers)).toEqual({ status: 400, body: { message: expect.any(String) } });
  });

  test("other paths and methods, and health", async () => {
    expect((await post({ query: "select 1" }, {}, "/")).status).toBe(404);
    expect((await post({ query: "select 1" }, {}, "/sql/x")).status).toBe(404);
    expect((await fetch(running.server.url)).status).toBe(405);
    const health = await fetch(new URL("/health", running.server.url));
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  });

  test("a large body passes, a larger one is a 413", async () => {
    const large = "x".repeat(9 * 1024 * 1024);
    const { body } = await post({ query: "select length($1)", params: [large] });
    expect(body.rows).toEqual([[String(large.length)]]);
    const tooLarge = await post({ query: "select length($1)", params: [`${large}${large}`] });
    expect(tooLarge).toEqual({ status: 413, body: { message: expect.stringContaining("10485760 bytes") } });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });
});

describe("signing in to the embedded Postgres", () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabase({ port: 0, appPassword: APP_PASSWORD, ownerPassword: "owner password" });
    await createClient({ url: server.connectionString("owner"), endpoint: server.url }, 30_000)`create role gaia_app`;
  });
  afterAll(() => server?.close());
  const whoami = (url: string) =>
    createClient({ url, endpoint: server.url }, 30_000)`select current_user::text as name`;

  test("a connection string decides the role, for single queries and batches", async () => {
    expect(await whoami(server.connectionString("owner"))).toEqual([{ name: "postgres" }]);
    expect(await whoami(server.connectionString("app"))).toEqual([{ name: "gaia_app" }]);
    const app = createClient({ url: server.connectionString("app"), endpoint: server.url }, 30_000);
    expect(await app.transaction([app`select current_user::text as name`])).toEqual([[{ name: "gaia_app" }]]);
    expect(await whoami(server.connectionString("owner"))).toEqual([{ name: "postgres" }]);
  });

  test.each(["gaia_app:wrong", "gaia_app:", "postgres:wrong", `nobody:${encodeURIComponent(APP_PASSWORD)}`])(
    "%s is refused as Postgres does",
    async (login) => {
      const refused = whoami(`postgres://${login}@127.0.0.1/postgres`);
      await expect(refused).rejects.toMatchObject({ code: "28P01", severity: "FATAL" });
    },
  );
});

test("an endpoint that is not there is an error without SQLSTATE", async () => {
  const sql = createClient({ url: "postgres://a:b@127.0.0.1/c", endpoint: "http://127.0.0.1:9/sql" }, 5_000);
  await expect(sql`select 1`).rejects.toMatchObject({ name: "NeonDbError", code: undefined });
});

test("a client without an endpoint still asks Neon's own host", async () => {
  const urls: string[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (url) => {
    urls.push(String(url));
    return Response.json({ fields: [], rows: [], command: "SELECT", rowCount: 0 });
  };
  try {
    await neon("postgres://a:b@ep-cool-1.eu-central-1.aws.neon.tech/c")`select 1`;
    await createClient({ url: "postgres://a:b@ep-cool-1.eu-central-1.aws.neon.tech/c" }, 5_000)`select 1`;
  } finally {
    globalThis.fetch = original;
  }
  expect(urls).toEqual(Array(2).fill("https://api.eu-central-1.aws.neon.tech/sql"));
});
