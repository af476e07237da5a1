import type { Page } from "playwright-core";

/** How far apart a processor's samples are, in microseconds. */
const SAMPLE_US = 1_000;

interface Node {
  id: number;
  callFrame: { url: string };
  children?: number[];
}

/**
 * Samples what the page's script does, and answers when asked how many milliseconds of it went by within a file, what it called
 * included: of the whole time, and of its last quarter.
 */
export async function scriptTime(page: Page, file: RegExp): Promise<() => Promise<{ all: number; last: number }>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Profiler.enable");
  await session.send("Profiler.setSamplingInterval", { interval: SAMPLE_US });
  await session.send("Profiler.start");
  return async () => {
    const { profile } = await session.send("Profiler.stop");
    const within = nodesWithin(profile.nodes, file);
    const { startTime, endTime, samples = [], timeDeltas = [] } = profile;
    const lastBegins = startTime + (endTime - startTime) * 0.75;
    let [at, all, last] = [startTime, 0, 0];
    for (const [index, node] of samples.entries()) {
      at += timeDeltas[index] ?? 0;
      if (!within.has(node)) continue;
      // A sample stands for its own interval, however late it was taken on a busy machine.
      all += SAMPLE_US / 1_000;
      if (at >= lastBegins) last += SAMPLE_US / 1_000;
    }
    return { all, last };
  };
}

/** The functions of a file, and all that was called from them. */
function nodesWithin(nodes: readonly Node[], file: RegExp): Set<number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const within = new Set<number>();
  const add = (id: number): void => {
    if (within.has(id)) return;
    within.add(id);
    for (const child of byId.get(id)?.children ?? []) add(child);
  };
  for (const { id, callFrame } of nodes) if (file.test(callFrame.url)) add(id);
  return within;
}
