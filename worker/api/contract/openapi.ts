import type { RouterRoute } from "hono/types";
import { sha256 } from "../../lib/sha256.ts";
import type { AppContext } from "../context.ts";

/**
 * `GET /openapi.json`: the whole API as OpenAPI 3.1, for the origin that was asked. Made once an isolate, when it is first
 * asked for: that takes some tens of milliseconds, and until then not even its schemas exist. Anybody may read it, also a
 * page of another origin.
 */
export function openapiDocument(routes: readonly RouterRoute[]): (c: AppContext) => Promise<Response> {
  let described: string | undefined;
  return async function openapi(c) {
    if (described === undefined) {
      const { describeApi } = await import("./document.ts");
      described = JSON.stringify(describeApi(routes));
    }
    const servers = JSON.stringify([{ url: new URL(c.req.url).origin }]);
    const text = `{"servers":${servers},${described.slice(1)}`;
    const etag = `"${(await sha256(text)).slice(0, 32)}"`;
    const headers = {
      etag,
      "cache-control": "public, max-age=300",
      "access-control-allow-origin": "*",
      "x-content-type-options": "nosniff",
    };
    const known = c.req
      .header("if-none-match")
      ?.split(",")
      .map((tag) => tag.trim().replace(/^W\//, ""));
    if (known?.includes(etag)) return new Response(null, { status: 304, headers });
    return new Response(text, { headers: { "content-type": "application/json", ...headers } });
  };
}
