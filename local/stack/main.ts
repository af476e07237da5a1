import { mkdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { acquireLock } from "./lock.ts";
import { endOrphans } from "./processes.ts";
import { removeReadyFile, writeReadyFile } from "./ready.ts";
import { readyMessage } from "./ready-message.ts";
import { readSettings, type Settings } from "./settings.ts";
import { createStack } from "./stack.ts";
import { StartError } from "./start-error.ts";

const SAME_REQUEST_MS = 1_000;

/** `npm start`: brings the stack up, keeps it up, and takes it down at Ctrl-C or SIGTERM. Sets the exit code. */
export async function main(): Promise<void> {
  try {
    const settings = readSettings(process.env);
    mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
    // One name for one place, whatever links lead there: the lock and the marks on processes go by it.
    await runIn({ ...settings, dataDir: realpathSync(settings.dataDir) });
  } catch (error) {
    console.error(error instanceof StartError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

async function runIn(settings: Settings): Promise<void> {
  const { dataDir } = settings;
  const stopping = stopSignal(dataDir);
  const releaseLock = await acquireLock(dataDir);
  try {
    removeReadyFile(dataDir);
    rmSync(join(dataDir, "logs"), { recursive: true, force: true });
    mkdirSync(join(dataDir, "logs"), { mode: 0o700 });
    await run(settings, stopping);
  } finally {
    await endOrphans(dataDir, 0);
    releaseLock();
  }
}

async function run(settings: Settings, stopping: AbortController): Promise<void> {
  const begin = performance.now();
  const stack = await createStack(settings, stopping.signal);
  try {
    await stack.start();
    const announce = () => {
      if (!stopping.signal.aborted) writeReadyFile(settings.dataDir, stack.ready());
    };
    announce();
    console.log(readyMessage(stack.ready(), settings, performance.now() - begin));
    await stack.watch(announce);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    removeReadyFile(settings.dataDir);
    // Also after a failure, so that no part is started any more.
    stopping.abort();
    await stack.stop();
  }
}

/** Aborted by Ctrl-C, SIGTERM or a closed terminal. Who asks again a second later or more wants the end at once. */
function stopSignal(dataDir: string): AbortController {
  const controller = new AbortController();
  let asked = Number.POSITIVE_INFINITY;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      // A Ctrl-C comes twice, from the terminal and from npm, which passes on its own.
      if (performance.now() - asked > SAME_REQUEST_MS) void endOrphans(dataDir, 0);
      if (controller.signal.aborted) return;
      asked = performance.now();
      console.error("\nStopping …");
      controller.abort();
    });
  }
  return controller;
}
