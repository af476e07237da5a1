import { linkSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJsonFile, writePrivateFile } from "./files.ts";
import { endOrphans, identify, isAlive, type ProcessIdentity } from "./processes.ts";
import { StartError } from "./start-error.ts";

const FILE = "lock.json";
const ORPHAN_GRACE_MS = 5_000;

/**
 * Takes the lock of a data directory and answers how to give it back. What a killed start left running is ended first;
 * while the start that holds the lock lives, throws a `StartError`.
 */
export async function acquireLock(dataDir: string, orphanGraceMs = ORPHAN_GRACE_MS): Promise<() => void> {
  const path = join(dataDir, FILE);
  const held = readJsonFile(path) as ProcessIdentity | undefined;
  if (held && isAlive(held)) throw alreadyRuns(dataDir, held.pid);
  await endOrphans(dataDir, orphanGraceMs);
  if (held) moveAway(path, held, dataDir);
  create(path, dataDir);
  return () => rmSync(path, { force: true });
}

/** A second start may have done the same a moment before: then the file is its own by now, and goes back. */
function moveAway(path: string, stale: ProcessIdentity, dataDir: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const moved = JSON.parse(readFileSync(aside, "utf8")) as ProcessIdentity;
  if (moved.pid !== stale.pid || moved.started !== stale.started) {
    renameSync(aside, path);
    throw alreadyRuns(dataDir, moved.pid);
  }
  rmSync(aside);
}

/** Links a complete file into place: fails when there is one, and nobody ever reads half of it. */
function create(path: string, dataDir: string): void {
  const complete = `${path}.${process.pid}`;
  writePrivateFile(complete, JSON.stringify(identify(process.pid)));
  try {
    linkSync(complete, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw alreadyRuns(dataDir, (readJsonFile(path) as ProcessIdentity | undefined)?.pid);
  } finally {
    rmSync(complete, { force: true });
  }
}

const alreadyRuns = (dataDir: string, pid: number | undefined): StartError =>
  new StartError(
    `GaiaRouter is running with ${dataDir} already${pid === undefined ? "" : ` (pid ${pid})`}. ` +
      "Stop that one with Ctrl-C, or give this one a place of its own: DATA_DIR=… PORT=… DASHBOARD_PORT=… npm start",
  );
