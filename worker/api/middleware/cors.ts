import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../context.ts";

/** Browsers keep a preflight's answer for two hours at most. */
const MAX_AGE_SECONDS = "7200";

/**
 * Lets web pages of other origins call the inference API, as far as their keys allow it: a page's request whose key does not
 * list the page's origin is refused by the Ledger (`origin_not_allowed`), so what such a page may read here is that refusal.
 * Cookies are never allowed. See docs/decisions/2026-11-26-browsers.md; hono's own middleware would answer every `OPTIONS`.
 */
export const cors: MiddlewareHandler<AppEnv> = async function cors(c, next) {
  const { headers } = c.req.raw;
  const origin = headers.get("origin");
  if (origin === null) return await next();
  if (c.req.method === "OPTIONS" && headers.has("access-control-request-method")) {
    const asked = headers.get("access-control-request-headers");
    return new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, HEAD, POST",
        ...(asked === null ? {} : { "access-control-allow-headers": asked }),
        "access-control-max-age": MAX_AGE_SECONDS,
        vary: "origin, access-control-request-headers",
      },
    });
  }
  await next();
  c.res.headers.set("access-control-allow-origin", origin);
  c.res.headers.set("access-control-expose-headers", "*");
  c.res.headers.append("vary", "origin");
};
