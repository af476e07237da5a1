import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { endGroup, OWNER_VARIABLE } from "./processes.ts";

/** How a part of the stack is run: always a Node program, in a process group of its own. */
export interface Program {
  /** Also the name of its log file. */
  name: string;
  args: string[];
  directory: string;
  environment: Record<string, string | undefined>;
}

/** A running program. */
export interface Child {
  name: string;
  pid: number;
  logFile: string;
  /** Resolves with the exit code (null after a signal) of its first process; others of its group may still live. */
  exited: Promise<number | null>;
  hasExited(): boolean;
  /** What it has written since its start. */
  output(): string;
  /** Ends the whole group, at once when `graceMs` is 0. */
  end(graceMs: number): Promise<void>;
}

const TAIL_LINES = 30;

/** Starts a program; its output goes to `<dataDir>/logs/<name>.log`. Throws when there is no such program. */
export async function startChild({ name, args, directory, environment }: Program, dataDir: string): Promise<Child> {
  const logFile = join(dataDir, "logs", `${name}.log`);
  const log = openSync(logFile, "a", 0o600);
  const begin = statSync(logFile).size;
  // Files, not pipes: a child must not fail on its next line of output because this process was killed.
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { ...environment, [OWNER_VARIABLE]: dataDir },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const pid = await started(child);
  let gone = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      gone = true;
      resolve(code);
    });
  });
  return {
    name,
    pid,
    logFile,
    exited,
    hasExited: () => gone,
    output: () => readFileSync(logFile).subarray(begin).toString("utf8"),
    end: (graceMs) => endGroup(pid, dataDir, graceMs),
  };
}

/** The last lines of what a child has written, for a person to see why it failed. */
export function tail(child: Child): string {
  return `The last lines of ${child.logFile}:\n${child.output().trimEnd().split("\n").slice(-TAIL_LINES).join("\n")}`;
}

function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid as number));
    child.once("error", reject);
  });
}
