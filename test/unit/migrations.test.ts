import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { indexesOf } from "../../drizzle/concurrent-indexes.ts";

const DIRECTORY = join(import.meta.dirname, "../../migrations");

/** Tables that have millions of rows, on which nothing may take long while it keeps others waiting. */
const LARGE =
  "(usage_events|usage_rollups|usage_quarters|usage_day_totals|usage_days|usage_day_labels|usage_day_models|usage_hour_organizations|usage_hours|usage_hour_labels|usage_hour_requests|usage_sessions|audit_log|webhook_deliveries|reconciliations)";
const TABLE = `"?${LARGE}"?`;

/** What reads or writes a whole table under a lock, or what Workers of before still use. docs/migrations.md has the other way. */
const DANGERS: [why: string, RegExp][] = [
  ["a change of type writes the table anew", new RegExp(`alter table ${TABLE}[\\s\\S]* (type|set data type) `, "i")],
  ["not null reads the whole table", new RegExp(`alter table ${TABLE}[\\s\\S]*set not null`, "i")],
  ["a column without a default cannot be not null", /add column (?![\s\S]*default)[\s\S]*not null/i],
  [
    "a default that is made for each row writes the table anew",
    new RegExp(`alter table ${TABLE}[\\s\\S]*default (gen_random|random|clock|nextval)`, "i"),
  ],
  [
    "a constraint reads the whole table",
    new RegExp(`alter table ${TABLE}[\\s\\S]*add constraint (?![\\s\\S]*not valid)`, "i"),
  ],
  ["a unique index is made under a lock", new RegExp(`create unique index [\\s\\S]* on ${TABLE}`, "i")],
  ["no transaction makes an index concurrently", /create (unique )?index concurrently/i],
  ["Workers of before still use it", /\b(drop (table|column)|rename (to|column)|alter column "?\w+"? drop default)\b/i],
  ["rows are filled in by portions", new RegExp(`^\\s*(update|delete from) ${TABLE}`, "im")],
  ["it locks everybody out", /\b(vacuum full|cluster|lock table|truncate|reindex)\b/i],
];

/** Of before the rule, on tables that were small then. */
const BEFORE: Record<string, number> = { "0008_statistics_backfill.sql": 1 };

/** Bodies of functions run later, in portions of their own. */
const withoutBodies = (statement: string): string =>
  statement.replace(/\$\$[\s\S]*?\$\$/g, "").replace(/--[^\n]*/g, "");

const files = readdirSync(DIRECTORY).filter((name) => name.endsWith(".sql"));
const statementsOf = (name: string): string[] =>
  readFileSync(join(DIRECTORY, name), "utf8").split("--> statement-breakpoint");

const dangersOf = (statement: string): string[] =>
  DANGERS.flatMap(([why, pattern]) => (pattern.test(withoutBodies(statement)) ? [why] : []));

test.each(files)("%s keeps nobody waiting", (name) => {
  const found = statementsOf(name).flatMap(dangersOf);
  expect(found.length, found.join("; ")).toBe(BEFORE[name] ?? 0);
});

test.each(files.filter((name) => name > "0001"))(
  "every index of a large table in %s can be made beforehand",
  (name) => {
    const statements = statementsOf(name);
    const made = statements.filter((statement) =>
      new RegExp(`create index [\\s\\S]* on ${TABLE}`, "i").test(withoutBodies(statement)),
    );
    expect(indexesOf(statements).filter(({ table }) => new RegExp(`^${LARGE}$`).test(table)).length).toBe(made.length);
  },
);

test.each([
  'ALTER TABLE "usage_events" ALTER COLUMN "status" SET DATA TYPE bigint',
  'ALTER TABLE "usage_events" ADD COLUMN "region" text NOT NULL',
  'ALTER TABLE "usage_rollups" ADD CONSTRAINT "x" CHECK (requests >= 0)',
  'ALTER TABLE "usage_events" DROP COLUMN "status"',
  'CREATE UNIQUE INDEX "x" ON "usage_events" USING btree ("event_id")',
  'CREATE INDEX CONCURRENTLY "x" ON "usage_events" ("event_id")',
  'UPDATE "usage_rollups" SET "requests" = 0',
  "ALTER TABLE usage_days ALTER COLUMN client SET NOT NULL",
])("%s is noticed", (statement) => {
  expect(dangersOf(statement)).not.toEqual([]);
});

test.each([
  'ALTER TABLE "usage_events" ADD COLUMN "region" text',
  `ALTER TABLE "usage_events" ADD COLUMN "warnings" jsonb DEFAULT '[]'::jsonb NOT NULL`,
  'ALTER TABLE "usage_rollups" ADD CONSTRAINT "x" CHECK (requests >= 0) NOT VALID',
])("%s is let through", (statement) => {
  expect(dangersOf(statement)).toEqual([]);
});
