import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

const MEMORY = "/dev/shm";

/** A folder on a file system in memory, where the machine has one; a disk that others use would make the figures its own. */
export const inMemory = (): string => (existsSync(MEMORY) ? MEMORY : tmpdir());
