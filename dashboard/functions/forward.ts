/** What the site's functions are given. */
export interface SiteEnv {
  /** The router Worker, reached by service binding: it never leaves Cloudflare's network. */
  ROUTER: { fetch(request: Request): Promise<Response> };
  /** Where clients reach the router, e.g. `https://router.example`. The page shows it. */
  ROUTER_URL?: string;
}

/** Gives the request to the router as it came and its answer back as it is: one origin for page and API. */
export const forward = ({ request, env }: { request: Request; env: SiteEnv }): Promise<Response> =>
  env.ROUTER.fetch(request);
