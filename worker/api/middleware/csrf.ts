import type { MiddlewareHandler } from "hono";
import { GatewayError } from "../../errors.ts";

/** A header no form can send; a script of another site can only after a preflight, which is never granted. */
const CSRF_HEADER = "x-gaia-csrf";
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Where a browser says the request comes from, in both headers where it sends both. `unknown`: it says nothing, so it is an old
 * browser or none.
 */
function origin(headers: Headers, url: string): "same" | "other" | "unknown" {
  const site = headers.get("sec-fetch-site");
  const sent = headers.get("origin");
  if (site === null && sent === null) return "unknown";
  const same = (site ?? "same-origin") === "same-origin" && (sent ?? new URL(url).origin) === new URL(url).origin;
  return same ? "same" : "other";
}

const refused = () => new GatewayError("csrf_rejected", "This request does not come from the dashboard's own pages.");

/** For requests that a cookie authenticates: throws `csrf_rejected` unless it reads only, or is proven to be our page's. */
export function checkCsrf(request: Request): void {
  if (SAFE.has(request.method)) return;
  if (origin(request.headers, request.url) !== "same" || request.headers.get(CSRF_HEADER) !== "1") throw refused();
}

/**
 * For requests that nothing authenticates yet (signing in, setting up): a browser must be on our page, so that no other
 * site signs somebody in as somebody else; a script needs nothing.
 */
export const refuseOtherSites: MiddlewareHandler = async function refuseOtherSites(context, next) {
  const { method, headers, url } = context.req.raw;
  if (!SAFE.has(method) && origin(headers, url) === "other") throw refused();
  await next();
};
