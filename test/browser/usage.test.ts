import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { awaitRow } from "../support/stack.ts";
import { expectAccessible, expectNoSidewaysScroll, useDashboard } from "./browser.ts";

const dashboard = useDashboard();
const { ready } = dashboard;

/** What this file's requests carry, so that its figures are of them alone. */
const TAG = "file:usage";
const MODELS = ["openai/gpt-6.1-sol", "openai/gpt-6.1-sol", "anthropic/claude-haiku-4-5", "google/gemini-flash-latest"];
const UNPRICED = "google/gemini-flash-latest";

/** A whole answer from the router; resolves with the request's id. */
async function send(model: string): Promise<string> {
  const response = await fetch(`${ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: {
      ...{ authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
      "x-gaia-tags": TAG.replace(":", "="),
    },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}

beforeAll(async () => {
  const ids = await Promise.all(MODELS.map(send));
  const headers = { authorization: `Bearer ${ready.adminKey}` };
  for (const id of ids) await awaitRow(ready.router, headers, id);
});

/** What the API answers to whoever is signed in on a page. */
const ask = (page: Page, path: string): Promise<{ requests: number; total: { cost_usd: string } }> =>
  page.evaluate(async (url) => (await fetch(url)).json(), path);

const chart = (page: Page) => page.getByRole("slider");
const period = (page: Page) => {
  const { searchParams } = new URL(page.url());
  return { from: searchParams.get("from"), to: searchParams.get("to") };
};
const ranking = (page: Page) => page.getByRole("table", { name: "Spend" });

test("the overview's figures are the API's, each leads to its course, and a request that arrives is seen", async () => {
  const { page } = await dashboard.openSignedIn(`/?from=-24h&tag=${encodeURIComponent(TAG)}`);
  const summary = await ask(page, `/api/stats/summary?from=-24h&tag=${encodeURIComponent(TAG)}`);
  expect(summary.requests).toBe(MODELS.length);
  await page.getByRole("link", { name: `Requests ${MODELS.length}` }).waitFor();
  await page.getByRole("heading", { name: "Top movers" }).waitFor();
  await expectAccessible(page);

  const live = page.getByRole("table", { name: "Live requests" });
  const title = page.getByRole("heading", { name: "Live requests" });
  const feed = page.waitForResponse((response) => response.url().includes("/api/requests/live"));
  await title.scrollIntoViewIfNeeded();
  await feed;
  const id = await send("google/gemini-3.6-flash");
  const row = live.locator(`a[href="/logs?id=${id}"]`);
  await row.waitFor();
  // What came stays where it is while somebody looks at it.
  await live.hover();
  await page.getByText("paused while you read").waitFor();
  await send("google/gemini-3.6-flash");
  await page.getByText("1 new").waitFor();
  await page.mouse.move(0, 0);
  await page.getByText("1 new").waitFor({ state: "detached" });

  await page.getByRole("link", { name: /^Error rate/ }).click();
  await page.waitForURL(/\/usage\?/);
  const search = new URL(page.url()).searchParams;
  expect([search.get("metric"), search.get("from"), search.get("tag")]).toEqual(["error_rate", "-24h", TAG]);
  await page.getByRole("heading", { name: "Error rate over time" }).waitFor();
  await page.getByRole("button", { name: "Without Tag file:usage" }).click();
  await page.waitForURL((url) => !url.searchParams.has("tag"));
});

test("a span is chosen by the mouse and by the keyboard, the table shows the same, and there is a way back", async () => {
  const { page } = await dashboard.openSignedIn("/usage?from=-7d");
  await page.mouse.move(0, 0);
  const box = await chart(page).boundingBox();
  if (!box) throw new Error("the chart has no place");
  const at = (part: number) => [box.x + 60 + (box.width - 210) * part, box.y + 80] as const;
  await page.mouse.move(...at(0.4));
  await page.mouse.down();
  await page.mouse.move(...at(0.9), { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/[?&]to=/);
  const byMouse = period(page);
  await page.reload();
  expect(period(page)).toEqual(byMouse);
  await chart(page).waitFor();
  await page.goBack();
  await page.waitForURL((url) => !url.searchParams.has("to"));

  await chart(page).focus();
  await page.keyboard.press("End");
  for (let step = 0; step < 3; step++) await page.keyboard.press("Shift+ArrowLeft");
  expect(await chart(page).getAttribute("aria-valuetext")).toMatch(/^From .+ to .+/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/[?&]to=/);
  const { from, to } = period(page);
  const answer = await ask(page, `/api/stats/breakdown?group=model&from=${from}&to=${to}&top=6`);
  await expect
    .poll(async () => (await ranking(page).locator("tfoot tr").innerText()).replace(/\s+/g, " "))
    .toContain(`$${Number(answer.total.cost_usd).toFixed(5)}`);
  await page.getByRole("button", { name: "Show as table" }).click();
  const twin = page.getByRole("region", { name: "Spend", exact: true }).getByRole("row");
  await expect.poll(() => twin.count()).toBe(5);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Show as chart" }).click();
  await chart(page).focus();
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => !url.searchParams.has("to") && url.searchParams.get("from") === "-7d");
});

test("usage in parts adds up, says what has no price, leads to its requests, and goes into a file", async () => {
  const { page } = await dashboard.openSignedIn(
    `/usage?tab=breakdown&metric=requests&sub=key&tag=${encodeURIComponent(TAG)}`,
  );
  const table = page.getByRole("table", { name: "Requests" });
  await table.waitFor();
  const values = async (rows: string) =>
    (await table.locator(`${rows} td:nth-of-type(2)`).allInnerTexts()).map((text) => Number(text.replaceAll(",", "")));
  const [total = 0] = await values("tfoot tr");
  const groups = await values("tbody tr:has(button)");
  expect(groups.reduce((sum, value) => sum + value, 0)).toBe(total);
  expect((await values("tbody tr")).reduce((sum, value) => sum + value, 0)).toBe(2 * total);

  await page.getByRole("combobox", { name: "Figure" }).selectOption("Spend");
  await page.getByRole("row", { name: UNPRICED }).getByText("no price").waitFor();
  await expectAccessible(page);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("button", { name: "The table (CSV)" }).click();
  const file = await (await download).createReadStream();
  let text = "";
  for await (const piece of file) text += piece;
  expect(text).toMatch(/^kind,value,name,sub_kind,/);
  expect(text).toContain(`value,${UNPRICED},`);
  expect(text).toMatch(/\r\ntotal,/);

  await page.getByRole("link", { name: "openai/gpt-6.1-sol" }).click();
  await page.waitForURL(/\/logs\?/);
  const search = new URL(page.url()).searchParams;
  expect([search.get("model"), search.get("from"), search.get("tag")]).toEqual(["openai/gpt-6.1-sol", "-30d", TAG]);
});

test("a view is kept and opens again; a month is reported, and what it would have cost elsewhere", async () => {
  const { page } = await dashboard.openSignedIn(
    `/usage?tab=explore&group=provider&cum=on&tag=${encodeURIComponent(TAG)}`,
    { viewport: { width: 390, height: 844 } },
  );
  await page.getByRole("heading", { name: "Spend by provider" }).waitFor();
  await expectNoSidewaysScroll(page);
  const kept = new URL(page.url()).search;
  await page.getByRole("button", { name: "Saved views" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of what you see now").fill("By provider");
  await dialog.getByRole("button", { name: "Save this view" }).click();
  const view = dialog.getByRole("link", { name: "By provider" });
  await view.waitFor();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.goto(`${ready.dashboard}/usage?tab=report&tag=${encodeURIComponent(TAG)}`);
  await page.getByRole("heading", { name: "What if" }).waitFor();
  await page.getByLabel("Model", { exact: true }).fill("anthropic/claude-opus-4-8");
  await page.getByRole("button", { name: "Work it out" }).click();
  const elsewhere = page.getByRole("table", { name: "What if" });
  await elsewhere.getByRole("rowheader", { name: "Total" }).waitFor();
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Saved views" }).click();
  await view.click();
  await page.waitForURL((url) => url.search === kept);
  await page.getByRole("button", { name: "Saved views" }).click();
  await dialog.getByRole("button", { name: "Delete the view By provider" }).click();
  await dialog.getByText("None yet.").waitFor();
});
