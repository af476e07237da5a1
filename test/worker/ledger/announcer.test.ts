import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestHarness, type TestHarness } from "wrangler";

let harness: TestHarness;
/** Answers by path: a status, or nothing. */
const seen: string[] = [];
const receiver = createServer((request, response) => {
  seen.push(`${request.method} ${request.url} ${request.headers["webhook-id"]}`);
  if (request.url === "/never") return;
  const status = Number(request.url?.slice(1));
  response.writeHead(status, { "retry-after": "7" });
  if (status === 201) response.write("a beginning without an end");
  else response.end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  harness = createTestHarness({
    root: import.meta.dirname,
    workers: [
      {
        config: {
          name: "announcer",
          main: "announcer-worker.ts",
          compatibility_date: "2026-10-23",
          compatibility_flags: ["nodejs_compat"],
          durable_objects: { bindings: [{ name: "ANNOUNCER", class_name: "TestAnnouncer" }] },
          migrations: [{ tag: "v1", new_sqlite_classes: ["TestAnnouncer"] }],
        },
      },
    ],
  });
  await harness.listen();
});
afterAll(async () => {
  await harness?.close();
  receiver.closeAllConnections();
  receiver.close();
});

const call = async (path: string, body = "") =>
  (await harness.getWorker().fetch(`http://worker${path}`, { method: "POST", body })).json();

test("a notice's life over a Durable Object's storage, in rows as workerd counts them", async () => {
  const { rows, recorded, dueAt } = (await call("/announce")) as Record<string, never>;
  expect(rows).toMatchObject({ notice: 1, attempt: 1, repetition: 0, recordedAgain: 0, end: 2 });
  expect(recorded).toMatchObject([
    { attempt: 1, status: 500, delivered: false },
    // The object that began anew does not know that Postgres has it.
    { attempt: 1, status: 500, delivered: false },
    { attempt: 2, status: 200, delivered: true, nextAt: null },
  ]);
  expect(dueAt).toBeNull();
});

test.each([
  ["/200", { status: 200, retryAfter: "7", error: null }],
  ["/503", { status: 503, retryAfter: "7", error: null }],
  ["/201", { status: 201, retryAfter: "7", error: null }],
  ["/never", { status: null, retryAfter: null, error: "no answer within 0.5 seconds" }],
])("workerd's fetch at a receiver that answers %s", async (path, expected) => {
  seen.length = 0;
  const { port } = receiver.address() as AddressInfo;
  expect(await call("/send", `http://127.0.0.1:${port}${path}`)).toEqual(expected);
  expect(seen).toEqual([`POST ${path} dlv_1`]);
});
