import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkApiKey } from "../../../worker/auth/api-key.ts";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { type AdminWorld, PEPPERS, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant();
});
afterAll(() => world.close());

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });

async function organization(name: string, parentId?: string, key?: string): Promise<string> {
  const { status, body } = await call("POST", "/api/organizations", { name, parent_id: parentId }, key);
  expect(status).toBe(201);
  return body.id;
}

describe("organizations", () => {
  it("are made below the caller's own unless told otherwise", async () => {
    const { status, body } = await call("POST", "/api/organizations", { name: " Platform " });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^org_[0-9a-z]{8}$/),
      parent_id: tenant.rootId,
      name: "Platform",
      time_zone: "UTC",
      created_at: new Date(world.clock.now).toISOString(),
      archived_at: null,
      version: 1,
    });
    const below = await call("POST", "/api/organizations", { name: "CI", parent_id: body.id });
    expect(below.body.parent_id).toBe(body.id);
    expect((await call("GET", `/api/organizations/${below.body.id}`)).body).toMatchObject(below.body);
  });

  it("make a tree of at most eight", async () => {
    let parent = tenant.rootId;
    for (let depth = 2; depth <= 8; depth++) parent = await organization(`Level ${depth}`, parent);
    expect(await call("POST", "/api/organizations", { name: "Level 9", parent_id: parent })).toMatchObject({
      status: 400,
      body: { error: { code: "tree_too_deep", param: "parent_id" } },
    });
  });

  it("are listed newest first, page by page, each once", async () => {
    const own = await world.tenant("Paged");
    for (let index = 0; index < 6; index++) {
      // Two at a time of the same millisecond, so that a page of three ends between two of them.
      if (index % 2 === 0) world.clock.now += 1;
      await organization(`Number ${index}`, undefined, own.adminKey);
    }
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/api/organizations?limit=3${cursor}`, undefined, own.adminKey);
      expect(body.as_of).toBe(new Date(world.clock.now).toISOString());
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : "";
    } while (cursor !== "");
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen.at(-1)).toBe(own.rootId);
  });
});

describe("keys", () => {
  it("are shown once, and only their MAC is kept", async () => {
    const { status, body } = await call("POST", "/api/keys", {
      name: "CI",
      permissions: ["write", "read", "write"],
      expires_at: "2027-01-01T00:00:00+01:00",
      strict: true,
    });
    expect(status).toBe(201);
    const { key, ...shown } = body;
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_[0-9a-z]{12}$/),
      kind: "api",
      organization_id: tenant.rootId,
      organization_name: "Acme",
      name: "CI",
      hint: `${key.slice(0, 12)}…${key.slice(-4)}`,
      previous: null,
      permissions: ["write", "read"],
      strict: true,
      ...{ models: null, ip_ranges: null, origins: null, tags: [], owner: "service", note: null },
      status: "active",
      updated_at: new Date(world.clock.now).toISOString(),
      last_used_at: null,
      version: 1,
      organization_archived: false,
      created_by: expect.stringMatching(/^key_/),
      created_at: new Date(world.clock.now).toISOString(),
      expires_at: "2026-12-31T23:00:00.000Z",
      disabled_at: null,
      disabled_by: null,
      revoked_at: null,
    });
    expect(await checkApiKey(key, PEPPERS)).toMatchObject({ rootId: tenant.rootId, keyId: shown.id });
    expect((await call("GET", `/api/keys/${shown.id}`)).body).toEqual({ ...shown, figures: null });
    expect(JSON.stringify((await call("GET", "/api/keys")).body)).not.toContain(key.slice(32, 75));
  });

  it("are known to the Ledger at once, without asking Postgres", async () => {
    const ledger = world.ledger(tenant.rootId);
    const { body } = await call("POST", "/api/keys", { name: "Fresh" });
    const { keyId, mac } = (await checkApiKey(body.key, PEPPERS)) ?? { keyId: "", mac: "" };
    world.database.faults.mode = "503";
    try {
      expect(await ledger.core.authenticate({ rootId: tenant.rootId, keyId, mac })).toMatchObject({
        ok: true,
        principal: { keyId, organizationId: tenant.rootId, permissions: ["read", "write"] },
      });
    } finally {
      world.database.faults.mode = "ok";
    }
  });

  it("stop at once when revoked; revoking again changes nothing", async () => {
    const { body: made } = await call("POST", "/api/keys", { name: "Short", permissions: ["admin"] });
    expect((await call("GET", "/api/keys", undefined, made.key)).status).toBe(200);
    const first = await call("POST", `/api/keys/${made.id}/revoke`);
    expect(first).toMatchObject({ status: 200, body: { status: "revoked" } });
    expect(await call("GET", "/api/keys", undefined, made.key)).toMatchObject({
      status: 401,
      body: { error: { code: "invalid_api_key" } },
    });
    const before = await loadConfiguration(world.database.database, tenant.rootId);
    world.clock.now += 1000;
    const again = await call("POST", `/api/keys/${made.id}/revoke`);
    expect(again.status).toBe(200);
    expect(again.body.revoked_at).toBe(first.body.revoked_at);
    expect(await loadConfiguration(world.database.database, tenant.rootId)).toEqual(before);
  });

  it("are revoked once when ten ask at the same time", async () => {
    const { body: made } = await call("POST", "/api/keys", { name: "Contested" });
    const answers = await Promise.all(Array.from({ length: 10 }, () => call("POST", `/api/keys/${made.id}/revoke`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const [audit] = await world.database
      .sql`select count(*)::int as n from audit_log where action = 'key.revoke' and target = ${made.id}`;
    expect(audit?.n).toBe(1);
  });

  it("say so when the Ledger could not be told, and hold after another try", async () => {
    const own = await world.tenant("Cut off");
    const { body: made } = await call("POST", "/api/keys", { name: "Lost", permissions: ["admin"] }, own.adminKey);
    const ledger = world.ledger(own.rootId);
    const configure = ledger.configure;
    ledger.configure = () => Promise.reject(new Error("the Ledger is away"));
    expect(await call("POST", `/api/keys/${made.id}/revoke`, undefined, own.adminKey)).toMatchObject({
      status: 503,
      body: { error: { code: "ledger_unavailable" } },
    });
    expect((await call("GET", "/api/keys", undefined, made.key)).status).toBe(200);
    ledger.configure = configure;
    expect((await call("POST", `/api/keys/${made.id}/revoke`, undefined, own.adminKey)).status).toBe(200);
    expect((await call("GET", "/api/keys", undefined, made.key)).status).toBe(401);
  });

  it("are handed out even when the Ledger could not be told", async () => {
    const own = await world.tenant("Cut off too");
    await call("GET", "/api/keys", undefined, own.adminKey);
    const ledger = world.ledger(own.rootId);
    ledger.configure = () => Promise.reject(new Error("the Ledger is away"));
    const { status, body } = await call("POST", "/api/keys", { name: "Kept" }, own.adminKey);
    expect(status).toBe(201);
    expect(body.key).toHaveLength(84);
  });

  it("expire", async () => {
    const expiresAt = new Date(world.clock.now + 1000).toISOString();
    const { body } = await call("POST", "/api/keys", { name: "Brief", permissions: ["admin"], expires_at: expiresAt });
    expect((await call("GET", "/api/keys", undefined, body.key)).status).toBe(200);
    world.clock.now += 1000;
    expect(await call("GET", "/api/keys", undefined, body.key)).toMatchObject({
      status: 401,
      body: { error: { code: "key_expired" } },
    });
    expect((await call("GET", `/api/keys/${body.id}`)).body.status).toBe("expired");
  });

  it("expire at a time that Postgres can hold", async () => {
    for (const expires_at of ["9999-12-31T23:59:59-10:00", "0000-01-01T00:00:00Z", "3000-01-01T00:00:00Z"]) {
      expect(await call("POST", "/api/keys", { name: "Far off", expires_at })).toMatchObject({
        status: 400,
        body: { error: { code: "invalid_value", param: "expires_at" } },
      });
    }
  });

  it("of a branch are listed with those below it", async () => {
    const team = await organization("Team");
    const squad = await organization("Squad", team);
    const { body: a } = await call("POST", "/api/keys", { name: "a", organization_id: team });
    const { body: b } = await call("POST", "/api/keys", { name: "b", organization_id: squad });
    const ids = async (branch: string) =>
      (await call("GET", `/api/keys?organization=${branch}`)).body.data.map(({ id }: { id: string }) => id).sort();
    expect(await ids(team)).toEqual([a.id, b.id].sort());
    expect(await ids(squad)).toEqual([b.id]);
    expect((await ids(tenant.rootId)).length).toBeGreaterThan(2);
  });
});

describe("an admin key below the root", () => {
  it("sees and changes its own branch only", async () => {
    const [branch, sibling] = [await organization("Branch"), await organization("Sibling")];
    const twig = await organization("Twig", branch);
    const permissions = ["admin"];
    const { body: lead } = await call("POST", "/api/keys", { name: "Lead", organization_id: branch, permissions });
    const { body: foreign } = await call("POST", "/api/keys", { name: "Foreign", organization_id: sibling });
    const as = (method: string, path: string, body?: unknown) => call(method, path, body, lead.key);

    const seen = (await as("GET", "/api/organizations")).body.data.map(({ id }: { id: string }) => id);
    expect(seen.sort()).toEqual([branch, twig].sort());
    expect((await as("GET", "/api/keys")).body.data.map(({ id }: { id: string }) => id)).toEqual([lead.id]);
    expect((await as("POST", "/api/keys", { name: "In reach", organization_id: twig })).status).toBe(201);
    expect((await as("POST", "/api/organizations", { name: "Leaf" })).body.parent_id).toBe(branch);

    for (const [method, path, body] of [
      ["GET", `/api/organizations/${tenant.rootId}`],
      ["GET", `/api/organizations/${sibling}`],
      ["GET", `/api/keys/${foreign.id}`],
      ["POST", `/api/keys/${foreign.id}/revoke`],
      ["GET", `/api/keys?organization=${sibling}`],
      ["GET", `/api/requests?organization=${tenant.rootId}`],
      ["GET", `/api/requests?key=${foreign.id}`],
      ["POST", "/api/keys", { name: "Out of reach", organization_id: tenant.rootId }],
      ["POST", "/api/organizations", { name: "Out of reach", parent_id: sibling }],
    ] as const) {
      expect(await as(method, path, body), `${method} ${path}`).toMatchObject({
        status: 404,
        body: { error: { code: "not_found" } },
      });
    }
    expect((await call("GET", `/api/keys/${foreign.id}`)).body.status).toBe("active");
  });
});

describe("writers of one tenant at the same time", () => {
  it("take turns: every change has a version and the Ledger ends where Postgres is", async () => {
    const own = await world.tenant("Busy");
    await call("GET", "/api/keys", undefined, own.adminKey);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2
          ? call("POST", "/api/keys", { name: `Key ${index}` }, own.adminKey)
          : call("POST", "/api/organizations", { name: `Organization ${index}` }, own.adminKey),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    const ledger = world.ledger(own.rootId);
    expect(ledger.pushed.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 2),
    );
    expect(ledger.core.health().configVersion).toBe(21);
    const stored = await loadConfiguration(world.database.database, own.rootId);
    expect(stored?.version).toBe(21);
    expect(stored?.keys).toHaveLength(12);
    expect(stored?.organizations).toHaveLength(11);
  });
});

describe("loadConfiguration", () => {
  it("is null for a root that is none, also when it is somebody's child", async () => {
    const child = await organization("Child");
    expect(await loadConfiguration(world.database.database, "org_00000000")).toBeNull();
    expect(await loadConfiguration(world.database.database, child)).toBeNull();
  });
});
