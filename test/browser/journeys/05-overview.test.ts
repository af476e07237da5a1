import { expect } from "vitest";
import { useDashboard } from "../browser.ts";
import { admin, cellUnder, expectWritten, ownBranch } from "./branch.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

interface Sums {
  requests: number;
  errors: number;
  error_rate: number;
  cost_usd: string;
  tokens: { total: number };
  latency: { duration_ms: { p95: number } };
  cache_share: number;
}
const HALF_DAY = 12 * 3_600_000;

journey(dashboard, 5, "the overview's figures, of a branch and a week, and what is behind one", "/", async (walk) => {
  const { page, ready } = walk;
  const branch = await ownBranch(walk, "figures");
  // Every half day of a week, and half as dear in the week before.
  await branch.record(
    Array.from({ length: 28 }, (_, step) => ({
      startedAt: Date.now() - HALF_DAY / 2 - step * HALF_DAY,
      costNano: step < 14 ? 123_456_789 + step * 1_000_001 : 61_000_003,
      upstreamModel: step % 3 === 0 ? "gpt-6-mini" : "gpt-6.1-sol",
      durationMs: 500 + 137 * step,
      inputUncached: 1_000 * (step + 1),
      ...(step % 6 === 0 ? { outcome: "provider_error" as const, status: 502, output: 0 } : {}),
    })),
  );
  await walk.reload();
  const address = () => new URL(page.url()).searchParams;
  const figure = (name: string) => page.getByRole("link", { name: new RegExp(`^${name} `) });

  await walk.choose(page.getByLabel("Organization"), branch.name);
  await walk.choose(page.getByLabel("Period"), "Last 7 days");
  await walk.choose(page.getByLabel("Compare"), "with nothing");
  await expect.poll(() => Object.fromEntries(address())).toEqual({ org: branch.id, from: "-7d", cmp: "off" });
  const now = await admin<Sums>(ready, `/api/stats/summary?organization=${branch.id}&from=-7d`);
  expect(now.requests).toBe(14);
  await page.getByRole("link", { name: /^Requests 14$/ }).waitFor();
  await walk.reload();
  await page.getByRole("link", { name: /^Requests 14$/ }).waitFor();
  await walk.stop();

  await walk.choose(page.getByLabel("Compare"), "with the period before");
  const { previous } = await admin<{ previous: Sums }>(
    ready,
    `/api/stats/summary?organization=${branch.id}&from=-7d&compare=previous`,
  );
  const FIGURES = {
    Spend: ["cost", ({ cost_usd }) => Number(cost_usd), "relative"],
    Requests: ["requests", ({ requests }) => requests, "relative"],
    Tokens: ["tokens", ({ tokens }) => tokens.total, "relative"],
    "Error rate": ["error_rate", (sums) => sums.error_rate, "points"],
    "p95 latency": ["latency", ({ latency }) => latency.duration_ms.p95, "relative"],
    "Cache share": ["cache_share", (sums) => sums.cache_share, "points"],
  } as const satisfies Record<string, readonly [string, (sums: Sums) => number, "relative" | "points"]>;
  const expectFigures = async () => {
    for (const [name, [metric, of, as]] of Object.entries(FIGURES)) {
      const link = figure(name);
      await link.getByText("against").waitFor();
      const [, value, change] = await link.locator(":scope > span").allInnerTexts();
      expectWritten(value ?? "", of(now));
      expectWritten(change ?? "", (of(now) - of(previous)) / (as === "points" ? 1 : of(previous)));
      const { searchParams, pathname } = new URL((await link.getAttribute("href")) ?? "", page.url());
      expect(pathname).toBe("/usage");
      expect(Object.fromEntries(searchParams)).toEqual({
        ...{ org: branch.id, from: "-7d" },
        ...(metric === "cost" ? {} : { metric }),
      });
    }
  };
  await expectFigures();
  await walk.reload();
  await expectFigures();
  await walk.stop();

  // The same, told over time and in parts.
  await walk.press(figure("Error rate"));
  await page.waitForURL(({ pathname }) => pathname === "/usage");
  expect(Object.fromEntries(address())).toEqual({ org: branch.id, from: "-7d", metric: "error_rate" });
  const ranking = page.getByRole("table", { name: "Error rate" });
  const total = await cellUnder(ranking, ranking.locator("tfoot tr"), "Error rate");
  expectWritten(await total.innerText(), now.error_rate);
  expect(await page.getByLabel("Organization").inputValue()).toBe(branch.id);
  expect(await page.getByLabel("Period").inputValue()).toBe("-7d");
  await walk.stop();
});
