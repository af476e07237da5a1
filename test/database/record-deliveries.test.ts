import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeliveryLogRow } from "../../worker/canonical/webhook-delivery.ts";
import { StorageError } from "../../worker/errors.ts";
import { recordDeliveries } from "../../worker/usage/record-deliveries.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";

const ROOT = "org_tenant00";
const AT = Date.UTC(2026, 10, 26, 12, 0, 0, 123);

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`truncate webhook_deliveries`;
});

const delivery = (more: Partial<DeliveryLogRow> = {}): DeliveryLogRow => ({
  deliveryId: "dlv_0123456789abcdefghij",
  attempt: 1,
  webhookId: "whk_0123456789ab",
  event: "limit.threshold",
  body: {
    type: "limit.threshold",
    id: "dlv_0123456789abcdefghij",
    timestamp: new Date(AT).toISOString(),
    data: { limit_id: "lim_0123456789ab", threshold: 80, names: ["é", null] },
  },
  at: AT,
  status: 500,
  error: null,
  durationMs: 34,
  delivered: false,
  nextAt: AT + 5_000,
  ...more,
});

const record = (rows: DeliveryLogRow[], rootId = ROOT) => recordDeliveries(db.database, rootId, rows);
const stored = () => db.sql`select * from webhook_deliveries order by root_id, delivery_id, attempt`;

describe("recordDeliveries", () => {
  test("writes every field", async () => {
    const first = delivery();
    const second = delivery({ attempt: 2, status: null, error: "no answer within 10 seconds", nextAt: null });
    await record([first, second]);
    const rows = await stored();
    expect(rows).toMatchObject([
      {
        root_id: ROOT,
        delivery_id: first.deliveryId,
        attempt: 1,
        webhook_id: first.webhookId,
        event: "limit.threshold",
        body: first.body,
        status: 500,
        error: null,
        duration_ms: 34,
        delivered: false,
      },
      { attempt: 2, status: null, error: "no answer within 10 seconds", next_at: null },
    ]);
    expect(new Date(rows[0]?.at).getTime()).toBe(AT);
    expect(new Date(rows[0]?.next_at).getTime()).toBe(AT + 5_000);
  });

  test("what is there stays as it is, and what is new in the same call is written", async () => {
    await record([delivery()]);
    await record([delivery({ status: 200, delivered: true }), delivery({ attempt: 2 }), delivery({ attempt: 2 })]);
    expect(await stored()).toMatchObject([
      { attempt: 1, status: 500 },
      { attempt: 2, status: 500 },
    ]);
  });

  test("a lost acknowledgement is transient, and the repeat changes nothing", async () => {
    db.faults.next.push("ack-lost");
    await expect(record([delivery()])).rejects.toMatchObject({ name: "StorageError", sqlstate: null, transient: true });
    await record([delivery()]);
    expect(await stored()).toHaveLength(1);
  });

  test("a row that cannot be stored spoils its call with a SQLSTATE, and nothing of it stays", async () => {
    const failure = record([delivery(), delivery({ attempt: 2, error: "a\u0000b" })]);
    await expect(failure).rejects.toBeInstanceOf(StorageError);
    await expect(failure).rejects.toMatchObject({ sqlstate: expect.stringMatching(/^22/), transient: false });
    expect(await stored()).toEqual([]);
  });

  test("no rows ask nothing of the database", async () => {
    db.faults.next.push("503");
    await record([]);
    await expect(record([delivery()])).rejects.toMatchObject({ transient: true });
  });

  test("the same delivery id of two tenants is two rows, and neither sees the other's", async () => {
    await record([delivery()]);
    await record([delivery({ status: 200 })], "org_tenant01");
    expect(await stored()).toMatchObject([
      { root_id: ROOT, status: 500 },
      { root_id: "org_tenant01", status: 200 },
    ]);
  });
});
