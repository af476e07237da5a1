import { afterEach, describe, expect, test } from "vitest";
import type { LimitRecord, OrganizationRecord } from "../../../worker/canonical/tenant.ts";
import type { FakePostgres } from "./fake-postgres.ts";
import { KEYS, organization, ROOT, SQUAD, TEAM, tenant, World } from "./world.ts";

/** root > Team > Squad, and root > Other. Squad's key is moved from below Team to below Other. */
const SQUAD_KEY = KEYS[2] as string;
const OTHER = "org_other000";

let world: World;
afterEach(() => world.storage.close());

function start(limits: LimitRecord[] = []): World {
  const before = tenant();
  const organizations = [...before.organizations, organization(OTHER, ROOT, "Other")];
  world = new World({ snapshotEvery: 2, configuration: { ...before, organizations, limits } });
  return world;
}
const commit = (postgres: FakePostgres, id: string, to: Partial<OrganizationRecord>) =>
  postgres.commit({
    organizations: postgres.configuration.organizations
      .filter((one) => one.id === id)
      .map((one) => ({ ...one, ...to })),
  });
const move = (parentId = OTHER) => world.core.configure(commit(world.postgres, SQUAD, { parentId }));
const requests = (node: string) => {
  const { settled, held } = world.core.counters.of(node);
  return [settled.requests, held.requests];
};
const everywhere = () => [SQUAD, TEAM, OTHER, ROOT].map(requests);

const limit = (nodeId: string, amount: number): LimitRecord => ({
  ...{ id: `lim_${nodeId}`, nodeId, metric: "requests", window: "total", amount, mode: "block", thresholds: [] },
  ...{ override: null, fallback: null, removed: false },
});
const codeFor = async () => {
  const answer = await world.core.admit(world.request(SQUAD_KEY));
  return answer.ok ? "ok" : answer.code;
};

describe("an organization that is moved while requests are open", () => {
  test.each(["stays", "is lost"])("each is counted where it was admitted; the Ledger's memory %s", async (memory) => {
    start();
    world.settle(await world.admitted(SQUAD_KEY));
    const open = await world.admitted(SQUAD_KEY);
    await move();
    expect(everywhere()).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
      [1, 1],
    ]);
    const later = await world.admitted(SQUAD_KEY);
    if (memory === "is lost") world.evict();
    expect(everywhere()).toEqual([
      [1, 2],
      [1, 1],
      [0, 1],
      [1, 2],
    ]);
    world.settle(open);
    world.settle(later);
    await world.pass(60_000);
    if (memory === "is lost") world.evict();
    expect(everywhere()).toEqual([
      [3, 0],
      [2, 0],
      [1, 0],
      [3, 0],
    ]);
  });

  test("one that expires and is settled late is corrected where it was admitted", async () => {
    start();
    const open = await world.admitted(SQUAD_KEY);
    await move();
    await world.pass(100_000);
    const charged = world.core.counters.of(TEAM).settled.costNano;
    expect(world.settle(open, { costNano: 5_000 })).toBe("corrected");
    expect([charged, world.core.counters.of(TEAM).settled.costNano]).toEqual([70_000, 5_000]);
    expect(world.core.counters.of(OTHER).settled.costNano).toBe(0);
  });
});

describe("after a move", () => {
  test("the limits of the new line bind from the next request on, and those of the old one no more", async () => {
    start([limit(TEAM, 1), limit(OTHER, 2)]);
    world.settle(await world.admitted(SQUAD_KEY));
    expect(await codeFor()).toBe("limit");
    await move();
    expect([await codeFor(), await codeFor(), await codeFor()]).toEqual(["ok", "ok", "limit"]);
  });

  test("and back, what was used on the first side is still used: a move empties no limit", async () => {
    start([limit(TEAM, 1), limit(SQUAD, 3)]);
    world.settle(await world.admitted(SQUAD_KEY));
    await move();
    expect(await codeFor()).toBe("ok");
    await move(TEAM);
    expect(await codeFor()).toBe("limit");
    await move();
    expect([await codeFor(), await codeFor()]).toEqual(["ok", "limit"]);
  });

  test("below an archived organization nothing is admitted, and what is open is settled as ever", async () => {
    start();
    const open = await world.admitted(SQUAD_KEY);
    await world.core.configure(commit(world.postgres, OTHER, { archived: true }));
    await move();
    expect(await codeFor()).toBe("organization_archived");
    expect(world.settle(open)).toBe("settled");
    await world.core.configure(commit(world.postgres, OTHER, { archived: false }));
    expect(await codeFor()).toBe("ok");
  });

  test("shards are called home", async () => {
    start();
    const recalled: number[] = [];
    world.recall = async (_shards, version) => void recalled.push(version);
    world.settle(await world.admitted(SQUAD_KEY));
    // An organization that allows something without the Ledger has a shard to be told.
    const allowing = {
      settings: { ...organization(ROOT, null, "").settings, onLedgerDown: { costNano: 1, seconds: 1 } },
    };
    await world.core.configure(commit(world.postgres, ROOT, allowing));
    await move();
    expect(recalled).toEqual([2, 3]);
  });
});

describe("a move whose push was lost", () => {
  test("is learned with the next drain; until then the old line counts", async () => {
    start();
    world.settle(await world.admitted(SQUAD_KEY));
    commit(world.postgres, SQUAD, { parentId: OTHER });
    world.settle(await world.admitted(SQUAD_KEY));
    expect(requests(TEAM)).toEqual([2, 0]);
    await world.pass(1_000);
    world.settle(await world.admitted(SQUAD_KEY));
    expect([requests(TEAM), requests(OTHER)]).toEqual([
      [2, 0],
      [1, 0],
    ]);
  });

  test("and a later one that together would be a cycle for a moment: keys below are refused until the tree is whole", async () => {
    start();
    world.settle(await world.admitted(SQUAD_KEY));
    await world.pass(1_000);
    // Squad goes below the root, unheard; then Team below Squad.
    commit(world.postgres, SQUAD, { parentId: ROOT });
    const second = commit(world.postgres, TEAM, { parentId: SQUAD });
    world.postgres.weather = "down";
    await expect(world.core.configure(second)).rejects.toThrow("connection refused");
    expect(await codeFor()).toBe("invalid_api_key");
    expect(world.logged("ledger.organization_without_path")).toHaveLength(1);
    world.postgres.weather = "fine";
    await world.pass(10_000);
    expect(await codeFor()).toBe("ok");
    expect(requests(TEAM)).toEqual([1, 0]);
  });
});
