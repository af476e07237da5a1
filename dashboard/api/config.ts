/** Where clients reach the router, as the site was told; null when it was not. */
export async function readRouterUrl(): Promise<string | null> {
  try {
    const response = await fetch("/config.json");
    const body = (await response.json()) as { router_url?: unknown };
    return typeof body.router_url === "string" ? body.router_url.replace(/\/+$/, "") : null;
  } catch {
    return null;
  }
}
