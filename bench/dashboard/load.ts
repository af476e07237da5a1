import { median } from "../statistics.ts";
import { type Figure, timing } from "./figure.ts";
import type { Site } from "./site.ts";
import { emulate, type Profile, type Stage } from "./stage.ts";
import { type Seen, seenBy, watchPages } from "./watch.ts";

const ROUNDS = 5;
const AFTER_MS = 1_500;

/** First visits of a page with nothing in the browser's cache. */
async function visits(stage: Stage, site: Site, profile: Profile, selector: string): Promise<Seen[]> {
  const all: Seen[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const context = await stage.fresh({ reducedMotion: "reduce" });
    await watchPages(context, selector);
    const page = await context.newPage();
    await emulate(page, profile);
    await page.goto(`${site.origin}/`);
    await page.waitForFunction(() => (window as unknown as { seen: Seen }).seen.data > 0);
    await page.waitForTimeout(AFTER_MS);
    // The first has the API's answers read into memory.
    if (round > 0) all.push(await seenBy(page));
    await context.close();
  }
  return all;
}

/** What of a long task is more than 50 ms holds up whoever wants something meanwhile. */
const blocked = ({ fcp, longTasks }: Seen): number =>
  longTasks.filter(({ start }) => start >= fcp).reduce((all, { duration }) => all + duration - 50, 0);
const longest = ({ longTasks }: Seen): number => Math.max(0, ...longTasks.map(({ duration }) => duration));

const TARGETS = { D: { lcp: 500, data: 600 }, S: { lcp: 1_300, data: undefined } } as const;

/** The first page of somebody who comes for the first time, against its floor in the same run. */
export async function measureLoad(stage: Stage): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const profile of ["D", "S"] as const) {
    const own = await visits(stage, stage.site, profile, "main li .text-figure");
    const floor = await visits(stage, stage.floor, profile, "main .text-figure");
    const both = (of: (seen: Seen) => number): [number, number] => [median(own.map(of)), median(floor.map(of))];
    const [lcp, lcpFloor] = both((seen) => seen.lcp);
    const [data, dataFloor] = both((seen) => seen.data);
    figures.push(timing(`largest picture, ${profile}`, lcp, TARGETS[profile].lcp, lcpFloor));
    figures.push({
      ...timing(`first data on the screen, ${profile}`, data, 600, dataFloor),
      ...(profile === "S" ? { target: undefined } : {}),
    } as Figure);
    if (profile === "S")
      figures.push(
        timing("blocked in all, S", ...([median(own.map(blocked)), 150, median(floor.map(blocked))] as const)),
      );
    else
      figures.push(timing("longest task, D", ...([median(own.map(longest)), 50, median(floor.map(longest))] as const)));
  }
  return figures;
}
