import type { Page } from "playwright-core";
import { expect } from "vitest";
import { awaitRow, getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey, type Walk } from "./walk.ts";

const dashboard = useDashboard();

const GPT = "openai/gpt-6.1-sol";
const CLAUDE = "anthropic/claude-sonnet-5-5";
const MANY = 100_000;
const A_PAGE = 10_000;

journey(dashboard, 9, "a hundred thousand requests, narrowed, kept and opened elsewhere", "/me", async (walk) => {
  const { page } = walk;
  await scrollToTheEnd(walk);

  const { ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}` };
  const tag = walk.name("size");
  const ids: string[] = [];
  for (const model of [GPT, GPT, CLAUDE, `${GPT}+status-400`, `${CLAUDE}+status-400`])
    ids.push(await ask(walk, model, tag));
  for (const id of ids) await awaitRow(ready.router, admin, id);
  const known = <T>(of: string, query: string) =>
    getJson<T>(ready.router, `/api/requests${of}?tag=name:${tag}&${query}`, admin);

  /** List, count, bars and rail say the same, and it is what the API says. */
  const expectInStep = async (query: string, rows: readonly string[]) => {
    await expect.poll(() => rowsOf(page)).toEqual([...rows].reverse());
    const { count } = await known<{ count: number }>("/count", query);
    expect(count).toBe(rows.length);
    const words = count === 1 ? "1 request" : `${count} requests`;
    await page.getByRole("status").getByText(words, { exact: true }).waitFor();
    const { data } = await known<{ data: { requests: number; errors: number }[] }>("/histogram", `${query}&bars=96`);
    const sum = (of: "requests" | "errors") => data.reduce((all, bar) => all + bar[of], 0);
    expect(sum("requests")).toBe(count);
    await page.getByText(`${words}, ${sum("errors")} failed`, { exact: true }).waitFor();
    const facets = await known<{ data: Record<string, { values: { value: string; count: number }[] }> }>(
      "/facets",
      `${query}&fields=model,status`,
    );
    const counted = Object.values(facets.data).flatMap(({ values }) => values);
    await withRail(walk, async () => {
      for (const { value, count } of counted)
        await page.getByRole("checkbox", { name: `${value} ${count}`, exact: true }).waitFor();
    });
  };

  await walk.go(`/logs?tag=name:${tag}`);
  await expectInStep("", ids);
  await walk.stop();

  // By a token that is typed; one that says nothing is told so, and stays to be mended.
  const filter = page.getByRole("combobox", { name: "Filter requests" });
  if (walk.way.input === "keyboard") {
    await walk.keys("/");
    await walk.focused(filter);
    await page.keyboard.insertText("latency:5s");
  } else await walk.fill(filter, "latency:5s");
  await walk.keys("Enter");
  await page.getByRole("alert").getByText("A duration with its direction").waitFor();
  await walk.fill(filter, "status:>=400");
  await walk.keys("Enter");
  await page.getByRole("button", { name: "Remove status:5xx" }).waitFor();
  expect(new URL(page.url()).searchParams.getAll("status")).toEqual(["4xx", "5xx"]);
  await expectInStep("status=4xx&status=5xx", ids.slice(3));

  // By what the rail counts.
  const failed = `${GPT}+status-400`;
  await withRail(walk, () => walk.press(page.getByRole("checkbox", { name: `${failed} 1`, exact: true })));
  await page.getByRole("button", { name: `Remove model:${failed}` }).waitFor();
  expect(new URL(page.url()).searchParams.getAll("model")).toEqual([failed]);
  await expectInStep(`status=4xx&status=5xx&model=${encodeURIComponent(failed)}`, ids.slice(3, 4));
  await walk.stop();

  // Kept under a name; its link shows the same to whoever opens it.
  await walk.press(page.getByRole("button", { name: "Saved views" }));
  const views = page.getByRole("dialog", { name: "Saved views" });
  await walk.fill(views.getByLabel("Name of what you see now"), tag);
  await walk.press(views.getByRole("button", { name: "Save this view" }));
  const link = views.getByRole("link", { name: tag });
  await link.waitFor();
  await walk.stop();
  const href = (await link.getAttribute("href")) ?? "";
  await walk.press(page.getByRole("button", { name: "Close" }));
  await views.waitFor({ state: "detached" });
  const elsewhere = await dashboard.openSignedIn(href, {
    viewport: page.viewportSize(),
    colorScheme: walk.way.theme,
  });
  await elsewhere.page.locator(`[data-row="${ids[3]}"]`).waitFor();
  await expect.poll(() => screenOf(elsewhere.page)).toEqual(await screenOf(page));
  await elsewhere.page.context().close();

  // Read anew it is the same, and Back takes off what was put on last.
  const before = await screenOf(page);
  await walk.reload();
  await expect.poll(() => screenOf(page)).toEqual(before);
  await page.goBack();
  await expectInStep("status=4xx&status=5xx", ids.slice(3));
});

/** The list of very many, stubbed for its size: the end is reached, few rows are in the page, and none is asked for twice. */
async function scrollToTheEnd(walk: Walk): Promise<void> {
  const { page } = walk;
  const given: number[] = [];
  await page.route(/\/api\/requests\?/, (route) => {
    const at = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    given.push(at);
    const data = Array.from({ length: A_PAGE }, (_, index) => row(at + index));
    const next = at + A_PAGE < MANY ? String(at + A_PAGE) : null;
    return route.fulfill({ json: { data, next_cursor: next, as_of: new Date().toISOString() } });
  });
  await walk.go("/logs");
  const at = (index: number) => page.locator(`[data-row="${row(index).id}"]`);
  await at(0).waitFor();
  const table = page.getByRole("table", { name: "Logs" });
  let most = 0;
  const look = async () => {
    most = Math.max(most, await page.locator("[data-row]").count());
  };
  await look();
  await walk.stop();

  if (walk.way.input === "mouse") {
    await table.hover();
    await page.mouse.wheel(0, 2_000);
    await expect.poll(() => table.evaluate((element) => element.scrollTop)).toBeGreaterThan(1_900);
    await look();
  } else {
    await walk.keys("j j j k");
    await expect.poll(() => focusedRow(page)).toBe(row(1).id);
    await walk.keys("PageDown PageDown PageUp");
    await expect.poll(() => table.evaluate((element) => element.scrollTop)).toBeGreaterThan(300);
    await look();
  }
  const down = () => (walk.way.input === "mouse" ? page.mouse.wheel(0, 10_000_000) : page.keyboard.press("End"));
  await expect
    .poll(
      async () => {
        await down();
        await look();
        return at(MANY - 1).count();
      },
      { timeout: 60_000 },
    )
    .toBe(1);
  await at(MANY - 1)
    .getByRole("button")
    .waitFor();
  expect(
    await at(MANY - 1)
      .locator("..")
      .getAttribute("aria-rowindex"),
  ).toBe(String(MANY + 1));
  expect(most).toBeLessThanOrEqual(60);
  expect(given).toEqual(Array.from({ length: MANY / A_PAGE }, (_, index) => index * A_PAGE));
  // The row that has the focus is still in the page: the next key goes on from it.
  if (walk.way.input === "keyboard") {
    expect(await focusedRow(page)).toBe(row(1).id);
    await walk.keys("j");
    await expect.poll(() => focusedRow(page)).toBe(row(2).id);
    await expect.poll(() => at(2).isVisible()).toBe(true);
  }
  await walk.stop();
  await page.unroute(/\/api\/requests\?/);
}

const row = (index: number) => ({
  ...{ id: `01M8${String(index).padStart(22, "0")}`, created_at: new Date(1_795_600_000_000 - index).toISOString() },
  ...{ status: 200, outcome: "ok", attempts: 1, requested_model: GPT, provider: "openai", simulated: true },
  ...{ key_id: "key_a", key_name: "a", cost_usd: "0", price_version: "1", exact: true, duration_ms: 1, ttft_ms: 1 },
  tokens: { input_uncached: 1, cache_read: 0, cache_write: 0, output: 1, reasoning: 0 },
});

const rowsOf = (page: Page) =>
  page.locator("[data-row]").evaluateAll((all) => all.map((one) => one.getAttribute("data-row")));
const focusedRow = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest("[data-row]")?.getAttribute("data-row"));

/** What a screen says, but for the moments at which it was asked; of a list to choose from, what is chosen: others make organizations meanwhile. */
const screenOf = async (page: Page) => {
  const chosen = await page
    .locator("main select")
    .evaluateAll((all) => all.map((one) => (one as HTMLSelectElement).selectedOptions[0]?.label));
  const options = await page.locator("main option").evaluateAll((all) => all.map((one) => one.textContent));
  const lines = (await page.locator("main").innerText()).replaceAll(/\d\d:\d\d(?::\d\d)?(?!\.\d|:)/g, "…").split("\n");
  return [chosen, lines.filter((line) => !options.includes(line))];
};

/** Beside the list where there is room, else in a drawer that is opened and closed again. */
async function withRail(walk: Walk, act: () => Promise<void>): Promise<void> {
  const { page } = walk;
  if (walk.way.width === 1440) return act();
  await walk.press(page.getByRole("button", { name: "Narrow by…" }));
  const drawer = page.getByRole("dialog", { name: "Narrow by" });
  await drawer.waitFor();
  await act();
  await walk.press(drawer.getByRole("button", { name: "Close" }));
  await drawer.waitFor({ state: "detached" });
}

async function ask({ ready }: Walk, model: string, tag: string): Promise<string> {
  const response = await fetch(`${ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: {
      ...{ authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
      "x-gaia-tags": `name=${tag}`,
    },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}
