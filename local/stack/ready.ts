import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJsonFile, writePrivateFile } from "./files.ts";

/** `ready.json`: there from the moment everything answers until the stop begins. */
export interface Ready {
  router: string;
  dashboard: string;
  apiKey: string;
  admin: { email: string; password: string };
  /** Key with the permission `admin`. */
  adminKey: string;
  simulator: string;
  /** URL of the Neon-style endpoint. */
  database: string;
  /** Each leads a process group of its own. `database` is missing on Neon. */
  pids: Record<"start" | "database" | "simulator" | "router" | "pages", number | undefined>;
}

const FILE = "ready.json";

/** Written in one step: whoever sees the file can use what it says. */
export function writeReadyFile(dataDir: string, ready: Ready): void {
  writePrivateFile(join(dataDir, FILE), `${JSON.stringify(ready, null, 2)}\n`);
}

export const readReadyFile = (dataDir: string): Ready | undefined =>
  readJsonFile(join(dataDir, FILE)) as Ready | undefined;

export function removeReadyFile(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}
