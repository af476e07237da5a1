import type { Figure } from "./figure.ts";
import type { Stage } from "./stage.ts";

const CYCLES = 50;
/** Before the count begins: what pages keep of the API's answers is there then, and what V8 makes of functions that are often called. */
const WARM = 20;
const ROUND = ["/logs", "/usage", "/keys", "/models", "/"];

/** Fifty times through five pages: what is left of them in memory. */
export async function measureHeap({ fresh, site }: Stage): Promise<Figure[]> {
  const context = await fresh({ reducedMotion: "reduce" });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const used = async () => {
    await session.send("HeapProfiler.collectGarbage");
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  await page.goto(`${site.origin}/`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  const round = async () => {
    for (const path of ROUND) {
      await page.locator(path === "/" ? 'nav a[href="/"]' : `nav a[href^="${path}"]`).click();
      // True, not the heading itself: a handle to it would keep the whole page.
      await page.waitForFunction(
        (wanted) => location.pathname === wanted && document.querySelector("h1") !== null,
        path,
      );
      await page.waitForTimeout(120);
    }
  };
  for (let cycle = 0; cycle < WARM; cycle++) await round();
  const before = await used();
  for (let cycle = 0; cycle < CYCLES; cycle++) await round();
  const after = await used();
  await context.close();
  return [
    {
      name: `heap after ${CYCLES} rounds of five pages (${(after / 1e6).toFixed(1)} MB)`,
      measured: (after / before - 1) * 100,
      target: 5,
      unit: "%",
      isGate: true,
    },
  ];
}
