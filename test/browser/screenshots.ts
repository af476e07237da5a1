import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { readReadyFile } from "../../local/stack/ready.ts";
import { chromiumPath } from "../support/chromium.ts";

/**
 * `npm run screenshots -- [--data .gaia] [--to .cache/screenshots] [/path …]`: every page of the dashboard that `npm start` has
 * up with that data directory, in both themes at 1440 and 390 pixels, to be looked at. What a page's console says is printed.
 */
const PAGES = [
  ...["/login", "/", "/logs", "/usage", "/usage?tab=breakdown", "/usage?tab=explore", "/usage?tab=report"],
  ...["/refused", "/sessions", "/play", "/start", "/keys", "/orgs", "/members", "/budgets", "/routes", "/models"],
  ...["/audit", "/settings", "/settings/webhooks", "/settings/retention", "/settings/books", "/me", "/nowhere"],
];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string", default: ".gaia" },
    to: { type: "string", default: join(import.meta.dirname, "../../.cache/screenshots") },
  },
});
const ready = readReadyFile(values.data);
if (ready === undefined) {
  console.error(`Nothing runs with ${values.data}: npm start first, or name its data directory with --data.`);
  process.exit(1);
}
mkdirSync(values.to, { recursive: true });

const browser = await chromium.launch({ args: ["--no-sandbox"], executablePath: await chromiumPath() });
const context = await browser.newContext({ reducedMotion: "reduce", locale: "en-US" });
const page = await context.newPage();
page.on("console", (message) => {
  if (message.type() === "error" || message.type() === "warning") console.log(`${page.url()}: ${message.text()}`);
});
page.on("pageerror", (error) => console.log(`${page.url()}: ${error}`));

await page.goto(`${ready.dashboard}/login`);
await page.getByLabel("E-mail").fill(ready.admin.email);
await page.getByLabel("Password").fill(ready.admin.password);
await page.getByRole("button", { name: "Sign in", exact: true }).click();
await page.waitForURL(`${ready.dashboard}/`);

for (const path of positionals.length > 0 ? positionals : PAGES) {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.goto(ready.dashboard + path);
      // A live feed never ends: what is there after a while is shown.
      await page.waitForLoadState("networkidle", { timeout: 3000 }).catch(() => undefined);
      const name = path.replace(/[^a-z]+/gi, "-").replace(/^-|-$/g, "") || "overview";
      await page.screenshot({ path: join(values.to, `${name}-${colorScheme}-${size.width}.png`) });
    }
  }
}
await browser.close();
