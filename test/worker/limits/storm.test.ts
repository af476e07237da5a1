import { afterEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { objectsOf, setWeather } from "../../support/ledger-weather.ts";
import { until } from "./kill-world.ts";
import { aftermath, expectEachCountedOnce, expectMoneyAddsUp } from "./storm-books.ts";
import { nameIn, type Outcome, type Plan, planStorm, storm } from "./storm-clients.ts";
import { admin, makeTree } from "./storm-tree.ts";

/**
 * A thousand requests at once against one dollar four levels above their keys, in four dialects, while clients leave and
 * providers fail. Whatever happened to each: not a nano-dollar is spent beyond the limit, and every book says the same.
 */

const REQUESTS = 1_000;
const USD = 1_000_000_000;
/** `STORM_SEED=… npx vitest …` asks the same again. */
const seed = Number(process.env.STORM_SEED ?? Math.floor(Math.random() * 2 ** 31));

let gateway: Gateway | undefined;
afterEach(() => gateway?.stop());

test.each([
  ["near, and everything comes at once", { distance: 0, within: 0 }],
  ["far away, so that shards decide where they can", { distance: 80, within: 8_000 }],
])(
  "the Ledger is %s",
  async (_where, { distance, within }) => {
    console.info(`storm: STORM_SEED=${seed}`);
    const wrongs = new Map<string, string>();
    gateway = await startGateway({
      weather: true,
      bindings: { LEDGER_HOLD_SECONDS: "5" },
      misbehaviour: (body) => wrongs.get(nameIn(body)) ?? "",
    });
    const tree = await makeTree(gateway, "1");
    await setWeather(gateway, { distance });
    const plans = planStorm(seed, REQUESTS, within, tree.keys);
    for (const { name, misbehaviour } of plans) wrongs.set(name, misbehaviour);
    const outcomes = distance > 0 ? await askAhead(gateway, plans) : [];
    outcomes.push(...(await storm(gateway.url, plans)));
    // A changed tree calls back what was lent; the other time it ends by itself.
    if (distance === 0) await admin(gateway, "PATCH", `organizations/${gateway.rootId}`, { name: "After the storm" });
    const left = await aftermath(gateway);
    expectEachCountedOnce(outcomes, left);
    const settled = await expectMoneyAddsUp(gateway, tree, left);
    // The storm was one: money ran out, and shards had their part in it.
    expect(settled).toBeGreaterThan(USD / 4);
    expect(left.events.length).toBeLessThan(REQUESTS);
    if (distance > 0) expect(left.objects.nearby).toBeGreaterThan(0);
  },
  120_000,
);

/**
 * Takes one of the plans, asks as it says, and waits until a shard has borrowed something for its key. On a slow machine the
 * others could hold all the money there is before the first of them has shown how far away the Ledger is.
 */
async function askAhead(gateway: Gateway, plans: Plan[]): Promise<Outcome[]> {
  const [ahead] = plans.splice(
    plans.findIndex(({ fails, leaving }) => !fails && leaving === "never"),
    1,
  );
  const outcomes = await storm(gateway.url, [{ ...(ahead as Plan), start: 0 }]);
  await until("a shard has borrowed", async () => {
    const { shards } = await objectsOf(gateway);
    return Object.values(shards).some(({ leases }) => leases > 0);
  });
  return outcomes;
}
