import type { SiteEnv } from "./forward.ts";

/** `/config.json`: what the page must know and cannot guess. Nothing secret. */
export const onRequestGet = ({ env }: { env: SiteEnv }): Response =>
  Response.json({ router_url: env.ROUTER_URL ?? null }, { headers: { "cache-control": "no-store" } });
