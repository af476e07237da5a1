import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A Node program of the project, in a process of its own. */
export interface Program {
  /** What it printed when it was ready. */
  ready: Record<string, string>;
  /** Ends it and waits until it is gone. */
  close(): Promise<void>;
}

/** Starts a program that prints one line of JSON once it is ready. */
export async function startProgram(file: string, environment: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), ended.then(() => null)]);
  if (first === null) throw new Error(`${file} ended before it was ready`);
  return {
    ready: JSON.parse(String(first[0])) as Record<string, string>,
    async close() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(timer);
    },
  };
}
