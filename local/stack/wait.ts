import { setTimeout as sleep } from "node:timers/promises";
import { type Child, tail } from "./child.ts";
import { StartError } from "./start-error.ts";

const POLL_MS = 50;
/** Cold disks and busy machines take their time; whoever is not there by then does not come. */
const LIMIT_MS = 90_000;

/**
 * Asks `probe` until it answers something other than undefined. Throws a `StartError` with the child's last output when
 * the child ends or does not come to it, and the signal's reason when the stack is being stopped.
 */
export async function waitFor<T>(
  child: Child,
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    signal.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (child.hasExited()) throw new StartError(`The ${child.name} ended before ${what}. ${tail(child)}`);
    if (performance.now() > deadline)
      throw new StartError(`The ${child.name} did not come to this: ${what}. ${tail(child)}`);
    await sleep(POLL_MS);
  }
}

/** The line of JSON by which our own programs say that they answer; undefined as long as there is none. */
export function readyLine(child: Child): unknown {
  const lines = child.output().split("\n").slice(0, -1);
  const line = lines.find((line) => line.startsWith("{"));
  return line === undefined ? undefined : JSON.parse(line);
}

/** The status of an answer, undefined when there was none within five seconds. */
export async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
