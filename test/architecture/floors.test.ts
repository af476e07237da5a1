import { describe, expect, test } from "vitest";
import { offendingImports } from "./floors.ts";
import type { SourceTree } from "./imports.ts";
import { projectFiles, readText } from "./project-files.ts";
import { missingDialectFiles, offendingSource } from "./source-rules.ts";

const sources: SourceTree = new Map(
  projectFiles()
    .filter((path) => /^(?:worker|drizzle|dashboard|local)\/.*\.(?:ts|tsx|js|mjs)$/.test(path))
    .flatMap((path) => {
      const text = readText(path);
      return text === null ? [] : [[path, text] as const];
    }),
);

describe("the project", () => {
  test("was read", () => {
    expect(sources.has("worker/errors.ts")).toBe(true);
  });

  test("imports point down, and neighbours do not visit", () => {
    expect(offendingImports(sources)).toEqual([]);
  });

  test("sources keep to their rules", () => {
    expect(offendingSource(sources)).toEqual([]);
  });

  test("each chat dialect has the same files", () => {
    expect(missingDialectFiles(sources)).toEqual([]);
  });
});

describe("a tree that breaks a rule is found out", () => {
  const imports: [what: string, path: string, text: string, finding: string][] = [
    ["up", "worker/lib/a.ts", `import { b } from "../api/b.ts";`, "points up, from floor 0 to floor 6"],
    ["up, as a type", "worker/dialects/a.ts", `import type { B } from "../router/b.ts";`, "points up"],
    ["up, over lines", "worker/lib/a.ts", `import {\n  b,\n  c,\n} from "../errors.ts";`, "points up"],
    ["up, re-exported", "worker/lib/a.ts", `export * from "../errors.ts";`, "points up"],
    ["up, for its effects", "worker/lib/a.ts", `import "../index.ts";`, "points up"],
    ["up, at run time", "worker/lib/a.ts", `const b = await import("../index.ts");`, "points up"],
    ["up, inside a type", "worker/lib/a.ts", `let b: import("../index.ts").B;`, "points up"],
    ["a computed name", "worker/lib/a.ts", `await import(name);`, "imports a computed name"],
    ["a neighbour", "worker/ledger/a.ts", `import { b } from "../usage/b.ts";`, "visits a neighbour on floor 4"],
    ["a neighbour of drizzle", "drizzle/a.ts", `import type { B } from "../worker/canonical/b.ts";`, "neighbour"],
    ["canonical at run time", "worker/catalog/a.ts", `import { b } from "../canonical/b.ts";`, "neighbour"],
    ["another building", "worker/api/a.ts", `import { b } from "../../local/b.ts";`, "leaves the building"],
    ["no floor", "worker/misc/a.ts", ``, "stands on no floor"],
    ["another dialect", "worker/dialects/x/a.ts", `import { b } from "../y/b.ts";`, "another dialect"],
    ["a dialect from a helper", "worker/dialects/a.ts", `import { b } from "./y/b.ts";`, "one of them"],
    ["the registry", "worker/dialects/x/a.ts", `import { b } from "../registry.ts";`, "the registry of dialects"],
    ["hono in a dialect", "worker/dialects/x/a.ts", `import { Hono } from "hono";`, "below worker/api"],
    ["hono in services", "worker/services.ts", `import type { Context } from "hono/tiny";`, "below worker/api"],
    ["drizzle in the router", "worker/router/a.ts", `import { sql } from "drizzle-orm";`, "for the database"],
    ["our schema in a provider", "worker/providers/a.ts", `import { t } from "../../drizzle/t.ts";`, "the database"],
    ["a provider in the ledger", "worker/ledger/a.ts", `import { b } from "../providers/b.ts";`, "for a provider"],
    ["a dialect in usage", "worker/usage/a.ts", `import type { B } from "../dialects/b.ts";`, "for a provider"],
    [
      "inference in admin",
      "worker/api/admin/a.ts",
      `import { b } from "../inference/b.ts";`,
      "admin imports inference",
    ],
    [
      "admin in inference",
      "worker/api/inference/a.ts",
      `import { b } from "../admin/b.ts";`,
      "inference imports admin",
    ],
    ["pg", "worker/usage/a.ts", `import pg from "pg";`, "another way to Postgres"],
    ["sockets of drizzle", "drizzle/a.ts", `import { d } from "drizzle-orm/neon-serverless";`, "another way"],
    [
      "sockets of neon",
      "drizzle/a.ts",
      `import { Pool as P } from "@neondatabase/serverless";`,
      "(Pool) instead of HTTP",
    ],
    [
      "opentelemetry elsewhere",
      "worker/api/a.ts",
      `import { t } from "@opentelemetry/api";`,
      "outside worker/telemetry",
    ],
    ["neon elsewhere", "worker/services.ts", `import { neon } from "@neondatabase/serverless";`, "outside drizzle/"],
    ["a value in the dashboard", "dashboard/a.ts", `import { type A, b } from "../worker/b.ts";`, "more than types"],
    ["a table in the dashboard", "dashboard/a.ts", `import type { T } from "../drizzle/t.ts";`, "more than types"],
    ["worker in local", "local/a.ts", `import type { B } from "../worker/b.ts";`, "the local stack imports worker/"],
    ["local in the simulator", "local/simulator/a.ts", `import { b } from "../b.ts";`, "outside itself"],
  ];

  test.each(imports)("import: %s", (_what, path, text, finding) => {
    const found = offendingImports(new Map([[path, text]]));
    expect(found.join("\n")).toContain(finding);
    expect(found[0]).toMatch(new RegExp(`^${path}`));
  });

  const source: [path: string, text: string][] = [
    ["worker/dialects/x/a.ts", "await fetch(url)"],
    ["worker/dialects/x/a.ts", "const at = Date.now();"],
    ["worker/dialects/x/a.ts", "const at = new Date();"],
    ["worker/dialects/x/a.ts", "Math.random()"],
    ["worker/dialects/x/a.ts", "crypto.randomUUID()"],
    ["worker/dialects/x/a.ts", "process.env.KEY"],
    ["worker/dialects/x/a.ts", `import { env } from "cloudflare:workers";`],
    ["worker/usage/a.ts", "await fetch(databaseUrl)"],
    ["drizzle/a.ts", "sql.raw(text)"],
    ["worker/usage/a.ts", "sql(`select $1`, [id])"],
    ["worker/usage/a.ts", `database.query("select " + id)`],
    ["worker/organizations/a.ts", "return database.batch([query])"],
    ["worker/auth/a.ts", "const rows = await database.select().from(users)"],
    ["worker/api/a.ts", "await services.database.execute(statement)"],
    ["worker/router/a.ts", `fetch(url, { redirect: "follow" })`],
    ["dashboard/pages/a.ts", "onCleanup(() => stop?.abort());"],
  ];

  test.each(source)("source: %s: %s", (path, text) => {
    expect(offendingSource(new Map([[path, text]]))).toHaveLength(1);
  });

  test("a dialect that lacks a file", () => {
    const tree = new Map(
      ["openai-chat/stream.ts", "openai-responses/stream.ts", "anthropic-messages/stream.ts"].map((file) => [
        `worker/dialects/${file}`,
        "",
      ]),
    );
    expect(missingDialectFiles(tree)).toEqual(["google-generate-content lacks stream.ts"]);
  });
});

test("what is allowed is not found out", () => {
  const tree = new Map([
    ["worker/index.ts", `import { app } from "./api/app.ts";\nimport { Hono } from "hono";`],
    ["worker/api/app.ts", `import { a } from "../ledger/a.ts";\nimport { b } from "../router/b.ts";`],
    ["worker/ledger/a.ts", `import { t } from "../../drizzle/t.ts";\nawait stub.fetch(request);`],
    ["worker/catalog/a.ts", `import type { Usage } from "../canonical/usage.ts";`],
    ["worker/dialects/registry.ts", `import { x } from "./x/index.ts";`],
    ["worker/dialects/x/a.ts", `// fetch(url)\n/* import { b } from "../y/b.ts"; */\nimport { h } from "../h.ts";`],
    ["drizzle/a.ts", `import { neon } from "@neondatabase/serverless";\nimport { d } from "drizzle-orm/neon-http";`],
    ["dashboard/a.ts", `import type { AdminApi } from "../worker/api/admin/index.ts";`],
    ["worker/usage/b.ts", "await database.execute<{ gone: string }>(sql`select gaia_sweep() as gone`)"],
    ["worker/usage/a.ts", "await forRoot(database, rootId).batch([database.execute(sql`select 1`)])"],
    ["local/start.ts", `import { migrate } from "../drizzle/migrate.ts";`],
  ]);
  expect([...offendingImports(tree), ...offendingSource(tree)]).toEqual([]);
});
