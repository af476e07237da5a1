import type { MiddlewareHandler } from "hono";
import type { Random } from "../../lib/random.ts";
import { newUlid } from "../../lib/ulid.ts";

/**
 * Gives the request its ULID, unless an outer application has done so, and every answer its `x-request-id`. A client's own
 * `x-request-id` is not taken over: it could be anything, and anybody's.
 */
export function requestId({ now, random }: { now(): number; random: Random }): MiddlewareHandler<{
  Variables: { requestId: string };
}> {
  return async function requestId(context, next) {
    const id = context.get("requestId") ?? newUlid(now(), random);
    context.set("requestId", id);
    await next();
    context.header("x-request-id", id);
  };
}
