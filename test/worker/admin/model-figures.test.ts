import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { medianFirstBytes } from "../../../worker/usage/stats/percentile-by.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
/** Root > Team; it is 20 November, noon in UTC. */
let tenant: Tenant;
let team: string;

const call = (method: string, path: string, body?: unknown) => world.call(method, path, { key: tenant.adminKey, body });

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Root");
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
  await call("POST", "/api/models", { model: "openai/own", context_window: 1_000 });
  const at = { rootId: tenant.rootId, startedAt: world.clock.now - 60_000 };
  const event = (changes: Partial<UsageEvent>) => usageEvent({ ...at, organizationId: team, ...changes });
  await recordEvents(world.database.database, tenant.rootId, [
    ...[100, 900, 300].map((ttftMs) => event({ upstreamModel: "gpt-5.1", ttftMs, costNano: 5 })),
    event({ upstreamModel: "gpt-5.1", ttftMs: null, outcome: "timeout", status: 504, costNano: 0 }),
    event({ upstreamModel: "own", ttftMs: null }),
    event({ organizationId: tenant.rootId, upstreamModel: "own", ttftMs: 7 }),
  ]);
});
afterAll(() => world.close());

interface Row {
  id: string;
  figures: Record<string, unknown> | null;
}
const listed = async (search: string): Promise<Row[]> => {
  const { status, body } = await call("GET", `/api/models?${search}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data;
};

describe("models", () => {
  it("come by how often they were asked for, with how they did", async () => {
    const [first, second, third] = await listed("sort=-requests&figures=true&limit=3");
    expect([first?.id, second?.id]).toEqual(["openai/gpt-5.1", "openai/own"]);
    expect(first?.figures).toEqual({
      ...{ since: "2026-10-21T12:00:00.000Z", requests: 4, errors: 1, error_rate: 0.25, ttft_ms_p50: 300 },
      ...{ cost_nano: 15, cost_usd: "0.000000015" },
    });
    expect(second?.figures).toMatchObject({ requests: 2, error_rate: 0, ttft_ms_p50: 7 });
    expect(third?.figures).toMatchObject({ requests: 0, error_rate: null, ttft_ms_p50: null });
    expect((await listed("limit=1"))[0]?.figures).toBeNull();
  });

  it("are those of a branch where it is asked for", async () => {
    const [own] = await listed(`organization=${team}&source=custom&figures=true`);
    expect(own?.figures).toMatchObject({ requests: 1, ttft_ms_p50: null });
  });

  it.each<[string, string[]]>([
    ["used=true", ["openai/gpt-5.1", "openai/own"]],
    ["used=true&priced=false", ["openai/own"]],
    ["used=true&deprecated=true&sort=deprecation_date", ["openai/gpt-5.1"]],
    ["context_max=1000", ["openai/own"]],
    ["used=true&context_min=1001", ["openai/gpt-5.1"]],
    ["used=true&context_min=400000&context_max=400000", ["openai/gpt-5.1"]],
    ["used=true&input_price_max=1.25", ["openai/gpt-5.1"]],
    ["used=true&input_price_max=1.24", []],
    ["used=true&output_price_max=9.99", []],
    ["used=false&source=custom", []],
  ])("fit %s: %j", async (search, ids) => {
    expect((await listed(search)).map(({ id }) => id)).toEqual(ids);
  });

  it("have their medians from a sample where they are very many", async () => {
    const scope = { rootId: tenant.rootId, filter: {}, period: { from: 0, to: world.clock.now } };
    const { database } = world.database;
    const sampled = usageEvent({ rootId: tenant.rootId, organizationId: team, startedAt: world.clock.now - 60_000 });
    // An id ends in two characters by chance.
    const eventId = `${sampled.eventId.slice(0, 24)}00`;
    await recordEvents(database, tenant.rootId, [{ ...sampled, eventId, upstreamModel: "some", ttftMs: 11 }]);
    for (const requests of [50_001, 1e12]) {
      expect((await medianFirstBytes(database, scope, requests)).get("openai/some"), String(requests)).toBe(11);
    }
  });
});
