import type { Page } from "playwright-core";
import { quantile } from "../statistics.ts";
import { type Figure, timing } from "./figure.ts";
import { madeRow } from "./log-rows.ts";
import { json, type StandIn } from "./site.ts";
import type { Stage } from "./stage.ts";

const ROWS = 100_000;
/** So many in an answer: the API gives 200, and five hundred questions are not what is measured. */
const IN_ONE = 25_000;
const FRAMES = 300;
/** Where the scroll begins, in pixels. */
const FROM = 1_000_000;

/** The list alone is made up: everything else of the page is the API's. */
const manyRows: StandIn = (url) => {
  if (url.pathname !== "/api/requests") return undefined;
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const next = from + IN_ONE >= ROWS ? null : String(from + IN_ONE);
  return json({
    data: Array.from({ length: IN_ONE }, (_, index) => madeRow(from + index)),
    ...{ next_cursor: next, as_of: new Date().toISOString() },
  });
};

interface Scrolled {
  frames: number[];
  most: number;
  /** Milliseconds for which the middle of the list showed no row. */
  blank: number;
}

const scroll = (page: Page, pixels: number): Promise<Scrolled> =>
  page.evaluate(
    async ({ pixels, from, count }) => {
      const table = document.querySelector('[role="table"]') as HTMLElement;
      const picture = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      table.scrollTop = from;
      for (let still = 0; still < 30; still++) await picture();
      const { top, height } = table.getBoundingClientRect();
      const frames: number[] = [];
      let [most, blank, longestBlank] = [0, 0, 0];
      let before = await picture();
      for (let frame = 0; frame < count; frame++) {
        table.scrollTop += pixels;
        const now = await picture();
        frames.push(now - before);
        const middle = top + height / 2;
        const isShown = [...document.querySelectorAll("[data-row]")].some((one) => {
          const place = one.getBoundingClientRect();
          return place.top <= middle && place.bottom >= middle;
        });
        blank = isShown ? 0 : blank + (now - before);
        longestBlank = Math.max(longestBlank, blank);
        before = now;
        most = Math.max(most, document.querySelectorAll("[data-row]").length);
      }
      return { frames, most, blank: longestBlank };
    },
    { pixels, from: FROM, count: FRAMES },
  );

/** Scrolls a log of 100,000 rows, all of which are in the page's memory. */
export async function measureLog({ fresh, site }: Stage): Promise<Figure[]> {
  site.standIn(manyRows);
  const context = await fresh({ reducedMotion: "reduce" });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const slowed = (rate: number) => session.send("Emulation.setCPUThrottlingRate", { rate });
  try {
    await page.goto(`${site.origin}/logs?from=-90d`);
    await page.locator("[data-row]").first().waitFor({ state: "attached" });
    await page.evaluate(async (rows) => {
      const table = document.querySelector('[role="table"]') as HTMLElement;
      while (table.scrollHeight < rows * 32) {
        table.scrollTop = table.scrollHeight;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }, ROWS);
    const figures: Figure[] = [];
    const p = ({ frames }: Scrolled, part: number) => quantile(frames, part);
    const even = await scroll(page, 120);
    figures.push(timing("100,000 rows, 120 px a frame, p50", p(even, 0.5), 17));
    figures.push(timing("the same, p95", p(even, 0.95), 20));
    figures.push(timing("the same, p99", p(even, 0.99), 33));
    figures.push(timing("the same, longest", p(even, 1), 50));
    figures.push({ name: "rows in the page", measured: even.most, target: 60, isGate: true });
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    figures.push({ name: "heap with 100,000 rows", measured: usedSize / 1e6, target: 60, unit: "MB", isGate: true });
    await slowed(4);
    const slow = await scroll(page, 120);
    figures.push(timing("processor ÷ 4, 120 px a frame, p95", p(slow, 0.95), 25));
    const flung = await scroll(page, 5_000);
    figures.push(timing("processor ÷ 4, a fling of 5,000 px a frame: no row in sight for", flung.blank, 100));
    await slowed(1);
    return figures;
  } finally {
    site.standIn(null);
    await context.close();
  }
}
