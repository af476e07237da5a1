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

const chart = (page: Page) => page.getByRole("slider");
const period = (page: Page) => {
  const { searchParams } = new URL(page.url());
  return { from: searchParams.get("from"), to: searchParams.get("to") };
};

test("a request that arrives is seen on the overview, and what is read stays; a filter is taken off", async () => {
  const { page } = await dashboard.openSignedIn(`/?from=-24h&tag=${encodeURIComponent(TAG)}`);
  await page.getByRole("heading", { name: "Top movers" }).waitFor();

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

  await page.getByRole("button", { name: "Without Tag file:usage" }).click();
  await page.waitForURL((url) => !url.searchParams.has("tag"));
});

test("a span that was chosen by the mouse is in the address, and there is a way back", async () => {
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
});

test("usage in parts goes into a file", async () => {
  const { page } = await dashboard.openSignedIn(`/usage?tab=breakdown&sub=key&tag=${encodeURIComponent(TAG)}`);
  await page.getByRole("row", { name: UNPRICED }).getByText("no price").waitFor();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("button", { name: "The table (CSV)" }).click();
  const file = await (await download).createReadStream();
  let text = "";
  for await (const piece of file) text += piece;
  expect(text).toMatch(/^kind,value,name,sub_kind,/);
  expect(text).toContain(`value,${UNPRICED},`);
  expect(text).toMatch(/\r\ntotal,/);
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
