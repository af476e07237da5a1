import type { BrowserContext, Page } from "playwright-core";

/** What a page saw of itself, in milliseconds since its navigation began. */
export interface Seen {
  lcp: number;
  fcp: number;
  /** When what was waited for was on the screen; 0: not yet. */
  data: number;
  cls: number;
  /** What moved, for those who look for why. */
  shifts: string[];
  longTasks: { start: number; duration: number }[];
  /** The slowest answers to the hand: from the input to the next picture. */
  interactions: number[];
}

interface Watching extends Window {
  seen: Seen;
}

/** Watches every page of a profile from its start; `selector` is what its first data are known by. */
export async function watchPages(context: BrowserContext, selector: string): Promise<void> {
  await context.addInitScript((wanted) => {
    const seen: Seen = { lcp: 0, fcp: 0, data: 0, cls: 0, shifts: [], longTasks: [], interactions: [] };
    (window as unknown as Watching).seen = seen;
    const observe = (type: string, take: (entry: PerformanceEntry) => void, more: object = {}) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
    observe("largest-contentful-paint", ({ startTime }) => {
      seen.lcp = startTime;
    });
    observe("paint", ({ name, startTime }) => {
      if (name === "first-contentful-paint") seen.fcp = startTime;
    });
    observe("layout-shift", (entry) => {
      const shift = entry as PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
        sources?: { node?: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
      };
      if (shift.hadRecentInput) return;
      seen.cls += shift.value;
      for (const { node, previousRect, currentRect } of shift.sources ?? []) {
        const element = node instanceof Element ? node : node?.parentElement;
        const rect = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map(Math.round).join(" ");
        seen.shifts.push(
          `${shift.value.toFixed(4)} ${element?.tagName ?? ""} ${(element?.textContent ?? "").slice(0, 30)} ${rect(previousRect)} → ${rect(currentRect)}`,
        );
      }
    });
    observe("longtask", ({ startTime, duration }) => seen.longTasks.push({ start: startTime, duration }));
    observe(
      "event",
      (entry) => {
        if ((entry as PerformanceEventTiming & { interactionId?: number }).interactionId)
          seen.interactions.push(entry.duration);
      },
      { durationThreshold: 16 },
    );
    const look = () => {
      if (document.querySelector(wanted)) {
        // On the screen with the picture after this one.
        requestAnimationFrame(() => {
          seen.data = performance.now();
        });
      } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, selector);
}

export const seenBy = (page: Page): Promise<Seen> => page.evaluate(() => (window as unknown as Watching).seen);
