import { afterAll, vi } from "vitest";

/** Test files of most projects share a process (`vitest.config.ts`): what one has put in place of something else ends with it. */
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});
