import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Principal } from "../../../worker/canonical/tenant.ts";
import { type LedgerNamespace, ledgerFor, type TenantLedger } from "../../../worker/ledger/client.ts";
import type { LedgerApi, SettleAnswer, Settlement } from "../../../worker/ledger/contract.ts";
import { PrincipalCache } from "../../../worker/ledger/principal-cache.ts";
import { SettlementBatcher } from "../../../worker/ledger/settlement-batcher.ts";
import { Toucher } from "../../../worker/ledger/toucher.ts";
import { eventIdOf, presented, result } from "./world.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const settlement = (handle: number): Settlement => ({ handle, eventId: eventIdOf(handle), result: result(0) });

/** A binding whose stubs answer `settle` and `touch` by these functions; says where each call went. */
function binding(
  settle: (settlements: Settlement[]) => Promise<SettleAnswer[]> = async (all) => all.map(() => "settled" as const),
) {
  const seen = { stubs: 0, names: [] as string[], batches: [] as number[][], touches: [] as number[][] };
  const stub = {
    settle(settlements: Settlement[]) {
      seen.batches.push(settlements.map(({ handle }) => handle));
      return settle(settlements);
    },
    async touch(handles: number[]) {
      seen.touches.push(handles);
    },
  } as Partial<LedgerApi> as LedgerApi;
  const within = (place: string): LedgerNamespace => ({
    idFromName: (name) => {
      seen.names.push(place + name);
      return name as unknown as ReturnType<LedgerNamespace["idFromName"]>;
    },
    get: () => {
      seen.stubs++;
      return stub;
    },
    jurisdiction: (jurisdiction) => within(`${jurisdiction}:`),
  });
  return { namespace: within(""), seen };
}

const failing = (failures: unknown[]) => {
  const left = [...failures];
  return async (all: Settlement[]): Promise<SettleAnswer[]> => {
    if (left.length > 0) throw left.shift();
    return all.map(() => "settled" as const);
  };
};

describe("the client", () => {
  test.each([
    ["global", "org_a"],
    ["eu", "eu:org_a"],
    ["us", "us:org_a"],
  ] as const)("jurisdiction %s is asked of the binding", async (jurisdiction, name) => {
    const { namespace, seen } = binding();
    await ledgerFor(namespace, "org_a", jurisdiction).settle([settlement(1)]);
    expect(seen.names).toEqual([name]);
  });

  test("a binding that refuses a jurisdiction for another reason is not silently left global", () => {
    const { namespace } = binding();
    namespace.jurisdiction = () => {
      throw new Error("jurisdiction 'eu' is not allowed for this account");
    };
    expect(() => ledgerFor(namespace, "org_a", "eu")).toThrow("not allowed");
  });

  const error = (more: object) => Object.assign(new Error("reset"), more);
  test.each([
    ["retryable", [error({ retryable: true })], 2, true],
    ["retryable twice", [error({ retryable: true }), error({ retryable: true })], 2, false],
    ["retryable and overloaded", [error({ retryable: true, overloaded: true })], 1, false],
    ["an error of the Ledger itself", [error({})], 1, false],
  ])("%s: %#", async (_, failures, stubs, succeeds) => {
    const { namespace, seen } = binding(failing(failures));
    const call = ledgerFor(namespace, "org_a", "global").settle([settlement(1)]);
    const outcome = await call.then(
      () => true,
      () => false,
    );
    expect([outcome, seen.stubs]).toEqual([succeeds, stubs]);
  });
});

describe("batches of settlements", () => {
  const batcher = (log = vi.fn()) =>
    new SettlementBatcher({ now: Date.now, sleep: (ms) => new Promise((done) => setTimeout(done, ms)), log });
  const ledgerOf = (namespace: LedgerNamespace, root = "org_a") => ledgerFor(namespace, root, "global");

  test("what comes within fifty milliseconds for one Ledger is one call", async () => {
    const { namespace, seen } = binding();
    const settlements = batcher();
    const answers = [settlements.add(ledgerOf(namespace), settlement(1))];
    await vi.advanceTimersByTimeAsync(49);
    answers.push(settlements.add(ledgerOf(namespace), settlement(2)));
    expect(seen.batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    answers.push(settlements.add(ledgerOf(namespace), settlement(3)));
    await vi.advanceTimersByTimeAsync(300);
    expect(seen.batches).toEqual([[1, 2], [3]]);
    expect(await Promise.all(answers)).toEqual(["settled", "settled", "settled"]);
  });

  test("another Ledger is another batch", async () => {
    const { namespace, seen } = binding();
    const settlements = batcher();
    const answers = ["org_a", "org_b"].map((root, i) => settlements.add(ledgerOf(namespace, root), settlement(i)));
    await vi.advanceTimersByTimeAsync(50);
    await Promise.all(answers);
    expect(seen.names).toEqual(["org_a", "org_b"]);
  });

  test("each caller gets its own answer", async () => {
    const { namespace } = binding(async (all) => all.map(({ handle }) => (handle === 2 ? "repeat" : "settled")));
    const settlements = batcher();
    const answers = [1, 2, 3].map((handle) => settlements.add(ledgerOf(namespace), settlement(handle)));
    await vi.advanceTimersByTimeAsync(300);
    expect(await Promise.all(answers)).toEqual(["settled", "repeat", "settled"]);
  });

  test("a full batch goes at once", async () => {
    const { namespace, seen } = binding();
    const settlements = batcher();
    const answers = Array.from({ length: 101 }, (_, handle) =>
      settlements.add(ledgerOf(namespace), settlement(handle)),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.batches.map((batch) => batch.length)).toEqual([100]);
    await vi.advanceTimersByTimeAsync(300);
    expect(seen.batches.map((batch) => batch.length)).toEqual([100, 1]);
    await Promise.all(answers);
  });

  test("when the opener's request is gone a joiner sends, on its own timer", async () => {
    const { namespace, seen } = binding();
    const asleep: { ms: number; wake(): void }[] = [];
    const settlements = new SettlementBatcher({
      now: Date.now,
      sleep: (ms) => new Promise((wake) => asleep.push({ ms, wake })),
      log: vi.fn(),
    });
    void settlements.add(ledgerOf(namespace), settlement(1));
    const joined = settlements.add(ledgerOf(namespace), settlement(2));
    vi.setSystemTime(200);
    // The opener's timer never rings: workerd dropped it with its request.
    asleep[1]?.wake();
    expect(await joined).toBe("settled");
    expect(seen.batches).toEqual([[1, 2]]);
  });

  test("a later request sends a batch that is overdue", async () => {
    const { namespace, seen } = binding();
    const settlements = new SettlementBatcher({ now: Date.now, sleep: () => new Promise(() => {}), log: vi.fn() });
    void settlements.add(ledgerOf(namespace), settlement(1));
    vi.setSystemTime(200);
    expect(await settlements.add(ledgerOf(namespace), settlement(2))).toBe("settled");
    expect(seen.batches).toEqual([[1, 2]]);
  });

  test("an attempt that is lost with its request is made again by another", async () => {
    let calls = 0;
    const { namespace } = binding((all) =>
      calls++ === 0 ? new Promise(() => {}) : Promise.resolve(all.map(() => "settled" as const)),
    );
    const settlements = batcher();
    void settlements.add(ledgerOf(namespace), settlement(1));
    const joined = settlements.add(ledgerOf(namespace), settlement(2));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(calls).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(await joined).toBe("settled");
    expect(calls).toBe(2);
  });

  test.each([
    [1, "settled", 2],
    [3, "settled", 4],
    [4, "given up", 4],
  ])("after %i failures it is %s, in %i calls, for all callers", async (failures, outcome, calls) => {
    const { namespace, seen } = binding(failing(Array.from({ length: failures }, () => new Error("away"))));
    const log = vi.fn();
    const settlements = batcher(log);
    const answers = [1, 2, 3].map((handle) =>
      settlements.add(ledgerOf(namespace), settlement(handle)).catch(() => "given up"),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await Promise.all(answers)).toEqual([outcome, outcome, outcome]);
    expect(seen.batches).toEqual(Array.from({ length: calls }, () => [1, 2, 3]));
    expect(log).toHaveBeenCalledTimes(outcome === "given up" ? 1 : 0);
  });
});

describe("touches", () => {
  const toucher = () =>
    new Toucher({
      every: 30_000,
      now: Date.now,
      setInterval: (run, ms) => setInterval(run, ms),
      clearInterval: (timer) => clearInterval(timer),
    });

  test("every thirty seconds one call a Ledger for all that is open", async () => {
    const { namespace, seen } = binding();
    const touches = toucher();
    const ledger: TenantLedger = ledgerFor(namespace, "org_a", "global");
    touches.hold(ledger, 1);
    await vi.advanceTimersByTimeAsync(5_000);
    touches.hold(ledgerFor(namespace, "org_a", "global"), 2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.touches).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test("what is released is not touched, and nothing is left behind", async () => {
    const { namespace, seen } = binding();
    const touches = toucher();
    const ledger = ledgerFor(namespace, "org_a", "global");
    touches.hold(ledger, 1);
    touches.hold(ledger, 2);
    touches.release(ledger, 1);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(seen.touches).toEqual([[2]]);
    touches.release(ledger, 2);
    touches.release(ledger, 2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a touch that fails is made again at the next ring", async () => {
    const { namespace, seen } = binding();
    const touches = toucher();
    const ledger = ledgerFor(namespace, "org_a", "global");
    const touch = vi.spyOn(ledger, "touch").mockRejectedValueOnce(new Error("away"));
    touches.hold(ledger, 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(touch).toHaveBeenCalledTimes(2);
    expect(seen.touches).toEqual([[1]]);
  });
});

describe("remembered keys", () => {
  const principal: Principal = {
    ...{ keyId: "key_a", rootId: "org_a", organizationId: "org_a", permissions: ["write"] },
    ...{ strict: false, limited: false, routed: false, restricted: false },
  };

  test.each([
    [9_999, principal],
    [10_000, null],
  ])("after %i ms: %o", (later, remembered) => {
    const keys = new PrincipalCache();
    keys.remember("mac", principal, 1_000);
    expect(keys.get("mac", 1_000 + later)).toEqual(remembered);
  });

  test("a key told to be strict is never remembered, and no longer once it is", () => {
    const keys = new PrincipalCache();
    keys.remember("mac", principal, 0);
    keys.remember("mac", { ...principal, strict: true }, 1);
    expect(keys.get("mac", 2)).toBeNull();
  });

  test("a key is forgotten when told so, and only by its whole MAC", () => {
    const keys = new PrincipalCache();
    keys.remember(presented("key_a").mac, principal, 0);
    expect(keys.get(presented("key_a").mac.slice(0, 20), 0)).toBeNull();
    keys.forget(presented("key_a").mac);
    expect(keys.get(presented("key_a").mac, 0)).toBeNull();
  });

  test("ten thousand are kept; the oldest goes", () => {
    const keys = new PrincipalCache();
    for (let i = 0; i <= 10_000; i++) keys.remember(`mac-${i}`, principal, 0);
    expect([keys.get("mac-0", 1), keys.get("mac-1", 1), keys.get("mac-10000", 1)]).toEqual([
      null,
      principal,
      principal,
    ]);
  });
});
