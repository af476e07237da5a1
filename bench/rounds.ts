import { cpuMilliseconds } from "./cpu.ts";
import type { Answer, Call } from "./load.ts";
import type { Stage } from "./stage.ts";
import type { Workload } from "./workloads.ts";

/** What one side did in one round. */
export interface Leg {
  answers: Answer[];
  /** CPU of the workerd process, settling and draining included. */
  cpu: number;
  /** Wall time of the load alone. */
  elapsed: number;
}

export interface Round {
  floor: Leg;
  router: Leg;
}

/** What a kind of request cost at the Ledger, over all its rounds. */
export interface LedgerCost {
  requests: number;
  rowsWritten: number;
  alarmsSet: number;
}

export interface Measured {
  workload: Workload;
  rounds: Round[];
  ledger: LedgerCost;
}

export const measured = (workload: Workload): Measured => ({
  workload,
  rounds: [],
  ledger: { requests: 0, rowsWritten: 0, alarmsSet: 0 },
});

export type Load = (call: Call) => Promise<Answer[]>;

async function floorLeg(stage: Stage, { workload }: Measured, load: Load): Promise<Leg> {
  const pid = stage[workload.against].process.pid as number;
  const [cpu, begun] = [cpuMilliseconds(pid), performance.now()];
  const answers = await load(workload.floor);
  return { answers, elapsed: performance.now() - begun, cpu: cpuMilliseconds(pid) - cpu };
}

async function routerLeg(stage: Stage, { workload, ledger }: Measured, load: Load): Promise<Leg> {
  const pid = stage.router.process.pid as number;
  const before = await stage.settled();
  const [cpu, begun] = [cpuMilliseconds(pid), performance.now()];
  const answers = await load(workload.router);
  const elapsed = performance.now() - begun;
  const after = await stage.settled();
  ledger.requests += answers.length;
  ledger.rowsWritten += after.rowsWritten - before.rowsWritten;
  ledger.alarmsSet += after.alarmsSet - before.alarmsSet;
  return { answers, elapsed, cpu: cpuMilliseconds(pid) - cpu };
}

/** Runs one round, floor and router in turn; which goes first alternates from round to round. */
export async function runRound(stage: Stage, into: Measured, load: Load): Promise<void> {
  if (into.rounds.length % 2 === 0) {
    const floor = await floorLeg(stage, into, load);
    into.rounds.push({ floor, router: await routerLeg(stage, into, load) });
  } else {
    const router = await routerLeg(stage, into, load);
    into.rounds.push({ floor: await floorLeg(stage, into, load), router });
  }
}

/** CPU milliseconds a request. */
export const cpuEach = ({ cpu, answers }: Leg): number => cpu / answers.length;
