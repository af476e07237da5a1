import { NeonDbError } from "@neondatabase/serverless";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { describe, expect, test } from "vitest";
import { StorageError } from "../../../worker/errors.ts";
import { sqlstateOf } from "../../../worker/lib/database-error.ts";

const neonError = (code?: string) => Object.assign(new NeonDbError("failed"), { code });

describe("sqlstateOf", () => {
  test.each<[string, unknown, string | null]>([
    ["the driver's error", neonError("23505"), "23505"],
    ["an error wrapped by Drizzle", new DrizzleQueryError("select", [], neonError("42P01")), "42P01"],
    ["an error of ours with its cause", new Error("x", { cause: neonError("40001") }), "40001"],
    ["the driver without a code", neonError(), null],
    ["a timeout", new DOMException("late", "TimeoutError"), null],
    ["a socket whose code looks like one", Object.assign(new Error("write"), { code: "EPIPE" }), null],
    ["a lost body", new TypeError("terminated", { cause: Object.assign(new Error(), { code: "EPIPE" }) }), null],
    ["no error", "23505", null],
    ["nothing", undefined, null],
  ])("%s", (_name, error, expected) => {
    expect(sqlstateOf(error)).toBe(expected);
  });
});

describe("StorageError", () => {
  test.each<[string | null, boolean]>([
    [null, true],
    ["08006", true],
    ["40P01", true],
    ["53300", true],
    ["57014", true],
    ["22P02", false],
    ["23505", false],
    ["42501", false],
    ["28P01", false],
  ])("%s: transient %s", (sqlstate, transient) => {
    expect(new StorageError("x", sqlstate)).toMatchObject({ sqlstate, transient });
  });
});
