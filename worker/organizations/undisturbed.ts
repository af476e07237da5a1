import { GatewayError } from "../errors.ts";

/** Writers of one tenant take turns: so many of them rarely touch the same row at once. */
const ATTEMPTS = 10;

/**
 * Reads, decides and writes, anew as long as somebody else was faster: `attempt` answers null when what it had read no
 * longer held at its write (`commitChange`). Throws `conflict` when that does not end.
 */
export async function undisturbed<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (let count = 0; count < ATTEMPTS; count++) {
    const made = await attempt();
    if (made !== null) return made;
  }
  throw new GatewayError("conflict", "This is being changed by others at the same time. Try again in a moment.");
}
