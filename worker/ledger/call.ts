/** Calls to Durable Objects, each through a fresh stub: after an error a stub stays broken, and it belongs to its request. */

/** Runs a call, and once more where the platform says it may be tried again; every method absorbs repeats. */
export async function callTwice<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!mayRetry(error)) throw error;
    return await call();
  }
}

/** Cloudflare's rule for Durable Object errors: retry what is `retryable`, never what is `overloaded`. */
function mayRetry(error: unknown): boolean {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
}

interface Jurisdictional<Namespace> {
  jurisdiction(jurisdiction: "eu" | "us"): Namespace;
}

/** The namespace kept to a jurisdiction. The runtime on one's own machine has none, and says so by throwing. */
export function within<Namespace extends Jurisdictional<Namespace>>(
  namespace: Namespace,
  jurisdiction: "global" | "eu" | "us",
): Namespace {
  if (jurisdiction === "global") return namespace;
  try {
    return namespace.jurisdiction(jurisdiction);
  } catch (error) {
    if (error instanceof Error && /not implemented in workerd/.test(error.message)) return namespace;
    throw error;
  }
}
