import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process: its number is given out again after its end, number and start time together are not. */
export interface ProcessIdentity {
  pid: number;
  started: string;
}

interface ProcessRow extends ProcessIdentity {
  group: number;
}

/**
 * Variable in the environment of everything a stack starts, inherited by what that starts; its value is the stack's data
 * directory. Process numbers are given out again, so a number in a file alone is no reason to end what has it now.
 */
export const OWNER_VARIABLE = "GAIA_STACK_DATA_DIR";

const POLL_MS = 20;

/** The process with this number, or null when there is none. */
export function identify(pid: number): ProcessIdentity | null {
  const row = processTable().find((row) => row.pid === pid);
  return row ? { pid, started: row.started } : null;
}

export const isAlive = (identity: ProcessIdentity): boolean => identify(identity.pid)?.started === identity.started;

/**
 * Everything alive that a start with this data directory has started, whoever that was and whatever has become of it: a
 * killed wrangler leaves workerd processes behind, a killed start leaves all. `group` narrows it to one process group.
 */
export function stackProcesses(dataDir: string, group?: number): number[] {
  return processTable()
    .filter((row) => (group === undefined || row.group === group) && isOwnedBy(row.pid, dataDir))
    .map((row) => row.pid);
}

/** Ends one process group by its leader, which ends its own children; SIGKILL to whoever lives after `graceMs`. */
export function endGroup(leader: number, dataDir: string, graceMs: number): Promise<void> {
  return end(
    () => stackProcesses(dataDir, leader),
    (members) => (members.includes(leader) ? [leader] : members),
    graceMs,
  );
}

/** Ends everything that an earlier start with this data directory has left. */
export function endOrphans(dataDir: string, graceMs: number): Promise<void> {
  return end(
    () => stackProcesses(dataDir),
    (orphans) => orphans,
    graceMs,
  );
}

/** SIGTERM to those whom `polite` picks, SIGKILL to all that `find` finds after `graceMs`. Resolves when it finds none. */
async function end(find: () => number[], polite: (pids: number[]) => number[], graceMs: number): Promise<void> {
  let living = find();
  for (const pid of polite(living)) signal(pid, "SIGTERM");
  const deadline = performance.now() + graceMs;
  while (living.length > 0) {
    if (performance.now() > deadline) for (const pid of living) signal(pid, "SIGKILL");
    await sleep(POLL_MS);
    living = find();
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** All living processes; one that has ended and waits for its parent (a zombie) does not count. */
function processTable(): ProcessRow[] {
  return process.platform === "linux" ? linuxTable() : psTable();
}

function linuxTable(): ProcessRow[] {
  // Start times count from boot, so the boot belongs to them.
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return processNumbers().flatMap((pid) => {
    const stat = readProcessFile(pid, "stat");
    if (stat === null) return [];
    // proc_pid_stat(5): after the command in parentheses, field 3 is the state, 5 the group, 22 the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, , group] = fields;
    if (state === "Z" || state === "X") return [];
    return [{ pid, group: Number(group), started: `${boot}/${fields[19]}` }];
  });
}

function psTable(): ProcessRow[] {
  const lines = execFileSync("ps", ["-axo", "pid=,pgid=,stat=,lstart="], { encoding: "utf8" }).trim().split("\n");
  return lines.flatMap((line) => {
    const [pid, group, state, ...started] = line.trim().split(/\s+/);
    return state?.startsWith("Z") ? [] : [{ pid: Number(pid), group: Number(group), started: started.join(" ") }];
  });
}

function isOwnedBy(pid: number, dataDir: string): boolean {
  const mark = `${OWNER_VARIABLE}=${dataDir}`;
  if (process.platform === "linux") return readProcessFile(pid, "environ")?.split("\0").includes(mark) ?? false;
  try {
    return execFileSync("ps", ["-E", "-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" }).includes(mark);
  } catch {
    return false;
  }
}

/** Numbers of all processes, from Linux' /proc. */
export const processNumbers = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** A file of /proc/<pid>; null when the process is gone or not ours to look into. */
export function readProcessFile(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return null;
  }
}
