import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { BUILT_DASHBOARD } from "../../local/stack/dashboard-build.ts";
import type { Ready } from "../../local/stack/ready.ts";
import { chromiumPath } from "../../test/support/chromium.ts";
import { removeStack, startStack } from "../../test/support/stack.ts";
import { type Site, startSite } from "./site.ts";

const FLOOR = join(import.meta.dirname, "floor");
const BUILT_FLOOR = join(import.meta.dirname, "../../.cache/dashboard-floor");
const MODELS = [
  "openai/gpt-6.1-sol",
  "openai/gpt-6-mini",
  "openai/gpt-6.1-sol+status-429",
  "openai/a-model-nobody-knows",
];
const REQUESTS = 60;
const LONGEST_WAIT_MS = 180_000;

export interface Stage {
  ready: Ready;
  /** Where the production build is. */
  built: string;
  browser: Browser;
  site: Site;
  /** The thin prototype: shell, router, query, icons, a dialog on first use; the same data. */
  floor: Site;
  /** A profile with the stack's admin signed in: nothing in its cache. */
  fresh(options?: Parameters<Browser["newContext"]>[0]): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** Builds the page and its floor, starts a stack with some usage in it, and a browser. */
export async function startStage(): Promise<Stage> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), "gaia-bench-dashboard-")));
  const stack = await startStack(dataDir);
  const { ready } = stack;
  // Apart: whatever else is started meanwhile builds into the same place.
  const built = join(dataDir, "built");
  cpSync(BUILT_DASHBOARD, built, { recursive: true });
  await use(ready);
  await build({ configFile: join(FLOOR, "vite.config.ts"), logLevel: "error", build: { outDir: BUILT_FLOOR } });
  const [site, floor] = [await startSite(built, ready.dashboard), await startSite(BUILT_FLOOR, ready.dashboard)];
  const browser = await chromium.launch({
    args: ["--no-sandbox", "--enable-precise-memory-info"],
    executablePath: await chromiumPath(),
  });
  const state = await signedIn(browser, site, ready);
  return {
    ...{ ready, built, browser, site, floor },
    async fresh(options) {
      const context = await browser.newContext({
        ...{ viewport: { width: 1440, height: 900 }, locale: "en-US", storageState: state },
        ...options,
      });
      // A busy machine is slow, not broken.
      context.setDefaultTimeout(LONGEST_WAIT_MS);
      return context;
    },
    async close() {
      await browser.close();
      site.close();
      floor.close();
      await removeStack(stack);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Some requests of several models, with refusals among them. */
async function use({ router, apiKey }: Ready): Promise<void> {
  for (let sent = 0; sent < REQUESTS; sent++) {
    const response = await fetch(`${router}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: MODELS[sent % MODELS.length], messages: [{ role: "user", content: "Hello" }] }),
    });
    await response.arrayBuffer();
  }
}

/** Signs in through the site, and answers what the browser keeps of that. */
async function signedIn(browser: Browser, site: Site, { admin }: Ready) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${site.origin}/login`);
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${site.origin}/`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

/** 10 Mbit/s and 40 ms; 1.6 Mbit/s, 150 ms and a processor of a quarter of the speed. */
export const PROFILES = {
  D: { latency: 40, megabits: 10, cpu: 1 },
  S: { latency: 150, megabits: 1.6, cpu: 4 },
} as const;
export type Profile = keyof typeof PROFILES;

/** Makes the page's network and processor those of a profile. */
export async function emulate(page: Page, profile: Profile): Promise<void> {
  const { latency, megabits, cpu } = PROFILES[profile];
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    ...{ offline: false, latency },
    ...{ downloadThroughput: (megabits * 1e6) / 8, uploadThroughput: (megabits * 1e6) / 8 },
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
}
