import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { type Ended, runProgram } from "./program.ts";

const CACHE = join(import.meta.dirname, "../../.cache");
const STAND_INS = join(import.meta.dirname, "agent-stand-ins");

/** An example of the dashboard, and what its user has beside it. */
export interface Snippet {
  code: string;
  /** What it would be saved as, or `shell`. */
  file: string;
  /** Files in the folder where it is run, by name. */
  beside: Record<string, Buffer>;
  /** `GAIA_KEY` in its environment. */
  key: string;
  /** A folder with the coding agents' programs; without one, stand-ins for them. */
  agents?: string;
}

/** Runs an example as its reader does, pasted or saved as it is, with an empty home, and answers how it ended. */
export async function runSnippet({ code, file, beside, key, agents }: Snippet): Promise<Ended> {
  mkdirSync(CACHE, { recursive: true });
  // Below the project, where scripts find the SDKs.
  const folder = mkdtempSync(join(CACHE, "snippet-"));
  try {
    const [home, work] = [join(folder, "home"), join(folder, "work")];
    for (const each of [home, work]) mkdirSync(each);
    for (const [name, bytes] of Object.entries(beside)) writeFileSync(join(work, name), bytes);
    if (file !== "shell") writeFileSync(join(work, file), code);
    const programs = agents ?? writeStandIns(folder);
    const command = file === "shell" ? ["bash", "-c", code] : [process.execPath, file];
    return await runProgram(command, work, {
      HOME: home,
      TMPDIR: folder,
      PATH: [dirname(process.execPath), programs, "/usr/bin", "/bin"].join(delimiter),
      GAIA_KEY: key,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeStandIns(folder: string): string {
  for (const name of ["claude", "codex"]) {
    const program = join(folder, name);
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(STAND_INS, `${name}.ts`)}" "$@"\n`);
    chmodSync(program, 0o755);
  }
  return folder;
}
