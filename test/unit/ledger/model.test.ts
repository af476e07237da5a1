import fc from "fast-check";
import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { MemorySubject } from "./memory-subject.ts";
import { Simulation } from "./simulation.ts";
import { tree } from "./tree.ts";
import { World } from "./world.ts";

/** `LEDGER_SEED=… LEDGER_RUNS=… npx vitest …` replays a run, or makes more. */
const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.LEDGER_RUNS ?? 5_000);

test(`the Ledger agrees with its model, ${RUNS} runs, seed ${seed}`, { timeout: 120_000 + RUNS * 60 }, async () => {
  console.info(`ledger model: LEDGER_SEED=${seed}`);
  let finished = 0;
  const property = fc.asyncProperty(commands(48), async (script) => {
    const subject = new MemorySubject(new World({ snapshotEvery: 4, configuration: tree() }));
    try {
      await new Simulation(subject).run(script);
      finished++;
    } finally {
      await subject.close();
    }
  });
  await fc.assert(property, { seed, numRuns: RUNS });
  expect(finished).toBe(RUNS);
});
