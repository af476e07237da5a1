import { expect, test } from "vitest";
import { masked } from "../../../worker/lib/mask.ts";

test.each([
  ["Incorrect API key provided: sk-proj-abcdefgh12345678.", "Incorrect API key provided: [redacted]."],
  ["Authorization: Bearer abc.def", "Authorization: [redacted]"],
  [
    "Rate limit reached in organization org-AbCdEfGh12 on tokens.",
    "Rate limit reached in organization [redacted] on tokens.",
  ],
  ["Project proj_AbCdEfGh12 has no access to it.", "Project [redacted] has no access to it."],
  ["GET /v1beta/models?key=AIzaSyA0123456789&alt=sse", "GET /v1beta/models?key=[redacted]&alt=sse"],
  ["The organizer's sk-8 board is org-wide.", "The organizer's sk-8 board is org-wide."],
])("%s", (said, told) => {
  expect(masked(said)).toBe(told);
});
