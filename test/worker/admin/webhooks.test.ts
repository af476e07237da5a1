import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { webhookDeliveries } from "../../../drizzle/schema/index.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import { webhookSecretPlace } from "../../../worker/canonical/webhook-secret.ts";
import { unseal } from "../../../worker/lib/seal.ts";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { type AdminWorld, BROWSER, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Told");
});
afterAll(() => world.close());

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });

const URL = "https://hooks.example.com/gaia";

async function create(body: object = {}) {
  const answer = await call("POST", "/api/webhooks", { url: URL, ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

const pushed = () => world.ledger(tenant.rootId).pushed.at(-1)?.webhooks;
const open = (id: string, sealed: string) =>
  unseal(world.dependencies.secrets.masterKey, webhookSecretPlace(tenant.rootId, id), sealed);

describe("a webhook", () => {
  it("shows its secret once, and only sealed is it kept", async () => {
    const { secret, pending, ...webhook } = await create({ url: "https://HOOKS.example.com:443/gaia?a=b" });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(webhook).toEqual({
      id: expect.stringMatching(/^whk_[0-9a-z]{12}$/),
      organization_id: tenant.rootId,
      url: "https://hooks.example.com/gaia?a=b",
      events: [],
      disabled: false,
      disabled_at: null,
      created_by: `key_${tenant.adminKey.slice(19, 31)}`,
      created_at: new Date(world.clock.now).toISOString(),
      version: 1,
    });
    expect(pending).toBe(false);
    expect((await call("GET", `/api/webhooks/${webhook.id}`)).body).toEqual(webhook);
    const [record] = pushed() ?? [];
    expect(record).toEqual({
      id: webhook.id,
      organizationId: tenant.rootId,
      url: webhook.url,
      sealedSecret: expect.stringMatching(/^v1\.[\w-]{16}\.[\w-]+$/),
      events: [],
      disabled: false,
      removed: false,
    });
    expect(await open(webhook.id, record?.sealedSecret ?? "")).toBe(secret);
    const tables = ["webhooks", "audit_log", "organizations"];
    const dump = await Promise.all(tables.map((table) => world.database.sql.query(`select t::text from ${table} t`)));
    expect(JSON.stringify(dump)).toContain(webhook.id);
    expect(JSON.stringify(dump)).not.toContain(secret.slice(6));
  });

  it("changes in what is named; disabled it stays, and comes back", async () => {
    const {
      secret: _secret,
      pending: _pending,
      ...made
    } = await create({ events: ["limit.exhausted", "limit.exhausted"] });
    expect(made.events).toEqual(["limit.exhausted"]);
    const path = `/api/webhooks/${made.id}`;
    const off = await call("PATCH", path, { disabled: true });
    expect(off.body).toEqual({
      ...made,
      disabled: true,
      disabled_at: new Date(world.clock.now).toISOString(),
      version: 2,
      pending: false,
    });
    expect(pushed()).toMatchObject([{ id: made.id, disabled: true, removed: false }]);
    world.clock.now += 1_000;
    expect((await call("PATCH", path, { disabled: true })).body.disabled_at).toBe(off.body.disabled_at);
    expect((await call("POST", `${path}/test`)).status).toBe(409);
    const on = await call("PATCH", path, {
      disabled: false,
      url: "https://other.example.com",
      events: ["limit.threshold"],
    });
    expect(on.body).toMatchObject({
      url: "https://other.example.com/",
      events: ["limit.threshold"],
      disabled: false,
      disabled_at: null,
    });
    expect(pushed()).toMatchObject([
      { url: "https://other.example.com/", events: ["limit.threshold"], disabled: false },
    ]);
  });

  it("gets another secret, and the old one is gone", async () => {
    const made = await create();
    const [before] = pushed() ?? [];
    const rotated = await call("POST", `/api/webhooks/${made.id}/rotate`);
    const [after] = pushed() ?? [];
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(rotated.body.secret).not.toBe(made.secret);
    expect(await open(made.id, after?.sealedSecret ?? "")).toBe(rotated.body.secret);
    expect(await open(made.id, before?.sealedSecret ?? "")).toBe(made.secret);
    const rows = await world.database.sql`select action from audit_log where target = ${made.id} order by id`;
    expect(rows.map(({ action }) => action)).toEqual(["webhook.create", "webhook.rotate"]);
  });

  it("keeps the secret that was handed out last, whoever else changes it meanwhile", async () => {
    const made = await create();
    const path = `/api/webhooks/${made.id}`;
    const answers = await Promise.all([
      call("PATCH", path, { events: ["limit.threshold"] }),
      call("POST", `${path}/rotate`),
      call("PATCH", path, { disabled: true }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const changes = world.ledger(tenant.rootId).pushed.toSorted((a, b) => a.version - b.version);
    const [record] = changes.at(-1)?.webhooks ?? [];
    expect(record).toMatchObject({ events: ["limit.threshold"], disabled: true });
    expect(await open(made.id, record?.sealedSecret ?? "")).toBe(answers[1].body.secret);
  });

  it("ends when it is deleted: the Ledger is told and the row stays", async () => {
    const { id } = await create();
    expect(await call("DELETE", `/api/webhooks/${id}`)).toMatchObject({ status: 200, body: { id, removed: true } });
    expect(pushed()).toMatchObject([{ id, removed: true }]);
    for (const [method, path, body] of [
      ["GET", ""],
      ["DELETE", ""],
      ["PATCH", "", { disabled: true }],
      ["POST", "/rotate"],
      ["POST", "/test"],
      ["GET", "/deliveries"],
    ] as const) {
      expect((await call(method, `/api/webhooks/${id}${path}`, body)).status, `${method} ${path}`).toBe(404);
    }
    const configuration = await loadConfiguration(world.database.database, tenant.rootId);
    expect(configuration?.webhooks.map((webhook) => webhook.id)).not.toContain(id);
    const rows = await world.database.sql`select removed_at from webhooks where id = ${id}`;
    expect(rows[0]?.removed_at).not.toBeNull();
  });

  it("is tested by the Ledger", async () => {
    const { id } = await create();
    expect(await call("POST", `/api/webhooks/${id}/test`)).toMatchObject({
      status: 202,
      body: { id, event: "webhook.test" },
    });
    expect(world.ledger(tenant.rootId).tested).toEqual([id]);
    const ledger = world.ledger(tenant.rootId);
    const cookie = await world.signIn(tenant);
    const headers = { origin: "https://gaia.example", "sec-fetch-site": "same-origin", "x-gaia-csrf": "1" };
    ledger.down = true;
    const answer = await world.call("POST", `/api/webhooks/${id}/test`, { cookie, headers });
    ledger.down = false;
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "ledger_unavailable" } } });
  });

  it("is not said to be tested before the Ledger knows it", async () => {
    const ledger = world.ledger(tenant.rootId);
    const cookie = await world.signIn(tenant);
    ledger.down = true;
    const made = await world.call("POST", "/api/webhooks", { cookie, headers: BROWSER, body: { url: URL } });
    ledger.down = false;
    expect(made).toMatchObject({ status: 201, body: { pending: true } });
    const { id } = made.body;
    const refused = { status: 503, body: { error: { code: "ledger_unavailable" } } };
    expect(await call("POST", `/api/webhooks/${id}/test`)).toMatchObject(refused);
    await call("PATCH", `/api/webhooks/${id}`, { disabled: false });
    expect((await call("POST", `/api/webhooks/${id}/test`)).status).toBe(202);
  });
});

describe("a webhook is refused", () => {
  it.each<[string, unknown]>([
    ["http", "http://hooks.example.com/"],
    ["another scheme", "ftp://hooks.example.com/"],
    ["a script", "javascript:alert(1)"],
    ["another port", "https://hooks.example.com:8443/"],
    ["port 80", "https://hooks.example.com:80/"],
    ["a user", "https://user@hooks.example.com/"],
    ["a user and password", "https://user:password@hooks.example.com/"],
    ["a name before the at", "https://hooks.example.com@10.0.0.1/"],
    ["a fragment", "https://hooks.example.com/#a"],
    ["this machine", "https://localhost/"],
    ["a name below localhost", "https://a.localhost/"],
    ["this machine's address", "https://127.0.0.1/"],
    ["a short address", "https://127.1/"],
    ["a decimal address", "https://2130706433/"],
    ["an octal address", "https://0177.0.0.1/"],
    ["a hexadecimal address", "https://0x7f000001/"],
    ["an address with full-width digits", "https://１２７.0.0.1/"],
    ["an address with a trailing dot", "https://127.0.0.1./"],
    ["IPv6", "https://[::1]/"],
    ["IPv4 in IPv6", "https://[::ffff:127.0.0.1]/"],
    ["the metadata of a cloud", "https://169.254.169.254/latest/meta-data/"],
    ["a private network", "https://192.168.1.1/"],
    ["a carrier's network", "https://100.64.0.1/"],
    ["an internal name", "https://metadata.google.internal/"],
    ["a name without a dot", "https://intranet/"],
    ["a printer", "https://printer.local./"],
    ["no host", "https://"],
    ["no URL", "hooks.example.com"],
    ["nothing", ""],
    ["2,001 characters", `https://hooks.example.com/${"x".repeat(1_975)}`],
    ["fewer that become more", `https://hooks.example.com/${"é".repeat(900)}`],
  ])("with %s", async (_, url) => {
    expect(await call("POST", "/api/webhooks", { url })).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_value", param: "url" } },
    });
  });

  it("with events there are not, and may have 2,000 characters", async () => {
    for (const events of [["limit.reached"], ["webhook.test"], ["*"]]) {
      expect(await call("POST", "/api/webhooks", { url: URL, events })).toMatchObject({
        status: 400,
        body: { error: { code: "invalid_value", param: "events[0]" } },
      });
    }
    await create({ url: `https://hooks.example.com/${"x".repeat(1_974)}` });
  });

  it("when changed to what could not be made, or to nothing", async () => {
    const { id } = await create();
    for (const [body, code, param] of [
      [{ url: "http://hooks.example.com/" }, "invalid_value", "url"],
      [{ secret: "whsec_x" }, "unsupported_parameter", "secret"],
      [{ disabled: "yes" }, "invalid_type", "disabled"],
      [{}, "missing_required_parameter", null],
    ] as const) {
      expect(await call("PATCH", `/api/webhooks/${id}`, body)).toMatchObject({
        status: 400,
        body: { error: { code, param } },
      });
    }
  });
});

describe("webhooks", () => {
  it("are listed by branch, page by page", async () => {
    const { body: team } = await call("POST", "/api/organizations", { name: "Team" });
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.push((await create({ organization_id: team.id })).id);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/api/webhooks?organization=${team.id}&limit=2${cursor}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : "";
    } while (cursor !== "");
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it("of the root are not a branch's to see", async () => {
    const { id } = await create();
    const { body: team } = await call("POST", "/api/organizations", { name: "Team" });
    const permissions = ["admin"];
    const { body: lead } = await call("POST", "/api/keys", { name: "Lead", organization_id: team.id, permissions });
    const as = (method: string, path: string, body?: unknown) => call(method, path, body, lead.key);
    expect((await as("GET", "/api/webhooks")).body.data).toEqual([]);
    for (const [method, path, body] of [
      ["GET", `/api/webhooks/${id}`],
      ["PATCH", `/api/webhooks/${id}`, { url: URL }],
      ["POST", `/api/webhooks/${id}/rotate`],
      ["POST", `/api/webhooks/${id}/test`],
      ["GET", `/api/webhooks/${id}/deliveries`],
      ["DELETE", `/api/webhooks/${id}`],
      ["POST", "/api/webhooks", { url: URL, organization_id: tenant.rootId }],
    ] as const) {
      expect((await as(method, path, body)).status, `${method} ${path}`).toBe(404);
    }
    expect((await as("POST", "/api/webhooks", { url: URL })).body.organization_id).toBe(team.id);
  });
});

describe("the log of deliveries", () => {
  it("has every attempt, newest first, each once", async () => {
    const { id } = await create();
    const start = world.clock.now;
    const rows = Array.from({ length: 7 }, (_, index) => ({
      // Two deliveries at each moment; the last attempt succeeded.
      deliveryId: `dlv_0000000000000000000${index % 2}`,
      attempt: Math.floor(index / 2) + 1,
      rootId: tenant.rootId,
      webhookId: id,
      event: "limit.threshold",
      body: { type: "limit.threshold" },
      at: new Date(start + Math.floor(index / 2) * 5_000),
      status: index === 6 ? 204 : null,
      error: index === 6 ? null : "It did not answer within 10 seconds.",
      durationMs: 10_000,
      delivered: index === 6,
      nextAt: index === 6 ? null : new Date(start + 60_000),
    }));
    const { database } = world.database;
    await forRoot(database, tenant.rootId).batch([database.insert(webhookDeliveries).values(rows)]);
    const seen: { id: string; attempt: number; at: string }[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/api/webhooks/${id}/deliveries?limit=3${cursor}`);
      seen.push(...body.data);
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : "";
    } while (cursor !== "");
    expect(seen).toHaveLength(7);
    expect(new Set(seen.map((row) => `${row.id}/${row.attempt}`)).size).toBe(7);
    expect(seen.map(({ at }) => at)).toEqual(
      seen
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(seen[0]).toEqual({
      id: "dlv_00000000000000000000",
      attempt: 4,
      event: "limit.threshold",
      body: { type: "limit.threshold" },
      at: new Date(start + 15_000).toISOString(),
      status: 204,
      error: null,
      duration_ms: 10_000,
      delivered: true,
      next_at: null,
    });
    const other = await create();
    expect((await call("GET", `/api/webhooks/${other.id}/deliveries`)).body).toMatchObject({
      data: [],
      next_cursor: null,
    });
  });
});
