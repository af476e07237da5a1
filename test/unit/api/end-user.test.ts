import { expect, test } from "vitest";
import { nameForProvider } from "../../../worker/api/inference/end-user.ts";

const hash = async (text: string): Promise<string> => `${text.length}`.padEnd(64, "0");

test.each([
  ["user-7", "user-7"],
  ["a".repeat(128), "a".repeat(128)],
  ["ada@example.com", `hmac:15${"0".repeat(30)}`],
  // As long as what Claude Code writes into `metadata.user_id`.
  ["a".repeat(195), `hmac:195${"0".repeat(29)}`],
])("%s", async (name, told) => {
  expect(await nameForProvider(name, hash)).toBe(told);
});
