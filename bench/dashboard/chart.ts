import { median } from "../statistics.ts";
import { type Figure, timing } from "./figure.ts";
import { json, type StandIn } from "./site.ts";
import type { Stage } from "./stage.ts";

const BUCKETS = 400;
const SERIES = 7;
const HOUR_MS = 3_600_000;
const ROUNDS = 9;

/** A course over four hundred hours in seven parts. */
const course: StandIn = (url) => {
  if (url.pathname !== "/api/stats/series") return undefined;
  const end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const from = end - BUCKETS * HOUR_MS;
  const iso = (at: number) => new Date(at).toISOString();
  const parts = (bucket: number) =>
    Array.from({ length: SERIES }, (_, part) => 1_000_000 * (1 + ((bucket * 7 + part * 13) % 29)));
  const tokens = { input_uncached: 5, cache_read: 0, cache_write: 0, output: 5, reasoning: 0, total: 10 };
  return json({
    ...{ from: iso(from), to: iso(end), tz: "UTC", as_of: iso(end), requests_since: iso(from), bucket: "hour" },
    ...{ source: "rollups", rounded: false },
    groups: Array.from({ length: SERIES }, (_, part) =>
      part === SERIES - 1
        ? { kind: "other", value: null, name: null }
        : { kind: "value", value: `model-${part}`, name: `model-${part}` },
    ),
    data: Array.from({ length: BUCKETS }, (_, bucket) => ({
      ...{ from: iso(from + bucket * HOUR_MS), to: iso(from + (bucket + 1) * HOUR_MS), complete: true, requests: 7 },
      ...{ errors: 0, error_rate: 0, estimated: 0, tokens, cost_nano: 1e8, cost_usd: "0.1", list_cost_nano: 1e8 },
      ...{
        list_cost_usd: "0.1",
        cache_share: 0,
        duration_ms_average: 9,
        latency: null,
        parts: { cost: parts(bucket) },
      },
    })),
  });
};

/** Draws 400 × 7 anew, and follows the pointer over it: script and layout together. */
export async function measureChart({ fresh, site }: Stage): Promise<Figure[]> {
  site.standIn(course);
  const context = await fresh({ reducedMotion: "reduce" });
  const page = await context.newPage();
  try {
    await page.goto(`${site.origin}/usage?from=-7d&group=model`);
    await page.getByRole("slider").waitFor();
    // What draws the table is read when the page is idle.
    await page.waitForTimeout(3_000);
    const told = await page.evaluate(async (rounds) => {
      const picture = () => new Promise(requestAnimationFrame);
      const button = [...document.querySelectorAll("figure button")].find(({ textContent }) =>
        /table/i.test(textContent ?? ""),
      );
      const paths = document.querySelectorAll("svg.chart path").length;
      const [draws, hovers]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        (button as HTMLElement).click();
        for (let frame = 0; frame < 10; frame++) await picture();
        // What is measured is the chart, not that a table of as many cells goes.
        document.querySelector("figure tbody")?.replaceChildren();
        document.body.getBoundingClientRect();
        await picture();
        const before = performance.now();
        (button as HTMLElement).click();
        document.body.getBoundingClientRect();
        draws.push(performance.now() - before);
        await picture();
      }
      const chart = document.querySelector('[role="slider"]') as HTMLElement;
      const { left, top, width, height } = chart.getBoundingClientRect();
      for (let step = 0; step < 40; step++) {
        const before = performance.now();
        chart.dispatchEvent(
          new PointerEvent("pointermove", {
            ...{
              bubbles: true,
              pointerType: "mouse",
              clientX: left + 80 + (step / 40) * (width - 260),
              clientY: top + height / 2,
            },
          }),
        );
        document.body.getBoundingClientRect();
        hovers.push(performance.now() - before);
        await picture();
      }
      return { draws, hovers, paths, hasTooltip: document.querySelectorAll("svg.chart path.stroke-ink").length > 0 };
    }, ROUNDS);
    if (!told.hasTooltip) throw new Error("the chart did not follow the pointer");
    return [
      timing(`chart of 400 × 7, drawn (${told.paths} paths)`, median(told.draws), 8),
      timing("the same, one step of the pointer", median(told.hovers), 4),
    ];
  } finally {
    site.standIn(null);
    await context.close();
  }
}
