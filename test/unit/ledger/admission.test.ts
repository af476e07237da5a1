import { afterEach, describe, expect, test } from "vitest";
import { LedgerFullError } from "../../../worker/ledger/journal-room.ts";
import { BEGINNING, KEYS, keyRecord, organization, presented, ROOT, SQUAD, TEAM, tenant, World } from "./world.ts";

const [ROOT_KEY, , SQUAD_KEY] = KEYS as [string, string, string];

let world: World;
const start = (options?: ConstructorParameters<typeof World>[0]): World => {
  world = new World(options);
  return world;
};
afterEach(() => world.storage.close());

const rows = () => world.storage.inspect("SELECT * FROM journal").length;

describe("who may", () => {
  const now = BEGINNING;
  test.each([
    ["a revoked key", keyRecord(SQUAD_KEY, { revoked: true }), "invalid_api_key"],
    ["a disabled key", keyRecord(SQUAD_KEY, { disabled: true }), "key_disabled"],
    ["a key that expires this instant", keyRecord(SQUAD_KEY, { expiresAt: now }), "key_expired"],
    ["a key without `write`", keyRecord(SQUAD_KEY, { permissions: ["read", "admin"] }), "permission_denied"],
    ["another secret", keyRecord(SQUAD_KEY, { mac: "0".repeat(64) }), "invalid_api_key"],
    ["a shorter MAC", keyRecord(SQUAD_KEY, { mac: "" }), "invalid_api_key"],
    ["an organization that is not there", keyRecord(SQUAD_KEY, { organizationId: "org_nowhere0" }), "invalid_api_key"],
  ])("%s is refused, and nothing is written", async (_, key, code) => {
    const configuration = { ...tenant(), keys: [keyRecord(ROOT_KEY), key] };
    const { core, storage, request } = Object.assign(start({ configuration }), { request: world.request });
    await core.authenticate(presented(ROOT_KEY));
    const { statements } = storage;
    expect(await core.admit(request.call(world, SQUAD_KEY))).toEqual({ ok: false, code });
    expect(storage.statements).toBe(statements);
    expect(rows()).toBe(0);
    expect(core.health().open).toBe(0);
  });

  test("a key that expires in a millisecond is admitted, with who it is", async () => {
    const key = keyRecord(SQUAD_KEY, { expiresAt: now + 1, strict: true });
    const { core } = start({ configuration: { ...tenant(), keys: [key] } });
    expect(await core.admit(world.request(SQUAD_KEY))).toEqual({
      ok: true,
      handle: 1,
      principal: {
        keyId: SQUAD_KEY,
        rootId: ROOT,
        organizationId: SQUAD,
        permissions: ["read", "write"],
        strict: true,
        limited: false,
        routed: false,
        restricted: false,
      },
      outputCap: null,
      lowered: false,
      rates: [],
      exceeded: [],
    });
  });

  test("a key of another root organization is not judged here", async () => {
    const { core } = start();
    await world.admitted();
    await expect(core.authenticate({ ...presented(ROOT_KEY), rootId: "org_other000" })).rejects.toThrow("org_other000");
  });

  test("a cycle among organizations leads nowhere and does not hang", async () => {
    const configuration = tenant();
    configuration.organizations = [
      organization(ROOT, null, "Root"),
      organization(TEAM, SQUAD, "Team"),
      organization(SQUAD, TEAM, "Squad"),
    ];
    const { core } = start({ configuration });
    expect(await core.authenticate(presented(SQUAD_KEY))).toEqual({ ok: false, code: "invalid_api_key" });
    expect(world.logged("ledger.organization_without_path")).toHaveLength(1);
  });

  test("authenticating asks for no permission", async () => {
    const key = keyRecord(SQUAD_KEY, { permissions: ["admin"] });
    const { core } = start({ configuration: { ...tenant(), keys: [key] } });
    expect(await core.authenticate(presented(SQUAD_KEY))).toMatchObject({
      ok: true,
      principal: { organizationId: SQUAD },
    });
  });
});

describe("admitting", () => {
  test("the row holds what the Ledger knows: organization, path, hold", async () => {
    start();
    await world.admitted(SQUAD_KEY);
    const [row] = world.storage.inspect<{ admission: string }>("SELECT admission FROM journal");
    expect(JSON.parse(row?.admission as string)).toMatchObject({
      draft: { organizationId: SQUAD, rootId: ROOT, keyId: SQUAD_KEY },
      path: [SQUAD, TEAM, ROOT],
      bound: { inputTokens: 1_000, outputTokens: 500, costNano: 70_000 },
    });
  });

  test("the hold stands on the key and on every organization up to the root", async () => {
    start();
    await world.admitted(SQUAD_KEY);
    for (const node of [SQUAD_KEY, SQUAD, TEAM, ROOT]) {
      expect(world.core.counters.of(node).held).toEqual({
        requests: 1,
        inputTokens: 1_000,
        outputTokens: 500,
        costNano: 70_000,
      });
    }
    expect(world.core.counters.of(ROOT_KEY).held.requests).toBe(0);
  });

  test("a warm tenant is decided before the first await", async () => {
    start();
    await world.admitted();
    const admitting = world.core.admit(world.request(SQUAD_KEY));
    expect(rows()).toBe(2);
    await admitting;
  });

  test.each(["while open", "once settled", "after a restart"])(
    "repeated %s it gives the same handle and holds nothing more",
    async (when) => {
      start();
      const first = await world.admitted();
      if (when !== "while open") world.settle(first);
      if (when === "after a restart") world.evict();
      const { held } = world.core.counters.of(ROOT);
      const again = await world.core.admit(world.request(SQUAD_KEY, first));
      expect(again).toMatchObject({ ok: true, handle: first.handle });
      expect(rows()).toBe(1);
      expect(world.core.counters.of(ROOT).held).toEqual(held);
    },
  );

  test.each([-1, 0.5, Number.NaN, 2 ** 53])(
    "a bound of %s tokens is an error and writes nothing",
    async (inputTokens) => {
      start();
      await world.admitted();
      const bound = { inputTokens, outputTokens: 0, costNano: 0 };
      await expect(world.core.admit(world.request(SQUAD_KEY, { bound }))).rejects.toThrow(RangeError);
      expect(rows()).toBe(1);
    },
  );
});

describe("a cold Ledger", () => {
  test("loads once for all who wait", async () => {
    start();
    const answers = await Promise.all(KEYS.map((key) => world.core.admit(world.request(key))));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(world.postgres.loads).toBe(1);
  });

  test("an unknown root is refused and leaves no table behind", async () => {
    start({ configuration: { ...tenant(), rootId: "org_other000" } });
    expect(await world.core.admit(world.request(SQUAD_KEY))).toEqual({ ok: false, code: "invalid_api_key" });
    expect(await world.core.authenticate(presented(SQUAD_KEY))).toEqual({ ok: false, code: "invalid_api_key" });
    expect(world.storage.tables()).toEqual([]);
    expect(world.armedAt).toBeNull();
  });

  test("with the database away it throws, and loads when asked again", async () => {
    start();
    world.postgres.weather = "down";
    await expect(world.core.admit(world.request(SQUAD_KEY))).rejects.toThrow("connection refused");
    expect(world.armedAt).toBeNull();
    world.postgres.weather = "fine";
    expect(await world.core.admit(world.request(SQUAD_KEY))).toMatchObject({ ok: true });
  });

  test("a warm one starts again without the database", async () => {
    start();
    await world.admitted();
    world.postgres.weather = "down";
    world.evict();
    expect(await world.core.admit(world.request(SQUAD_KEY))).toMatchObject({ ok: true, handle: 2 });
  });
});

describe("the high-water mark", () => {
  test("says so at 5 GB, refuses new requests at 9 GB, and still settles", async () => {
    start();
    const open = await world.admitted();
    world.storage.pretendedSize = 5e9;
    world.evict();
    await world.admitted();
    await world.admitted();
    expect(world.logged("ledger.journal_large")).toHaveLength(1);
    world.storage.pretendedSize = 9e9;
    world.evict();
    await expect(world.admitted()).rejects.toThrow(LedgerFullError);
    expect(world.settle(open)).toBe("settled");
  });

  test("it opens again once Postgres has taken the rows", async () => {
    start({ snapshotEvery: 8 });
    const open = await world.admitted();
    world.storage.pretendedSize = 9e9;
    world.evict();
    await expect(world.admitted()).rejects.toThrow(LedgerFullError);
    world.settle(open);
    world.storage.pretendedSize = 1e6;
    await world.pass(1_000);
    expect((await world.admitted()).handle).toBe(2);
  });
});
