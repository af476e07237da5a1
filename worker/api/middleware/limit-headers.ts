import type { MiddlewareHandler } from "hono";
import { GatewayError } from "../../errors.ts";
import type { AppEnv } from "../context.ts";

/** Cloudflare's edge stops at 128 KB; the runtime on its own accepts far more, so the rule stands here too. */
const MAXIMUM_BYTES = 128 * 1024;
const MAXIMUM_COUNT = 256;

/** Refuses a request whose headers are more, or larger, than any honest client sends. */
export const limitHeaders: MiddlewareHandler<AppEnv> = async function limitHeaders(c, next) {
  let bytes = 0;
  let count = 0;
  c.req.raw.headers.forEach((value, name) => {
    bytes += name.length + value.length;
    count++;
  });
  if (bytes > MAXIMUM_BYTES || count > MAXIMUM_COUNT) {
    throw new GatewayError(
      "headers_too_large",
      `The request's headers are more than ${MAXIMUM_COUNT} or larger than ${MAXIMUM_BYTES / 1024} KB.`,
    );
  }
  await next();
};
