import type { Page } from "playwright-core";
import { type Figure, gate, timing } from "./figure.ts";
import { madeRow } from "./log-rows.ts";
import { mainThread } from "./main-thread.ts";
import { json, type StandIn } from "./site.ts";
import type { Stage } from "./stage.ts";

const A_SECOND = 50;
const FOR_MS = 20_000;
const HIDDEN_MS = 3_000;

/** A list of two hundred, and a feed that never rests. */
const feed = (): StandIn => {
  let at = -1;
  return (url) => {
    if (url.pathname === "/api/requests")
      return json({
        data: Array.from({ length: 200 }, (_, index) => madeRow(index)),
        next_cursor: null,
        as_of: new Date().toISOString(),
      });
    if (url.pathname !== "/api/requests/live") return undefined;
    return (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => {
        const row = madeRow(at--);
        response.write(`event: request\nid: ${row.id}\ndata: ${JSON.stringify(row)}\n\n`);
      }, 1_000 / A_SECOND);
      response.on("close", () => clearInterval(timer));
    };
  };
};

/** How far a row in sight moves while it is read, in pixels. */
const moved = (page: Page): Promise<number> =>
  page.evaluate(async (during) => {
    const table = document.querySelector('[role="table"]') as HTMLElement;
    table.scrollTop = 800;
    for (let still = 0; still < 30; still++) await new Promise(requestAnimationFrame);
    const { left, top, height } = table.getBoundingClientRect();
    const row = document.elementFromPoint(left + 50, top + height / 2)?.closest("[data-row]");
    if (!row) throw new Error("no row is in sight");
    const from = row.getBoundingClientRect().top;
    let most = 0;
    const until = performance.now() + during;
    while (performance.now() < until) {
      await new Promise(requestAnimationFrame);
      most = Math.max(most, Math.abs(row.getBoundingClientRect().top - from));
      if (!row.isConnected) most = Number.POSITIVE_INFINITY;
    }
    return most;
  }, FOR_MS);

/** Fifty rows a second: read by somebody, followed by somebody, and in a tab that nobody sees. */
export async function measureLive({ fresh, site }: Stage): Promise<Figure[]> {
  site.standIn(feed());
  const context = await fresh({ reducedMotion: "reduce" });
  const page = await context.newPage();
  const busy = await mainThread(page);
  try {
    await page.goto(`${site.origin}/logs?live=on`);
    await page.locator("[data-row]").first().waitFor({ state: "attached" });
    await page.waitForTimeout(1_000);
    const before = await busy();
    await page.waitForTimeout(FOR_MS);
    const share = ((await busy()) - before) / FOR_MS;
    const pixels = await moved(page);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.waitForTimeout(500);
    site.asked.length = 0;
    await page.waitForTimeout(HIDDEN_MS);
    const hidden = site.asked.filter((line) => line.includes(" /api/"));
    return [
      timing("fifty rows a second, followed: of the processor", share * 100, 10, undefined, "%"),
      gate("the same, scrolled down: a row in sight moves", pixels, 0, "px"),
      gate("the same, in a hidden tab: questions", hidden.length, 0, "", hidden),
    ];
  } finally {
    site.standIn(null);
    await context.close();
  }
}
