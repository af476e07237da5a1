import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { acquireLock } from "../../local/stack/lock.ts";
import {
  identify,
  isAlive,
  OWNER_VARIABLE,
  type ProcessIdentity,
  stackProcesses,
} from "../../local/stack/processes.ts";
import { StartError } from "../../local/stack/start-error.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A Node that says a line and waits; `script` runs before. */
async function spawnNode(environment: Record<string, string>, script = ""): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ["-e", `${script};setInterval(() => {}, 1e6);console.log("up")`], {
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  await once(child.stdout, "data");
  return identify(child.pid as number) as ProcessIdentity;
}

const writeLock = (dataDir: string, lock: ProcessIdentity) =>
  writeFileSync(join(dataDir, "lock.json"), JSON.stringify(lock));

test("a lock is given back, and taken again", async () => {
  const dataDir = temporaryDataDir();
  const release = await acquireLock(dataDir);
  await expect(acquireLock(dataDir)).rejects.toThrow(StartError);
  release();
  expect(existsSync(join(dataDir, "lock.json"))).toBe(false);
  (await acquireLock(dataDir))();
});

test("the lock of a process that lives is respected", async () => {
  const dataDir = temporaryDataDir();
  const holder = await spawnNode({});
  writeLock(dataDir, holder);
  await expect(acquireLock(dataDir)).rejects.toThrow(`(pid ${holder.pid})`);
  expect(isAlive(holder)).toBe(true);
});

test("a process that has only the number of the lock's holder neither keeps the lock nor is ended", async () => {
  const dataDir = temporaryDataDir();
  const stranger = await spawnNode({});
  writeLock(dataDir, { ...stranger, started: "long ago" });
  const release = await acquireLock(dataDir);
  expect(isAlive(stranger)).toBe(true);
  release();
});

test("orphans of this data directory are ended, deaf ones and leaderless ones too; those of another one stay", async () => {
  const [dataDir, otherDir] = [temporaryDataDir(), temporaryDataDir()];
  const orphan = await spawnNode({ [OWNER_VARIABLE]: dataDir }, "require('child_process').spawn('sleep', ['1000'])");
  const deaf = await spawnNode({ [OWNER_VARIABLE]: dataDir }, "process.on('SIGTERM', () => {})");
  const other = await spawnNode({ [OWNER_VARIABLE]: otherDir });
  expect(stackProcesses(dataDir)).toHaveLength(3);
  process.kill(orphan.pid, "SIGKILL");
  const release = await acquireLock(dataDir, 200);
  expect(stackProcesses(dataDir)).toEqual([]);
  expect(isAlive(deaf)).toBe(false);
  expect(isAlive(other)).toBe(true);
  release();
});
