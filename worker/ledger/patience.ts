import { StorageError } from "../errors.ts";

/** A database that does not answer must not hold up the drain; what it does later is absorbed. */
const DATABASE_PATIENCE_MS = 20_000;

/** The promise's answer, or a `StorageError` after so many milliseconds. */
export async function withPatience<T>(what: string, promise: Promise<T>, patience = DATABASE_PATIENCE_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StorageError(`${what} took too long`, null)), patience);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer ?? null);
  }
}
