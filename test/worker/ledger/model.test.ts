import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestHarness } from "wrangler";
import { type Command, commands } from "../../unit/ledger/commands.ts";
import { Simulation } from "../../unit/ledger/simulation.ts";
import { START } from "../../unit/ledger/tree.ts";
import { startLedgers, WorkerdSubject } from "./workerd-subject.ts";

let harness: TestHarness;
beforeAll(async () => {
  harness = await startLedgers();
});
afterAll(() => harness?.close());

/** The database does not hang here, and nobody waits: both need time that stands still. */
const isCalm = (step: Command): boolean => step.do !== "weather" || step.weather !== "hang";
const atOnce = (step: Command): Command =>
  (step.do === "admit" || step.do === "replace") && step.asked !== null
    ? { ...step, asked: { ...step.asked, patience: 0 } }
    : step;

/** `LEDGER_SEED=… npx vitest …` replays a run. */
const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = 60;

test(`the Durable Object agrees with the model, evictions and all, ${RUNS} runs, seed ${seed}`, {
  timeout: 600_000,
}, async () => {
  console.info(`ledger model in workerd: LEDGER_SEED=${seed}`);
  let [runs, evictions, finished] = [0, 0, 0];
  // Each run loses its memory once at least, somewhere.
  const scripts = fc
    .tuple(commands(16), fc.nat(16))
    .map(([script, at]) => script.filter(isCalm).map(atOnce).toSpliced(at, 0, { do: "evict" }));
  const property = fc.asyncProperty(scripts, async (script) => {
    const subject = await new WorkerdSubject(harness, `run-${runs++}`).begin(START, 4);
    evictions += script.filter((step) => step.do === "evict").length;
    await new Simulation(subject).run(script);
    finished++;
  });
  await fc.assert(property, { seed, numRuns: RUNS });
  expect(finished).toBe(RUNS);
  expect(evictions).toBeGreaterThanOrEqual(RUNS);
});
