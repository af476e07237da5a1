import fc from "fast-check";
import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { MemorySubject } from "./memory-subject.ts";
import { Simulation } from "./simulation.ts";

/** `LEDGER_SEED=… npx vitest …` replays a run. */
const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = 10_000;

test(`the Ledger agrees with its model, ${RUNS} runs, seed ${seed}`, { timeout: 240_000 }, async () => {
  console.info(`ledger model: LEDGER_SEED=${seed}`);
  let finished = 0;
  const property = fc.asyncProperty(commands(32), async (script) => {
    const subject = new MemorySubject(4);
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
