import { expect, test } from "vitest";
import { startPostgresWire } from "../support/postgres-wire.ts";
import { awaitRow, runStart, startStack, streamChat } from "../support/stack.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";

test("DATABASE_URL: a plain Postgres holds the data, and belongs to the data directory that set it up", async () => {
  const postgres = await startPostgresWire();
  const environment = { DATABASE_URL: postgres.url };
  const stack = await startStack(temporaryDataDir(), environment);
  const { router, adminKey } = stack.ready;
  const response = await streamChat(stack.ready, "openai/gpt-6.1-sol");
  await response.text();
  const id = response.headers.get("x-request-id") as string;
  expect(await awaitRow(router, { authorization: `Bearer ${adminKey}` }, id)).toMatchObject({ outcome: "ok" });
  expect(await stack.stop()).toBe(0);

  const other = runStart({ ...environment, DATA_DIR: temporaryDataDir() });
  expect(await other.exited).toBe(1);
  expect(other.output()).toContain("in use already");

  await postgres.close();
});
