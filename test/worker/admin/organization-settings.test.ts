import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Set");
});
afterAll(() => world.close());
beforeEach(async () => {
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
});

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });
const patch = (body: unknown, id = team, key = tenant.adminKey) => call("PATCH", `/api/organizations/${id}`, body, key);
const read = async (id = team) => (await call("GET", `/api/organizations/${id}`)).body;
const pushed = () => world.ledger(tenant.rootId).pushed.at(-1)?.organizations;

const INHERITED = {
  default_output_tokens: null,
  max_output_tokens: null,
  lower_caps: null,
  least_output_tokens: null,
  wait_seconds: null,
  on_ledger_down: null,
  model_access: null,
};

describe("an organization", () => {
  it("changes in what is named and in nothing else; the Ledger learns it", async () => {
    const {
      settings: _settings,
      effective: _effective,
      archived_by: _archivedBy,
      figures: _,
      ...before
    } = await read();
    const answer = await patch({ name: " Renamed " });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({ ...before, name: "Renamed", version: 2, settings: INHERITED, pending: false });
    await patch({ time_zone: "Europe/Zurich" });
    await patch({ settings: { max_output_tokens: 4_096, lower_caps: false } });
    const last = await patch({ settings: { on_ledger_down: { cost_usd: "1.50", seconds: 600 } } });
    expect(last.body).toMatchObject({
      name: "Renamed",
      time_zone: "Europe/Zurich",
      settings: {
        ...INHERITED,
        max_output_tokens: 4_096,
        lower_caps: false,
        on_ledger_down: { cost_nano: 1_500_000_000, cost_usd: "1.5", seconds: 600 },
      },
    });
    const record = {
      id: team,
      parentId: tenant.rootId,
      name: "Renamed",
      timeZone: "Europe/Zurich",
      archived: false,
      settings: {
        defaultOutputTokens: null,
        maxOutputTokens: 4_096,
        lowerCaps: false,
        leastOutputTokens: null,
        waitSeconds: null,
        onLedgerDown: { costNano: 1_500_000_000, seconds: 600 },
        modelAccess: null,
      },
    };
    expect(pushed()).toEqual([record]);
    const configuration = await loadConfiguration(world.database.database, tenant.rootId);
    expect(configuration?.organizations).toContainEqual(record);
    const rows = await world.database.sql`
      select before, after from audit_log where target = ${team} and action = 'organization.update' order by id`;
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({ before: { name: "Team" }, after: { name: "Renamed" } });
    expect(rows[3]).toMatchObject({ after: { settings: { maxOutputTokens: 4_096, lowerCaps: false } } });
  });

  it("inherits again what is set to null, and stores only what is set", async () => {
    await patch({ settings: { max_output_tokens: 10, default_output_tokens: 5, on_ledger_down: "block" } });
    await patch({ settings: { max_output_tokens: null, on_ledger_down: null } });
    expect((await read()).settings).toEqual({ ...INHERITED, default_output_tokens: 5 });
    const rows = await world.database.sql`select settings from organizations where id = ${team}`;
    expect(rows[0]?.settings).toEqual({ defaultOutputTokens: 5 });
  });

  it("shows what is in force, and where from: the nearest that says something", async () => {
    const own = await world.tenant("Deep");
    const as = (method: string, path: string, body?: unknown) => call(method, path, body, own.adminKey);
    const middle = (await as("POST", "/api/organizations", { name: "Middle" })).body.id;
    const leaf = (await as("POST", "/api/organizations", { name: "Leaf", parent_id: middle })).body.id;
    await as("PATCH", `/api/organizations/${own.rootId}`, {
      settings: { max_output_tokens: 100, lower_caps: false, on_ledger_down: { cost_nano: 7, seconds: 1 } },
    });
    await as("PATCH", `/api/organizations/${middle}`, {
      settings: { max_output_tokens: 50, lower_caps: true, wait_seconds: 60 },
    });
    await as("PATCH", `/api/organizations/${leaf}`, { settings: { default_output_tokens: 20 } });
    const expected = {
      default_output_tokens: { value: 20, source: leaf },
      max_output_tokens: { value: 50, source: middle },
      lower_caps: { value: true, source: middle },
      least_output_tokens: { value: 1_024, source: "default" },
      wait_seconds: { value: 60, source: middle },
      on_ledger_down: { value: { cost_nano: 7, cost_usd: "0.000000007", seconds: 1 }, source: own.rootId },
      model_access: [],
    };
    expect((await as("GET", `/api/organizations/${leaf}`)).body.effective).toEqual(expected);
    // An administrator of the leaf does not see the organizations above, but what holds for it.
    const permissions = ["admin"];
    const { body: lead } = await as("POST", "/api/keys", { name: "Lead", organization_id: leaf, permissions });
    const seen = await call("GET", `/api/organizations/${leaf}`, undefined, lead.key);
    expect(seen.body.effective).toEqual(expected);
    expect((await call("GET", `/api/organizations/${middle}`, undefined, lead.key)).status).toBe(404);
    expect((await patch({ name: "Mine" }, middle, lead.key)).status).toBe(404);
    expect((await patch({ name: "Mine" }, leaf, lead.key)).status).toBe(200);
    expect((await as("GET", `/api/organizations/${own.rootId}`)).body.effective).toMatchObject({
      default_output_tokens: { value: null, source: "default" },
      lower_caps: { value: false, source: own.rootId },
      wait_seconds: { value: 2, source: "default" },
    });
  });

  it("is archived and comes back; its root cannot be", async () => {
    const archived = await patch({ archived: true });
    expect(archived.body.archived_at).toBe(new Date(world.clock.now).toISOString());
    expect(pushed()).toMatchObject([{ id: team, archived: true }]);
    world.clock.now += 1_000;
    expect((await patch({ archived: true })).body.archived_at).toBe(archived.body.archived_at);
    expect((await patch({ archived: false })).body.archived_at).toBeNull();
    expect(pushed()).toMatchObject([{ id: team, archived: false }]);
    expect(await patch({ archived: true }, tenant.rootId)).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", param: "archived" } },
    });
    expect((await patch({ archived: false }, tenant.rootId)).status).toBe(200);
  });

  it("loses no change when many come at the same time, the root's own version notwithstanding", async () => {
    for (const id of [team, tenant.rootId]) {
      const answers = await Promise.all([
        patch({ name: "Together" }, id),
        patch({ time_zone: "Asia/Tokyo" }, id),
        patch({ settings: { lower_caps: true } }, id),
        patch({ settings: { least_output_tokens: 9 } }, id),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const changes = world.ledger(tenant.rootId).pushed.toSorted((a, b) => a.version - b.version);
      expect(changes.at(-1)?.organizations).toMatchObject([
        { id, name: "Together", timeZone: "Asia/Tokyo", settings: { lowerCaps: true, leastOutputTokens: 9 } },
      ]);
    }
  });
});

describe("a change is refused", () => {
  it.each<[string, object, string | null, string?]>([
    ["an empty name", { name: " " }, "name"],
    ["an unknown zone", { time_zone: "Europe/Atlantis" }, "time_zone"],
    ["an offset", { time_zone: "+01:00" }, "time_zone"],
    ["no zone", { time_zone: "" }, "time_zone"],
    ["archived as text", { archived: "true" }, "archived", "invalid_type"],
    ["a cap of 0", { settings: { max_output_tokens: 0 } }, "settings.max_output_tokens"],
    ["a negative cap", { settings: { default_output_tokens: -1 } }, "settings.default_output_tokens"],
    ["half a token", { settings: { least_output_tokens: 1.5 } }, "settings.least_output_tokens", "invalid_type"],
    ["a cap as text", { settings: { max_output_tokens: "10" } }, "settings.max_output_tokens", "invalid_type"],
    ["a cap beyond all", { settings: { max_output_tokens: 1e12 } }, "settings.max_output_tokens"],
    [
      "a default above the most",
      { settings: { default_output_tokens: 11, max_output_tokens: 10 } },
      "settings.default_output_tokens",
    ],
    [
      "a least above the most",
      { settings: { least_output_tokens: 11, max_output_tokens: 10 } },
      "settings.least_output_tokens",
    ],
    ["a wait of minutes", { settings: { wait_seconds: 121 } }, "settings.wait_seconds"],
    ["an allowance of a word", { settings: { on_ledger_down: "allow" } }, "settings.on_ledger_down"],
    ["an allowance for ever", { settings: { on_ledger_down: { cost_nano: 1 } } }, "settings.on_ledger_down"],
    [
      "an allowance for more than a day",
      { settings: { on_ledger_down: { cost_nano: 1, seconds: 86_401 } } },
      "settings.on_ledger_down",
    ],
    ["an allowance of nothing stated", { settings: { on_ledger_down: { seconds: 1 } } }, "settings.on_ledger_down"],
    [
      "an allowance stated twice",
      { settings: { on_ledger_down: { cost_nano: 1, cost_usd: "1", seconds: 1 } } },
      "settings.on_ledger_down",
    ],
    [
      "a negative allowance",
      { settings: { on_ledger_down: { cost_nano: -1, seconds: 1 } } },
      "settings.on_ledger_down",
    ],
    [
      "an allowance with ten places",
      { settings: { on_ledger_down: { cost_usd: "0.0000000001", seconds: 1 } } },
      "settings.on_ledger_down",
    ],
    ["an unknown setting", { settings: { retries: 1 } }, "settings.retries", "unsupported_parameter"],
    ["another parent", { parent_id: "org_00000000" }, "parent_id", "unsupported_parameter"],
    ["nothing", {}, null, "missing_required_parameter"],
  ])("with %s", async (_, body, param, code = "invalid_value") => {
    expect(await patch(body)).toMatchObject({ status: 400, body: { error: { code, param } } });
    expect((await read()).settings).toEqual(INHERITED);
  });

  it("that contradicts what was set before", async () => {
    await patch({ settings: { max_output_tokens: 10 } });
    expect(await patch({ settings: { default_output_tokens: 11 } })).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_value", param: "settings.default_output_tokens" } },
    });
  });
});
