import { expect, test } from "vitest";
import { BUILT_DASHBOARD } from "../../local/stack/dashboard-build.ts";
import { sizesOf } from "../support/dashboard-bytes.ts";

/** Here, since the stack that the browser's tests share has built the page. */
const sizes = sizesOf(BUILT_DASHBOARD);

test.each(sizes)("$name stays below $target kB", ({ kilobytes, target }) => {
  expect(kilobytes).toBeLessThanOrEqual(target);
});
