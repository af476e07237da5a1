import type { Locator } from "playwright-core";
import { expect } from "vitest";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { useDashboard } from "../browser.ts";
import { cellUnder, expectWritten, ownBranch } from "./branch.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

const MINUTE = 60_000;
const ZONES = ["UTC", "Asia/Shanghai", "America/St_Johns"];
/** Newfoundland put its clocks back on 1 November 2026: a day of 25 hours that begins and ends at half past. */
const [FIRST, LAST] = ["2026-10-30", "2026-11-03"];
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
  await walk.go(`/usage?tab=breakdown&sub=key&org=${branch.id}`);

  for (const zone of ZONES) {
    const [begin, end] = [beginOf(FIRST, zone), beginOf("2026-11-04", zone)];
    const within = events.filter(({ startedAt = 0 }) => startedAt >= begin && startedAt < end);
    const sum = (of: readonly Partial<UsageEvent>[]) => of.reduce((all, { costNano = 0 }) => all + BigInt(costNano), 0n);
    await walk.choose(page.getByLabel("Days of"), zone);
    // The period is written once more, since other days are meant.
    const chosen = page.getByRole("button", { name: /2026/ });
    if (zone === ZONES[0]) await walk.choose(page.getByLabel("Period"), "Chosen dates…");
    else await walk.press(chosen);
    await walk.fillMoment(page.getByLabel("From"), `${FIRST}T00:00`);
    await walk.fillMoment(page.getByLabel("Until"), "2026-11-04T00:00");
    await walk.press(page.getByRole("button", { name: "Show", exact: true }));
    await expect
      .poll(() => ["from", "to"].map((name) => new URL(page.url()).searchParams.get(name)))
      .toEqual([begin, end].map((at) => new Date(at).toISOString()));

    // Models, and the keys of each, add up: exactly, and to the cent that is shown.
    const table = page.getByRole("table", { name: "Spend" });
    const total = await cellUnder(table, table.locator("tfoot tr"), "Spend");
    await expect.poll(() => exactSum(total)).toBe(sum(within));
    expectWritten(await total.innerText(), Number(sum(within)) / 1e9);
    const groups = table.locator("tbody tr:has(button[aria-expanded])");
    expect(await exactSum(await cellUnder(table, groups, "Spend"))).toBe(sum(within));
    expect(await exactSum(await cellUnder(table, table.locator("tbody tr"), "Spend"))).toBe(2n * sum(within));
    // What has no price has none in its parts either.
    const unpriced = await cellUnder(table, groups.filter({ hasText: UNPRICED }), "Spend");
    expect(await unpriced.innerText()).toBe("no price");
    expect(await table.getByText("no price").count()).toBe(3);

    // Its days are the zone's own.
    await walk.press(page.getByRole("tab", { name: "Trend" }));
    await walk.press(page.getByRole("button", { name: "Show as table" }));
    const twin = page.getByRole("region", { name: "Spend", exact: true });
    await expect.poll(() => twin.locator("tbody tr").count()).toBe(5);
    const days = await (await cellUnder(twin, twin.locator("tbody tr"), "Total")).allInnerTexts();
    for (const [back, text] of days.entries()) {
      const date = dateOf(Date.parse(`${LAST}T12:00Z`) - back * 24 * 60 * MINUTE, "UTC");
      expectWritten(text, Number(sum(within.filter(({ startedAt = 0 }) => dateOf(startedAt, zone) === date))) / 1e9);
    }
    await walk.press(page.getByRole("tab", { name: "Breakdown" }));
    await total.waitFor();
  }
  await walk.stop();

  // What has no value is told, so that the rest is no riddle.
  await walk.choose(page.getByRole("combobox", { name: "In parts", exact: true }), "by client");
  const clients = page.getByRole("table", { name: "Spend" });
  await clients.getByRole("row", { name: /^unattributed/i }).waitFor();
  const parts = await cellUnder(clients, clients.locator("tbody tr:has(button[aria-expanded])"), "Spend");
  const whole = await cellUnder(clients, clients.locator("tfoot tr"), "Spend");
  await expect.poll(() => parts.count()).toBe(2);
  expect(await exactSum(parts)).toBe(await exactSum(whole));
  await walk.stop();
});
