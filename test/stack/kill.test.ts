import { afterAll, expect, test } from "vitest";
import type { Ready } from "../../local/stack/ready.ts";
import { awaitRow, listRequests, type RunningStack, removeStack, startStack, streamChat } from "../support/stack.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";

/** A stream that lasts far longer than it takes to kill everything. */
const MODEL = "openai/gpt-6.1-sol+pace-100+chunks-3000";
const ROUNDS = 5;

const dataDir = temporaryDataDir();
let stack: RunningStack | undefined;
const start = () => startStack(dataDir, { LEDGER_HOLD_SECONDS: "1" });
const adminHeaders = (ready: Ready) => ({ authorization: `Bearer ${ready.adminKey}` });

afterAll(() => removeStack(stack));

/** Begins a stream and answers its id once the first bytes are here. */
async function beginStream(ready: Ready): Promise<string> {
  const response = await streamChat(ready, MODEL);
  expect(response.status).toBe(200);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  // The connection breaks when the router is killed; until then somebody reads, as a client does.
  void (async () => {
    while (!(await reader.read()).done);
  })().catch(() => {});
  return response.headers.get("x-request-id") as string;
}

test("five times kill -9 of everything during a stream: each request has exactly one row after the next start", async () => {
  const ids: string[] = [];
  stack = await start();
  for (let round = 0; round < ROUNDS; round++) {
    const id = await beginStream(stack.ready);
    await stack.killAll();
    stack = await start();
    const row = await awaitRow(stack.ready.router, adminHeaders(stack.ready), id);
    expect(row).toMatchObject({ outcome: "expired", status: 504, exact: false });
    ids.push(id);
  }
  // Whatever might be sent a second time has been by the end of a clean stop and one more start.
  await stack.stop();
  stack = await start();
  const rows = await listRequests(stack.ready.router, adminHeaders(stack.ready));
  expect(rows.map((row) => row.id).sort()).toEqual([...ids].sort());
});
