import type { Locator } from "playwright-core";
import { expect, vi } from "vitest";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { useDashboard } from "../browser.ts";
import { cellUnder, expectWritten, ownBranch } from "./branch.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

const MINUTE = 60_000;
/** What was asked for comes; a busy machine may take its time. */
const ARRIVES = { timeout: 15_000, interval: 100 };
/** Put its clocks back on 1 November 2026: a day of 25 hours that begins and ends at half past an hour of UTC. */
const HOME = "America/St_Johns";
const OTHERS = ["UTC", "Asia/Shanghai"];
const [FIRST, END] = ["2026-10-30", "2026-11-04"];
const UNPRICED = "openai/own-tune";

/** The date that a zone's clocks show. */
const dateOf = (at: number, timeZone: string) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(at);
/** When a date begins by a zone's clocks: the first minute that has it. */
function beginOf(date: string, timeZone: string): number {
  let at = Date.parse(`${date}T00:00Z`) - 15 * 60 * MINUTE;
  while (dateOf(at, timeZone) < date) at += 30 * MINUTE;
  return at;
}
/** What cells of money add up to, in nano-USD: each tells its every digit to whoever points at it. */
async function exactSum(cells: Locator): Promise<bigint> {
  const titles = await cells.locator("[title]").evaluateAll((all) => all.map((one) => one.getAttribute("title") ?? ""));
  return titles.reduce((sum, title) => {
    const [whole = "", rest = ""] = title.replace("$", "").split(".");
    return sum + BigInt(whole + rest.padEnd(9, "0"));
  }, 0n);
}

journey(dashboard, 7, "usage in parts adds up, by the days of three zones", "/start", async (walk) => {
  const { page } = walk;
  const branch = await ownBranch(walk, "sums");
  const keys = [await branch.key("first"), await branch.key("second")];
  const from = Date.parse("2026-10-29T00:00Z");
  const events = Array.from(
    { length: 170 },
    (_, step): Partial<UsageEvent> => ({
      startedAt: from + step * 53 * MINUTE,
      keyId: `${keys[step % 2]?.id}`,
      upstreamModel: ["gpt-6-mini", "gpt-6.1-sol", "own-tune"][step % 3] as string,
      costNano: step % 3 === 2 ? 0 : 87_654_321 + step * 1_234_567,
      client: step % 5 === 0 ? null : "openai-js/7.57.0",
    }),
  );
  await branch.record(events);
  const [begin, end] = [beginOf(FIRST, HOME), beginOf(END, HOME)];
  const within = events.filter(({ startedAt = 0 }) => startedAt >= begin && startedAt < end);
  const sum = (of: readonly Partial<UsageEvent>[]) => of.reduce((all, { costNano = 0 }) => all + BigInt(costNano), 0n);

  // Some days by Newfoundland's clocks: models, and the keys of each, add up to the nano-USD and to the cent that is shown.
  await walk.go(`/usage?tab=breakdown&sub=key&org=${branch.id}`);
  await walk.choose(page.getByLabel("Period"), "Chosen dates…");
  await walk.choose(page.getByLabel("Days of"), HOME);
  await walk.fillMoment(page.getByLabel("From"), `${FIRST}T00:00`);
  await walk.fillMoment(page.getByLabel("Until"), `${END}T00:00`);
  await walk.press(page.getByRole("button", { name: "Show", exact: true }));
  await expect
    .poll(() => ["from", "to"].map((name) => new URL(page.url()).searchParams.get(name)))
    .toEqual([begin, end].map((at) => new Date(at).toISOString()));
  const table = page.getByRole("table", { name: "Spend", exact: true });
  const total = await cellUnder(table, table.locator("tfoot tr"), "Spend");
  await expect.poll(() => exactSum(total)).toBe(sum(within));
  expectWritten(await total.innerText(), Number(sum(within)) / 1e9);
  const groups = table.locator("tbody tr:has(button[aria-expanded])");
  expect(await exactSum(await cellUnder(table, groups, "Spend"))).toBe(sum(within));
  expect(await exactSum(await cellUnder(table, table.locator("tbody tr"), "Spend"))).toBe(2n * sum(within));
  // What has no price has none in its parts either.
  const unpriced = await cellUnder(table, groups.filter({ hasText: UNPRICED }), "Spend");
  await expect.poll(() => unpriced.innerText()).toBe("no price");
  expect(await table.getByText("no price").count()).toBe(3);
  await walk.stop();

  // What has no value is told too, so that the rest is no riddle.
  await walk.choose(page.getByRole("combobox", { name: "In parts", exact: true }), "by client");
  await table.getByRole("row", { name: /unattributed/i }).waitFor();
  expect(await exactSum(await cellUnder(table, groups, "Spend"))).toBe(sum(within));

  // The same time by the days of each zone: they differ, what they add up to does not.
  await walk.press(page.getByRole("tab", { name: "Trend" }));
  await walk.press(page.getByRole("button", { name: "Show as table" }));
  const twin = page.getByRole("region", { name: "Spend", exact: true });
  const ranking = page.getByRole("table", { name: "Spend", exact: true });
  for (const zone of [HOME, ...OTHERS]) {
    if (zone !== HOME) await walk.choose(page.getByLabel("Days of"), zone);
    const dates = [...new Set(within.map(({ startedAt = 0 }) => dateOf(startedAt, zone)))].sort().reverse();
    const ofDate = (date: string) => within.filter(({ startedAt = 0 }) => dateOf(startedAt, zone) === date);
    const cells = await cellUnder(twin, twin.locator("tbody tr"), "Total");
    await vi.waitFor(async () => {
      const days = await cells.allInnerTexts();
      expect(days.length).toBe(dates.length);
      for (const [row, date] of dates.entries()) expectWritten(days[row] ?? "", Number(sum(ofDate(date))) / 1e9);
    }, ARRIVES);
    const whole = await cellUnder(ranking, ranking.locator("tfoot tr"), "Spend");
    expect(await exactSum(whole)).toBe(sum(within));
  }
  await walk.reload();
  await expect
    .poll(async () => exactSum(await cellUnder(ranking, ranking.locator("tfoot tr"), "Spend")))
    .toBe(sum(within));
  await walk.stop();
});
