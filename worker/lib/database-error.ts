/**
 * The SQLSTATE of a database failure (PostgreSQL, appendix A), or null when Postgres gave none: the request or its answer
 * was lost on the way. Drizzle wraps the driver's error for single queries and not for batches, so causes are looked
 * through.
 */
export function sqlstateOf(error: unknown): string | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    // By name: sockets' errors have codes too, and one of them (EPIPE) looks like a SQLSTATE.
    if (current.name === "NeonDbError" && "code" in current && typeof current.code === "string") return current.code;
  }
  return null;
}
