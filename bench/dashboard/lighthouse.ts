import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lighthouse, { desktopConfig } from "lighthouse";
import { chromium } from "playwright-core";
import { chromiumPath } from "../../test/support/chromium.ts";
import type { Figure } from "./figure.ts";
import type { Stage } from "./stage.ts";

/** A port that nobody has. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

const ASKED = {
  desktop: { performance: 99, accessibility: 100, "best-practices": 100 },
  mobile: { performance: 95 },
} as const;

/** What Lighthouse says of the first page, signed in, as on a desk and as on a telephone. */
export async function measureLighthouse({ ready, site }: Stage): Promise<Figure[]> {
  const profile = mkdtempSync(join(tmpdir(), "gaia-lighthouse-"));
  const port = await freePort();
  const context = await chromium.launchPersistentContext(profile, {
    args: ["--no-sandbox", `--remote-debugging-port=${port}`],
    executablePath: await chromiumPath(),
  });
  try {
    const page = await context.newPage();
    await page.goto(`${site.origin}/login`);
    await page.getByLabel("E-mail").fill(ready.admin.email);
    await page.getByLabel("Password").fill(ready.admin.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`${site.origin}/`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const figures: Figure[] = [];
    for (const [form, targets] of Object.entries(ASKED)) {
      const result = await lighthouse(
        `${site.origin}/`,
        { port, logLevel: "error", output: "json", onlyCategories: Object.keys(targets), disableStorageReset: true },
        form === "desktop" ? desktopConfig : undefined,
      );
      if (!result) throw new Error("Lighthouse said nothing");
      const { categories, audits } = result.lhr;
      for (const [name, least] of Object.entries(targets)) {
        const score = Math.round((categories[name]?.score ?? 0) * 100);
        const short = (categories[name]?.auditRefs ?? [])
          .filter(({ weight, id }) => weight > 0 && (audits[id]?.score ?? 1) < 0.9)
          .map(({ id }) => `${id} ${audits[id]?.displayValue ?? ""}`.trim());
        // A score is better the higher it is: what is missing from a hundred is told.
        figures.push({
          name: `Lighthouse, ${form}, ${name}: ${score}; missing from 100`,
          ...{ measured: 100 - score, target: 100 - least, found: short },
        });
      }
    }
    return figures;
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
