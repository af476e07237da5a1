import { afterEach, describe, expect, test } from "vitest";
import type { TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import { KEYS, organization, ROOT, World } from "./world.ts";

const [ROOT_KEY, TEAM_KEY, SQUAD_KEY] = KEYS as [string, string, string];

let world: World;
const start = (): World => {
  world = new World();
  return world;
};
afterEach(() => world.storage.close());

const codeFor = async (keyId: string) => {
  const answer = await world.core.admit(world.request(keyId));
  return answer.ok ? "ok" : answer.code;
};
const version = () => world.core.health().configVersion;

/** A Ledger that knows its tenant. */
async function warm(): Promise<void> {
  start();
  world.settle(await world.admitted());
  await world.pass(1_000);
}

describe("a pushed change", () => {
  test("holds for the next admit, without the database", async () => {
    await warm();
    const change = world.postgres.change(SQUAD_KEY, { revoked: true });
    world.postgres.weather = "down";
    await world.core.configure(change);
    expect([await codeFor(SQUAD_KEY), await codeFor(TEAM_KEY), version()]).toEqual(["invalid_api_key", "ok", 2]);
  });

  test("survives a restart", async () => {
    await warm();
    await world.core.configure(world.postgres.change(SQUAD_KEY, { revoked: true }));
    world.postgres.weather = "down";
    world.evict();
    expect([await codeFor(SQUAD_KEY), version()]).toEqual(["invalid_api_key", 2]);
  });

  test("of a new organization gives its keys a path", async () => {
    await warm();
    const organizations = [organization("org_fresh000", ROOT, "Fresh")];
    const [key] = world.postgres.configuration.keys.filter(({ id }) => id === TEAM_KEY);
    const keys = [{ ...(key as TenantConfiguration["keys"][number]), organizationId: "org_fresh000" }];
    await world.core.configure({
      rootId: ROOT,
      previous: 1,
      version: 2,
      organizations,
      keys,
      limits: [],
      prices: [],
      webhooks: [],
      routes: [],
      models: [],
    });
    await world.admitted(TEAM_KEY);
    expect(world.core.counters.of("org_fresh000").held.requests).toBe(1);
  });

  test("of a lower or the same version is ignored", async () => {
    await warm();
    const first = world.postgres.change(SQUAD_KEY, { disabled: true });
    const second = world.postgres.change(SQUAD_KEY, { disabled: false });
    await world.core.configure(first);
    await world.core.configure(second);
    await world.core.configure(first);
    await world.core.configure(second);
    expect([await codeFor(SQUAD_KEY), version(), world.postgres.loads]).toEqual(["ok", 2 + 1, 1]);
  });

  test("after a gap loads the whole", async () => {
    await warm();
    world.postgres.change(TEAM_KEY, { disabled: true });
    await world.core.configure(world.postgres.change(SQUAD_KEY, { disabled: true }));
    expect([await codeFor(TEAM_KEY), await codeFor(SQUAD_KEY), version()]).toEqual(["key_disabled", "key_disabled", 3]);
  });

  test("after a gap with the database away: the pushed key is refused now, the rest when Postgres is back", async () => {
    await warm();
    world.postgres.change(TEAM_KEY, { disabled: true });
    const second = world.postgres.change(SQUAD_KEY, { revoked: true });
    world.postgres.weather = "down";
    await expect(world.core.configure(second)).rejects.toThrow("connection refused");
    expect([await codeFor(SQUAD_KEY), await codeFor(TEAM_KEY), version()]).toEqual(["invalid_api_key", "ok", 1]);
    expect(world.armedAt).not.toBeNull();
    world.postgres.weather = "fine";
    await world.pass(10_000);
    expect([await codeFor(TEAM_KEY), version()]).toEqual(["key_disabled", 3]);
  });

  test("that comes after a later one does not undo it", async () => {
    await warm();
    const first = world.postgres.change(SQUAD_KEY, { disabled: false });
    const second = world.postgres.change(SQUAD_KEY, { revoked: true });
    world.postgres.weather = "down";
    await expect(world.core.configure(second)).rejects.toThrow();
    await expect(world.core.configure(first)).rejects.toThrow();
    expect(await codeFor(SQUAD_KEY)).toBe("invalid_api_key");
  });

  test("to a cold Ledger loads the whole", async () => {
    start();
    await world.core.configure(world.postgres.change(SQUAD_KEY, { disabled: true }));
    expect([await codeFor(SQUAD_KEY), await codeFor(ROOT_KEY), version()]).toEqual(["key_disabled", "ok", 2]);
  });

  test("that arrives while an older state is being read is not lost", async () => {
    await warm();
    const older = world.postgres.configuration;
    const load = world.postgres.load.bind(world.postgres);
    let answer: (configuration: TenantConfiguration) => void = () => {};
    world.postgres.load = () => {
      world.postgres.load = load;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    world.postgres.change(TEAM_KEY, { disabled: true });
    const first = world.core.configure(world.postgres.change(TEAM_KEY, { disabled: true }));
    const second = world.core.configure(world.postgres.change(SQUAD_KEY, { disabled: true }));
    answer(older);
    await Promise.all([first, second]);
    expect([await codeFor(SQUAD_KEY), await codeFor(TEAM_KEY), version()]).toEqual(["key_disabled", "key_disabled", 4]);
  });

  test("of another root is refused", async () => {
    await warm();
    const change = { ...world.postgres.change(SQUAD_KEY, { disabled: true }), rootId: "org_other000" };
    await expect(world.core.configure(change)).rejects.toThrow("org_other000");
    expect(await codeFor(SQUAD_KEY)).toBe("ok");
  });
});

describe("a push that was lost", () => {
  test("heals with the next traffic: the drain tells the version", async () => {
    await warm();
    world.postgres.change(SQUAD_KEY, { disabled: true });
    world.settle(await world.admitted());
    await world.pass(1_000);
    expect([await codeFor(SQUAD_KEY), version()]).toEqual(["key_disabled", 2]);
  });

  test("heals later when loading fails at first", async () => {
    await warm();
    world.postgres.change(SQUAD_KEY, { disabled: true });
    const load = world.postgres.load.bind(world.postgres);
    world.postgres.load = () => Promise.reject(new Error("connection refused"));
    world.settle(await world.admitted());
    await world.pass(1_000);
    expect(version()).toBe(1);
    world.postgres.load = load;
    await world.pass(10_000);
    expect(version()).toBe(2);
    expect(world.armedAt).toBeNull();
  });

  test("a key that is gone from Postgres is gone here", async () => {
    await warm();
    const { configuration } = world.postgres;
    world.postgres.configuration = {
      ...configuration,
      version: 9,
      keys: configuration.keys.filter(({ id }) => id !== TEAM_KEY),
    };
    world.settle(await world.admitted());
    await world.pass(1_000);
    world.evict();
    expect([await codeFor(TEAM_KEY), version()]).toEqual(["invalid_api_key", 9]);
  });

  test("a root that is gone from Postgres is reported, and what is known stands", async () => {
    await warm();
    world.postgres.configuration = { ...world.postgres.configuration, rootId: "org_other000", version: 2 };
    world.settle(await world.admitted());
    await world.pass(60_000);
    expect(world.logged("ledger.configuration_gone")).toHaveLength(1);
    expect([version(), world.armedAt]).toEqual([1, null]);
  });
});
