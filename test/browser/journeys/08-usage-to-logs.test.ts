import { expect } from "vitest";
import { useDashboard } from "../browser.ts";
import { admin, cellUnder, ownBranch } from "./branch.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

const HOUR = 3_600_000;

journey(dashboard, 8, "from a bar of usage to the requests behind it", "/start", async (walk) => {
  const { page, ready } = walk;
  const branch = await ownBranch(walk, "bars");
  const keys = [await branch.key("first"), await branch.key("second")];
  await branch.record(
    Array.from({ length: 60 }, (_, step) => ({
      startedAt: Date.now() - HOUR - step * 3 * HOUR,
      keyId: `${keys[step % 4 === 0 ? 1 : 0]?.id}`,
      upstreamModel: step % 3 === 0 ? "gpt-6-mini" : "gpt-6.1-sol",
      ...(step % 2 === 0 ? { tags: { team: "search" } } : {}),
      ...(step % 5 === 0 ? { outcome: "provider_error" as const, status: 502 } : {}),
    })),
  );
  const from = new Date(Date.now() - 90.5 * HOUR).toISOString();
  const to = new Date(Date.now() - 2 * HOUR).toISOString();
  const scope = { org: branch.id, from, to, tz: "Asia/Shanghai", tag: "team:search" };
  await walk.go(`/usage?${new URLSearchParams({ ...scope, tab: "breakdown", metric: "requests", sub: "key" })}`);
  const address = () => Object.fromEntries(new URL(page.url()).searchParams);
  /** The requests that the log has, by its own count and the API's. */
  const expectCount = async (shown: string, narrow: Record<string, string>) => {
    await page.waitForURL(({ pathname }) => pathname === "/logs");
    expect(address()).toEqual({ ...scope, ...narrow });
    const { org, ...others } = { ...scope, ...narrow };
    const query = new URLSearchParams({ organization: org, ...others });
    const { count } = await admin<{ count: number }>(ready, `/api/requests/count?${query}`);
    expect(String(count)).toBe(shown);
    await page.getByText(`${shown} requests`, { exact: true }).waitFor();
  };
  const table = page.getByRole("table", { name: "Requests" });
  const row = table.getByRole("row", { name: /gpt-6\.1-sol/ });

  // A model's bar.
  const [model = ""] = await (await cellUnder(table, row, "Requests")).allInnerTexts();
  expect(Number(model)).toBeGreaterThan(5);
  await walk.stop();
  await walk.press(row.getByRole("link"));
  await expectCount(model, { model: "openai/gpt-6.1-sol" });
  await walk.stop();
  await walk.reload();
  await expectCount(model, { model: "openai/gpt-6.1-sol" });
  await page.goBack();

  // One of a key within it.
  const below = table.locator("tbody tr:not(:has(button[aria-expanded]))").filter({ hasText: "second" }).first();
  const [key = ""] = await (await cellUnder(table, below, "Requests")).allInnerTexts();
  const group = table.locator("tbody tr:has(button[aria-expanded])").first();
  const first = (await group.getByRole("link").innerText()).trim();
  await walk.press(below.getByRole("link"));
  await expectCount(key, { model: first, key: `${keys[1]?.id}` });

  // What stands in the address by its id is called by its name, also where nothing was asked with it; one call tells all of them.
  const chosen = [keys[1], await branch.key("idle")];
  const search = new URLSearchParams({ ...scope, from: to, to: "" });
  for (const one of chosen) search.append("key", `${one?.id}`);
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/requests/facets")) asked++;
  });
  for (const [path, called] of [
    ["/usage", (name: string) => `Without Key ${name}`],
    ["/logs", (name: string) => `Remove key:${name}`],
  ] as const) {
    asked = 0;
    await walk.go(`${path}?${search}`);
    const chips = page.getByRole("list", { name: "Filters" });
    await chips.getByRole("button", { name: called("second"), exact: true }).waitFor();
    await chips.getByRole("button", { name: called("idle"), exact: true }).waitFor();
    expect(await chips.getByTitle(`${chosen[1]?.id}`).innerText()).toContain("idle");
    expect(asked).toBe(1);
    await walk.stop();
  }
});
