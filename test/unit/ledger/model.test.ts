import fc from "fast-check";
import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { MemorySubject } from "./memory-subject.ts";
import { Simulation } from "./simulation.ts";
import { tree } from "./tree.ts";
import { World } from "./world.ts";

/** `LEDGER_SEED=… LEDGER_RUNS=… npx vitest …` replays a run, or makes more. */
const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.LEDGER_RUNS ?? 3_000);

/** Each of these must come up, and not by chance. */
const ANSWERS = [
  ...["admitted", "lowered", "wait", "exhausted", "rate", "held", "concurrency", "use_model"],
  ...["model_not_priced", "unbounded_request", "max_tokens_too_large", "key_disabled", "organization_archived"],
  ...["replaced", "not replaced", "known"],
];

test(`the Ledger agrees with its model, ${RUNS} runs, seed ${seed}`, { timeout: 120_000 + RUNS * 60 }, async () => {
  console.info(`ledger model: LEDGER_SEED=${seed}`);
  let finished = 0;
  const met: Record<string, number> = {};
  const property = fc.asyncProperty(commands(48), async (script) => {
    const subject = new MemorySubject(new World({ snapshotEvery: 4, configuration: tree() }));
    try {
      const simulation = new Simulation(subject);
      await simulation.run(script);
      for (const [answer, times] of simulation.answers) met[answer] = (met[answer] ?? 0) + times;
      finished++;
    } finally {
      await subject.close();
    }
  });
  await fc.assert(property, { seed, numRuns: RUNS });
  expect(finished).toBe(RUNS);
  console.info(`ledger model: ${JSON.stringify(met)}`);
  for (const answer of ANSWERS) expect(met[answer], answer).toBeGreaterThan(RUNS / 20);
});
