import { beforeEach, describe, expect, test } from "vitest";
import type { Principal } from "../../../worker/canonical/tenant.ts";
import { Admitter, type Asking } from "../../../worker/ledger/admitter.ts";
import type { AdmitAnswer, AdmitRequest, Admitted } from "../../../worker/ledger/contract.ts";
import { Distances } from "../../../worker/ledger/distance.ts";
import { eventIdOf, KEYS, requestOf } from "./world.ts";

const KEY = KEYS[0] as string;
const principal: Principal = {
  ...{ keyId: KEY, rootId: "org_root0000", organizationId: "org_root0000", permissions: ["write"] },
  ...{ strict: false, limited: true, routed: false, restricted: false },
};
const yes = (handle: number, more: Partial<Principal> = {}): Admitted => ({
  ...{ ok: true, handle, principal: { ...principal, ...more }, outputCap: null, lowered: false },
  ...{ rates: [], exceeded: [] },
});

let now = 0;
let trip = 80;
/** Whether the shard has room, and whether it can be asked at all. */
let shardSays: "yes" | "elsewhere" | "nothing" | "cooling" = "yes";
let ledgerSays: AdmitAnswer | Error = yes(1);
let awaySays: "yes" | "no" = "no";
let calls: string[] = [];
/** Whom each was asked to replace. */
let replaced: (number | null)[] = [];
let pending: Promise<unknown>[] = [];
let sleeps: number[] = [];
/** So many withdrawals do not reach the shard. */
let unreachable = 0;
let admitter: Admitter;

beforeEach(() => {
  [now, trip, shardSays, ledgerSays, calls, pending] = [0, 80, "yes", yes(1), [], []];
  [sleeps, unreachable, replaced, awaySays] = [[], 0, [], "no"];
  admitter = new Admitter({ distances: new Distances(), now: () => now, sleep: async (ms) => void sleeps.push(ms) });
});

const ledger = {
  name: "global/org_root0000",
  async admit({ replaces }: AdmitRequest) {
    calls.push("ledger");
    replaced.push(replaces);
    now += trip;
    if (ledgerSays instanceof Error) throw ledgerSays;
    return ledgerSays;
  },
  async touch() {
    calls.push("measure");
    now += trip;
  },
};
const shard = {
  name: "shard global/org_root0000/weur-1",
  async admit({ replaces }: AdmitRequest) {
    calls.push("shard");
    replaced.push(replaces);
    now += 1;
    if (shardSays === "nothing") throw new Error("the shard cannot be reached");
    if (shardSays === "cooling") return { ok: false, code: "cooling", cooling: [] };
    return shardSays === "yes" ? yes(2) : { ok: false, code: "elsewhere" };
  },
  async prepare() {
    calls.push("prepare");
  },
  async withdraw() {
    calls.push("withdraw");
    if (unreachable-- > 0) throw new Error("the shard cannot be reached");
  },
};
const away = {
  name: "shard global/org_root0000/away",
  async admitAway({ replaces }: AdmitRequest) {
    calls.push("away");
    replaced.push(replaces);
    return awaySays === "yes" ? yes(3) : { ok: false, code: "ledger_unavailable" };
  },
};

/** @param holder who holds an earlier attempt, under handle 7 */
async function decide(limited: boolean | null, holder: { name: string } | null = null) {
  [calls, replaced] = [[], []];
  const request = { ...requestOf(KEY, now, { eventId: eventIdOf(1) }), patience: 2_000 };
  const decision = await admitter.admit({
    ...{ ledger, shard, away, holder, limited },
    request: { ...request, replaces: holder === null ? null : 7 },
    waitUntil: (promise: Promise<unknown>) => pending.push(promise),
  } as unknown as Asking);
  await Promise.all(pending.splice(0));
  return decision;
}

async function ask(limited: boolean | null): Promise<string[]> {
  await decide(limited);
  return calls;
}

describe("whom an isolate asks", () => {
  test("the Ledger, as long as it does not know how far that is", async () => {
    expect(await ask(true)).toEqual(["ledger"]);
    expect(await ask(true)).toContain("shard");
  });

  test("the shard, also of a key that it has not seen for a while, but not of one without limits", async () => {
    expect(await ask(null)).toEqual(["ledger", "prepare"]);
    expect((await ask(null))[0]).toBe("shard");
    expect(await ask(false)).not.toContain("shard");
  });

  test("nothing is borrowed for a key without limits, or a strict one", async () => {
    for (const more of [{ limited: false }, { strict: true }]) {
      ledgerSays = yes(1, more);
      expect(await ask(null)).not.toContain("prepare");
    }
  });

  test("the Ledger where the shard has no room, and where it does not answer: then its yes is taken back", async () => {
    await ask(null);
    shardSays = "elsewhere";
    expect(await ask(true)).toEqual(["shard", "ledger"]);
    shardSays = "nothing";
    expect(await ask(true)).toEqual(["shard", "withdraw", "ledger"]);
  });

  test.each([
    [2, 3, [1_000, 4_000]],
    [9, 4, [1_000, 4_000, 15_000]],
  ])(
    "a yes is taken back again where the shard cannot be reached yet: %i failures",
    async (failures, times, pauses) => {
      await ask(null);
      [shardSays, unreachable] = ["nothing", failures];
      expect((await ask(true)).filter((call) => call === "withdraw")).toHaveLength(times);
      expect(sleeps).toEqual(pauses);
    },
  );

  test("while a yes is taken back the same request does not go to the shard: a later yes would be taken back too", async () => {
    await ask(null);
    [shardSays, unreachable] = ["nothing", 1];
    let wake = () => {};
    const slept = new Promise<void>((resolve) => {
      wake = resolve;
    });
    admitter = new Admitter({ distances: new Distances(), now: () => now, sleep: () => slept });
    await ask(null);
    const [waiting] = [ask(true)];
    await new Promise((resolve) => setImmediate(resolve));
    shardSays = "yes";
    expect(await ask(true)).toEqual(["ledger"]);
    wake();
    await waiting;
    expect(await ask(true)).toContain("shard");
  });

  test("a Ledger that was only slow to wake is found to be near", async () => {
    await ask(null);
    trip = 3;
    now += 1_000;
    expect(await ask(true)).toEqual(["shard", "measure"]);
    expect(await ask(true)).toEqual(["ledger"]);
  });

  test("one that is far is measured a few times, then once a minute", async () => {
    await ask(null);
    let measured = 0;
    for (let second = 0; second < 60; second++) {
      now = 1_000 * (second + 1);
      if ((await ask(true)).includes("measure")) measured++;
    }
    expect(measured).toBe(2);
    now += 60_000;
    expect(await ask(true)).toContain("measure");
  });

  test("the error of a Ledger that is away, where nothing is allowed meanwhile", async () => {
    ledgerSays = new Error("away");
    await expect(ask(true)).rejects.toThrow("away");
    expect(calls).toEqual(["ledger", "away"]);
  });

  test("shards while this isolate alone keeps a Ledger busy, and for a while after", async () => {
    trip = 0;
    const switches: string[] = [];
    const second = async (rate: number) => {
      const begun = now;
      for (let i = 0; i < rate; i++) {
        now = begun + Math.floor((i * 1_000) / rate);
        const [first = ""] = await ask(true);
        if (switches.at(-1) !== first) switches.push(first);
      }
      now = begun + 1_000;
    };
    // Around the edge it does not go to and fro.
    for (const rate of [100, 160, 140, 155, 120, 160]) await second(rate);
    expect(switches).toEqual(["ledger", "shard"]);
    for (let i = 0; i < 11; i++) await second(20);
    expect(switches).toEqual(["ledger", "shard", "ledger"]);
  });
});

describe("a further attempt", () => {
  const no = { ok: false, code: "model_not_priced" } as const;

  test("goes to the Ledger that holds the event, and to no shard, however far that is", async () => {
    await ask(null);
    const { answer, holder } = await decide(true, ledger);
    expect([calls, replaced, answer, holder]).toEqual([["ledger"], [7], yes(1), ledger]);
  });

  test("goes to the shard that holds the event, however near the Ledger is", async () => {
    const { answer, holder } = await decide(false, shard);
    expect([calls, replaced, answer, holder]).toEqual([["shard"], [7], yes(2), shard]);
  });

  test("is planned anew on a shard's word", async () => {
    shardSays = "cooling";
    const { answer, holder } = await decide(true, shard);
    expect([calls, answer.ok, holder]).toEqual([["shard"], false, shard]);
  });

  test.each(["elsewhere", "nothing"] as const)(
    "is a first one at the Ledger where the shard says %s; then the shard's hold is taken back",
    async (said) => {
      shardSays = said;
      const { answer, holder } = await decide(true, shard);
      expect([calls, replaced]).toEqual([
        ["shard", "ledger", "withdraw"],
        [7, null],
      ]);
      expect([answer, holder]).toEqual([yes(1), ledger]);
    },
  );

  test("leaves the shard's hold where the Ledger says no", async () => {
    [shardSays, ledgerSays] = ["elsewhere", no];
    const { answer } = await decide(true, shard);
    expect([calls, answer]).toEqual([["shard", "ledger"], no]);
  });

  test("leaves the shard's hold where nobody else can be asked", async () => {
    [shardSays, ledgerSays] = ["elsewhere", new Error("away")];
    await expect(decide(true, shard)).rejects.toThrow("away");
    expect([calls, pending]).toEqual([["shard", "ledger", "away"], []]);
  });

  test("has the shard's hold taken back until that can be reached", async () => {
    [shardSays, unreachable] = ["nothing", 2];
    await decide(true, shard);
    expect(calls.filter((call) => call === "withdraw")).toHaveLength(3);
    expect(sleeps).toEqual([1_000, 4_000]);
  });

  test("is allowed as a first one where the Ledger that holds the event is away", async () => {
    [ledgerSays, awaySays] = [new Error("away"), "yes"];
    const { answer, holder } = await decide(true, ledger);
    expect([calls, replaced, answer, holder]).toEqual([["ledger", "away"], [7, null], yes(3), away]);
  });

  test("goes to whoever holds what was allowed while the Ledger was away, and rejects where no more is", async () => {
    awaySays = "yes";
    const { answer, holder } = await decide(true, away);
    expect([calls, replaced, answer, holder]).toEqual([["away"], [7], yes(3), away]);
    awaySays = "no";
    await expect(decide(true, away)).rejects.toThrow("nothing more is allowed");
    expect(calls).toEqual(["away"]);
  });
});
