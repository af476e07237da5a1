import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

const HOUR = 3_600_000;
const START = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString();
const PERIOD = { from: iso(START), to: iso(START + HOUR) };
/** o3: 2, 8 and cached 0.5 USD per million: 12 + 4 written at the input's rate, 3 cached, 50 out. */
const AT_O3 = 16 * 2_000 + 3 * 500 + 50 * 8_000;

let world: AdminWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant();
  const event = (changes: Partial<UsageEvent>) =>
    usageEvent({ rootId: tenant.rootId, organizationId: tenant.rootId, startedAt: START + 1_000, ...changes });
  await recordEvents(world.database.database, tenant.rootId, [
    event({ costNano: 1_000, rawUsage: null, sessionId: "s1" }),
    event({ costNano: 5_700, failedCostNano: 700, rawUsage: null, upstreamModel: "gpt-6" }),
    event({ costNano: 9, providerCostNano: 9, rawUsage: null, provider: "openrouter", upstreamModel: "a/b" }),
    event({ costNano: 8, outcome: "expired", status: 504 }),
    event({ costNano: 7, operation: "embed" }),
    event({ costNano: 0, operation: "count_tokens" }),
    event({ costNano: 6, startedAt: START - 1 }),
  ]);
});
afterAll(() => world?.close());

const call = (body: object, key = tenant.adminKey) =>
  world.call("POST", "/api/stats/what-if", { key, body: { ...PERIOD, model: "openai/o3", ...body } });

describe("POST /api/stats/what-if", () => {
  it("tells what the same tokens cost at another model's prices, and writes nothing", async () => {
    const { status, body } = await call({});
    expect(status).toBe(200);
    const [before, after] = [1_000 + 5_700 + 9, 3 * AT_O3 + 700];
    expect(body).toMatchObject({
      ...{ ...PERIOD, model: "openai/o3", next_from: null, events: 3 },
      ...{ before_nano: before, after_nano: after, difference_nano: after - before },
      kept: { expired: 1, unpriced: 0, other_operation: 1 },
    });
    expect(body.models).toHaveLength(3);
    expect(body.models).toContainEqual(
      expect.objectContaining({ model: "openai/gpt-6", events: 1, before_nano: 5_700, after_nano: AT_O3 + 700 }),
    );
    const [rows] = await world.database.sql`select count(*)::int as rows from usage_events`;
    expect(rows?.rows).toBe(7);
  });

  it("narrows to a scope", async () => {
    expect((await call({ scope: { session: ["s1"] } })).body.events).toBe(1);
    expect((await call({ scope: { model: ["openai/gpt-6", "openrouter/a/b"] } })).body.events).toBe(2);
    expect((await call({}, (await world.tenant("Other")).adminKey)).body.events).toBe(0);
  });

  it.each<[string, object, string, string]>([
    ["a model that is none", { model: "o3" }, "invalid_value", "model"],
    ["a model without a price", { model: "openai/never-priced" }, "invalid_value", "model"],
    ["more than 31 days", { to: iso(START + 31 * 24 * HOUR + 1) }, "invalid_value", "to"],
    ["a scope that is none", { scope: { colour: "red" } }, "unsupported_parameter", "scope.colour"],
    ["a value that is no list", { scope: { provider: "openai" } }, "invalid_type", "scope.provider"],
    ["a status that is none", { scope: { status: ["200"] } }, "invalid_value", "scope.status[0]"],
  ])("refuses %s", async (_name, body, code, param) => {
    expect(await call(body)).toMatchObject({ status: 400, body: { error: { code, param } } });
  });
});
