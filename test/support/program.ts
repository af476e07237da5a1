import { type ChildProcess, spawn } from "node:child_process";

/** An agent that is not done by then hangs, or tries again and again. */
const TIME_LIMIT_MS = 120_000;

const living = new Set<ChildProcess>();

/** How a program ended, and what it wrote. */
export interface Ended {
  code: number | null;
  output: string;
  late: boolean;
}

/** Runs a program in a process group of its own, with nothing but this environment, and ends what it leaves behind. */
export async function runProgram(
  command: string[],
  folder: string,
  environment: Record<string, string>,
): Promise<Ended> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  living.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child);
  }, TIME_LIMIT_MS);
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  }).finally(() => clearTimeout(timer));
  endGroup(child);
  living.delete(child);
  return { code, output, late };
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Ends every program that still runs. */
export function endPrograms(): void {
  for (const child of living) endGroup(child);
}
