import { GatewayError } from "../../errors.ts";
import type { AppContext } from "../context.ts";

interface Page {
  /** Its name among the files that reference/build.js gathers. */
  file: string;
  type: string;
}

const HTML = "text/html; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** Every file there is to be had; whatever else the folder may hold is not served. */
const PAGES: Readonly<Record<string, Page>> = {
  "/docs": { file: "docs.html", type: HTML },
  "/redoc": { file: "redoc.html", type: HTML },
  "/reference/docs.js": { file: "docs.js", type: SCRIPT },
  "/reference/docs.css": { file: "docs.css", type: STYLE },
  "/reference/redoc.js": { file: "redoc.js", type: SCRIPT },
  "/reference/redoc.css": { file: "redoc.css", type: STYLE },
  "/reference/swagger-ui.css": { file: "swagger-ui.css", type: STYLE },
  "/reference/swagger-ui-bundle.js": { file: "swagger-ui-bundle.js", type: SCRIPT },
  "/reference/redoc.standalone.js": { file: "redoc.standalone.js", type: SCRIPT },
};

export const PAGE_PATHS = Object.keys(PAGES);

/** Style elements that Redoc makes: one is empty, and filled by script, which no policy forbids; one is its scroll bar's. */
const REDOC_STYLES = [
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
];

/** What these pages may do: read from this origin alone, run its scripts alone, and be in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${REDOC_STYLES.join(" ")}`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A page for people to read the contract in, or one of its files. */
export async function referencePage(c: AppContext): Promise<Response> {
  const page = PAGES[c.req.path];
  const { assets } = c.get("services");
  if (page === undefined || assets === null) {
    throw new GatewayError("unknown_url", "This gateway was set up without its reference. /openapi.json has it all.");
  }
  const found = await assets.fetch(new URL(page.file, "http://assets/").href, {
    headers: { "if-none-match": c.req.header("if-none-match") ?? "" },
  });
  const answered = found.status === 304 || found.ok;
  if (!answered) throw new GatewayError("unknown_url", "This gateway was set up without its reference.");
  const tag = found.headers.get("etag");
  return new Response(found.status === 304 ? null : found.body, {
    status: found.status,
    headers: {
      "content-type": page.type,
      "content-security-policy": POLICY,
      "cache-control": "public, max-age=3600",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      ...(tag === null ? {} : { etag: tag }),
    },
  });
}
