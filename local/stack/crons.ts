import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Cron } from "croner";
import { PROJECT_ROOT } from "./settings.ts";

/** Nothing is to disturb a stack that is being looked at for the first time. */
const AFTER_START_MS = 60_000;

/** The times at which the Worker is to be woken, as wrangler.toml has them for Cloudflare. */
export function cronsOf(toml: string): string[] {
  const [, list] = /^crons = (\[.+\])$/m.exec(toml) ?? [];
  if (list === undefined) throw new Error("wrangler.toml names no crons");
  return JSON.parse(list) as string[];
}

/**
 * Wakes a Worker that `wrangler dev` serves at `router` by the clock (UTC), as Cloudflare does: wrangler keeps no clock. A minute
 * after the start each cron has its turn once, for what a machine that was off has missed. `signal` ends it. A router that is away
 * misses its turn, as it would there.
 */
export function startCrons(router: string, crons: readonly string[], signal: AbortSignal): void {
  const wake = async (cron: string) => {
    // wrangler's own way to try a cron.
    const url = `${router}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}`;
    await fetch(url, { signal }).catch(() => {});
  };
  const jobs = crons.map((cron) => new Cron(cron, { timezone: "UTC", unref: true }, () => wake(cron)));
  const first = setTimeout(() => crons.forEach(wake), AFTER_START_MS).unref();
  signal.addEventListener("abort", () => {
    clearTimeout(first);
    for (const job of jobs) job.stop();
  });
}

/** The crons of this project. */
export const projectCrons = (): string[] => cronsOf(readFileSync(join(PROJECT_ROOT, "wrangler.toml"), "utf8"));
