import { afterAll, beforeAll, expect, it } from "vitest";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, BROWSER, type Person, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let [busy, quiet]: Person[] = [];

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Root");
  busy = await world.member(tenant, tenant.rootId, "admin");
  quiet = await world.member(tenant, tenant.rootId, "viewer");
  const cookie = await world.signIn(busy);
  const { body } = await world.call("POST", "/api/keys", { cookie, headers: BROWSER, body: { name: "Theirs" } });
  const at = { rootId: tenant.rootId, organizationId: tenant.rootId, startedAt: world.clock.now - 60_000 };
  await recordEvents(world.database.database, tenant.rootId, [
    usageEvent({ ...at, keyId: body.id, costNano: 7 }),
    usageEvent({ ...at, keyId: "key_000000000000", costNano: 100 }),
  ]);
});
afterAll(() => world.close());

const listed = async (search: string): Promise<{ id: string; status: string; figures: { cost_nano: number } }[]> => {
  const { status, body } = await world.call("GET", `/api/members?${search}`, { key: tenant.adminKey });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data;
};

it("adds up what keys spent that a member made", async () => {
  const [first, ...others] = await listed("figures=true&sort=-cost");
  expect(first).toMatchObject({
    ...{ id: busy?.userId, status: "active" },
    figures: { since: "2026-10-21T12:00:00.000Z", requests: 1, errors: 0, cost_nano: 7, cost_usd: "0.000000007" },
  });
  expect(others.map(({ figures }) => figures.cost_nano)).toEqual([0, 0]);
  expect((await listed(""))[0]?.figures).toBeNull();
});

it("tells who has a session that lives", async () => {
  expect((await listed("status=active")).map(({ id }) => id)).toEqual([busy?.userId]);
  const inactive = (await listed("status=inactive")).map(({ id }) => id);
  expect(inactive.sort()).toEqual([quiet?.userId, tenant.userId].sort());
  const [last] = await listed("sort=-last_seen_at");
  const { body: one } = await world.call("GET", `/api/members/${busy?.userId}`, { key: tenant.adminKey });
  expect(last).toEqual({ ...one, figures: null });
  expect(one.last_seen_at).toBe(new Date(world.clock.now).toISOString());
});
