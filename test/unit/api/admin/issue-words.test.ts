import { describe, expect, it } from "vitest";
import { z } from "zod";
import { issueWords } from "../../../../worker/api/admin/issue-words.ts";

describe("what is wrong with a value is told by what is wanted", () => {
  it.each<[schema: z.ZodType, value: unknown, words: string]>([
    [z.string(), 1, "Must be text"],
    [z.number(), "1", "Must be a number"],
    [z.int(), 1.5, "Must be a whole number"],
    [z.boolean(), "true", "Must be true or false"],
    [z.array(z.string()), {}, "Must be a list"],
    [z.strictObject({}), [], "Must be an object"],
    [z.string().min(1), "", "Must not be empty"],
    [z.string().min(12), "short", "Must have at least 12 characters"],
    [z.string().max(1), "ab", "Must have at most 1 character"],
    [z.array(z.string()).min(1), [], "Must not be empty"],
    [z.array(z.string()).max(2), ["", "", ""], "Must have at most 2 entries"],
    [z.int().min(0), -1, "Must be at least 0"],
    [z.number().gt(0), 0, "Must be more than 0"],
    [z.int().max(120), 121, "Must be at most 120"],
    [z.number().lt(5), 5, "Must be less than 5"],
    [z.int().multipleOf(5), 3, "Must be a multiple of 5"],
    [z.enum(["read", "write"]), "admin", "Must be one of read, write"],
    [z.literal(true), false, "Must be true"],
    [z.union([z.literal("block"), z.strictObject({})]), 1, "Must be block, or an object"],
    [z.string().refine(() => false), "secret", "Is not taken here"],
    [z.string().min(3, "Must be longer"), "x", "Must be longer"],
  ])("%#", (schema, value, words) => {
    const { error } = schema.safeParse(value, { reportInput: true, error: issueWords });
    expect(error?.issues[0]?.message).toBe(words);
  });
});
