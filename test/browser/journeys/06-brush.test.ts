import { expect } from "vitest";
import { useDashboard } from "../browser.ts";
import { admin, cellUnder, ownBranch } from "./branch.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

const HOUR = 3_600_000;
/** Eight hours ahead of UTC all the year: its days begin at 16:00 UTC. */
const ZONE = "Asia/Shanghai";
const AHEAD = 8 * HOUR;

journey(dashboard, 6, "a span of a chart: by dragging, by Shift and arrows, and by dates", "/start", async (walk) => {
  const { page, ready } = walk;
  const branch = await ownBranch(walk, "span");
  await branch.record(
    Array.from({ length: 28 }, (_, step) => ({
      startedAt: Date.now() - 3 * HOUR - step * 6 * HOUR,
      costNano: 1_000_003 * (step + 1),
      upstreamModel: step % 3 === 0 ? "gpt-6-mini" : "gpt-6.1-sol",
    })),
  );
  await walk.go(`/usage?org=${branch.id}&tz=${ZONE}&from=-7d&metric=requests`);
  const chart = page.getByRole("slider", { name: "Requests" });
  await chart.waitFor();
  await walk.stop();
  const address = () => new URL(page.url()).searchParams;
  const whole = address().toString();
  /** The second and third day before today, by the zone's clocks. */
  const today = Math.floor((Date.now() + AHEAD) / (24 * HOUR)) * 24 * HOUR - AHEAD;
  const [from, to] = [today - 3 * 24 * HOUR, today - 24 * HOUR].map((at) => new Date(at).toISOString());
  const expectSpan = async () => {
    await expect.poll(() => [address().get("from"), address().get("to")]).toEqual([from, to]);
    const query = new URLSearchParams({ organization: branch.id, from: `${from}`, to: `${to}`, tz: ZONE });
    const { requests } = await admin<{ requests: number }>(ready, `/api/stats/summary?${query}`);
    expect(requests).toBe(8);
    const ranking = page.getByRole("table", { name: "Requests" });
    const total = await cellUnder(ranking, ranking.locator("tfoot tr"), "Requests");
    await expect.poll(() => total.innerText()).toBe(String(requests));
  };
  /** The chart's twin, whose rows add up to the same. */
  const expectTwin = async () => {
    await walk.press(page.getByRole("button", { name: "Show as table" }));
    const twin = page.getByRole("region", { name: "Requests", exact: true });
    await expect.poll(() => twin.locator("tbody tr").count()).toBe(48);
    const columns = await twin.locator("thead th").allInnerTexts();
    const totals = await twin.locator(`tbody tr > :nth-child(${columns.indexOf("Total") + 1})`).allInnerTexts();
    expect(totals.reduce((sum, total) => sum + Number(total), 0)).toBe(8);
    await walk.stop();
    await walk.press(page.getByRole("button", { name: "Show as chart" }));
    await chart.waitFor();
  };

  if (walk.way.input === "mouse") {
    const box = await chart.boundingBox();
    if (!box) throw new Error("the chart has no place");
    const buckets = Number(await chart.getAttribute("aria-valuemax")) + 1;
    const { left, width } = await chart.evaluate((element) => {
      const line = element.querySelector("svg path")?.getBoundingClientRect();
      return { left: line?.left ?? 0, width: line?.width ?? 0 };
    });
    const middle = (bucket: number) => [left + ((bucket + 0.5) / buckets) * width, box.y + 90] as const;
    await page.mouse.move(...middle(buckets - 4));
    await page.mouse.down();
    await page.mouse.move(...middle(buckets - 3), { steps: 3 });
    await walk.picture("dragging");
    await page.mouse.up();
  } else {
    await walk.focus(chart);
    await walk.keys("End ArrowLeft ArrowLeft Shift+ArrowLeft");
    expect(await chart.getAttribute("aria-valuetext")).toMatch(/^From .+ to .+/);
    await walk.picture("choosing");
    await walk.keys("Enter");
  }
  await expectSpan();
  await walk.stop();
  await walk.keys("Escape");
  await expect.poll(() => address().toString()).toBe(whole);

  // The same without a pointer that drags, by the zone's clocks.
  await walk.choose(page.getByLabel("Period"), "Chosen dates…");
  await walk.fillMoment(page.getByLabel("From"), fieldOf(from));
  await walk.fillMoment(page.getByLabel("Until"), fieldOf(to));
  await walk.stop();
  await walk.press(page.getByRole("button", { name: "Show", exact: true }));
  await expectSpan();
  await walk.reload();
  await expectSpan();
  await expectTwin();
  await walk.focus(chart);
  await walk.keys("Escape");
  await expect.poll(() => [address().get("from"), address().get("to")]).toEqual([null, null]);
  await chart.waitFor();
});

const fieldOf = (iso: string | undefined) => new Date(Date.parse(`${iso}`) + AHEAD).toISOString().slice(0, 16);
