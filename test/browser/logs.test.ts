import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { awaitRow } from "../support/stack.ts";
import { expectAccessible, expectNoSidewaysScroll, expectReported, useDashboard } from "./browser.ts";

/** The log, and the playground that fills it. */

const dashboard = useDashboard();
const { ready } = dashboard;

const GPT = "openai/gpt-6.1-sol";
const CLAUDE = "anthropic/claude-sonnet-5-5";
/** What this file's requests carry, so that its lists are of them alone. */
const TAG = "file:logs";

async function ask(model: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: {
      ...{ authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
      ...{ "x-gaia-tags": TAG.replace(":", "="), ...headers },
    },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}

const rowOf = (page: Page, id: string) => page.locator(`[data-row="${id}"]`);
const focusedRow = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest("[data-row]")?.getAttribute("data-row"));
const query = (page: Page) => new URL(page.url()).searchParams;

test("the log is narrowed by tokens and by counts alike, and a request is read, left and gone on from by keyboard", async () => {
  const plain = await ask(CLAUDE, { "x-gaia-session": "s 1" });
  const fellBack = await ask(`${GPT}+status-503`, { "x-gaia-fallbacks": CLAUDE });
  const failed = await ask(`${GPT}+status-400`);
  for (const id of [plain, fellBack, failed])
    await awaitRow(ready.router, { authorization: `Bearer ${ready.adminKey}` }, id);
  const { page } = await dashboard.openSignedIn(`/logs?tag=${TAG}`);
  await rowOf(page, failed).waitFor();
  await expectAccessible(page);
  expect(await page.getByRole("table").getAttribute("aria-rowcount")).toBe("4");

  // The bar and the rail are two views of the address.
  await page.keyboard.press("/");
  await page.keyboard.type('status:>=400 session:"s 1');
  await page.keyboard.press("Enter");
  await page.getByText("No request matches these filters").waitFor();
  expect(query(page).getAll("status")).toEqual(["4xx", "5xx"]);
  await page.getByRole("button", { name: 'Remove session:"s 1"' }).click();
  await rowOf(page, failed).waitFor();
  expect(await rowOf(page, plain).count()).toBe(0);
  await page.getByRole("checkbox", { name: /^4xx/ }).uncheck();
  expect(query(page).getAll("status")).toEqual(["5xx"]);
  await page.goBack();
  await expect.poll(() => query(page).getAll("status")).toEqual(["4xx", "5xx"]);
  await page.keyboard.press("/");
  await page.keyboard.type("latency:5s");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("A duration with its direction").waitFor();
  await page.getByRole("button", { name: "Remove status:4xx" }).click();
  await page.getByRole("button", { name: "Remove status:5xx" }).click();
  await rowOf(page, plain).waitFor();

  // A record by keyboard: nothing of it is asked for before.
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.getByRole("heading", { level: 1 }).click();
  for (const id of [failed, fellBack]) {
    await page.keyboard.press("j");
    expect(await focusedRow(page)).toBe(id);
  }
  expect(asked.filter((path) => /^\/api\/requests\/[0-9A-Z]{26}/.test(path))).toEqual([]);
  await page.keyboard.press("Enter");
  const record = page.getByRole("complementary", { name: `${GPT}+status-503` });
  await record.getByText("503 failed").waitFor();
  await record.getByText("200 answered").waitFor();
  await expectAccessible(page);
  await page.keyboard.press("j");
  await expect.poll(() => query(page).get("id")).toBe(plain);
  await page.goBack();
  await expect.poll(() => query(page).get("id")).toBeNull();
  expect(await focusedRow(page)).toBe(plain);
  await expectNoSidewaysScroll(page);
});

test("of many requests only those that can be seen are in the page", async () => {
  const { page } = await dashboard.openSignedIn("/me");
  const row = (index: number) => ({
    ...{ id: `01M8${String(index).padStart(22, "0")}`, created_at: new Date(1_795_600_000_000 - index).toISOString() },
    ...{ status: 200, outcome: "ok", attempts: 1, requested_model: GPT, provider: "openai", simulated: true },
    ...{ key_id: "key_a", key_name: "a", cost_usd: "0", price_version: "1", exact: true, duration_ms: 1, ttft_ms: 1 },
    tokens: { input_uncached: 1, cache_read: 0, cache_write: 0, output: 1, reasoning: 0 },
  });
  await page.route(/\/api\/requests\?/, (route) => {
    const at = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    const data = Array.from({ length: 5_000 }, (_, index) => row(at + index));
    return route.fulfill({ json: { data, next_cursor: String(at + 5_000), as_of: new Date().toISOString() } });
  });
  await page.goto(`${ready.dashboard}/logs`);
  await rowOf(page, row(0).id).waitFor();
  const table = page.getByRole("table");
  await table.evaluate((element) => element.scrollTo({ top: 159_000 }));
  await rowOf(page, row(4_972).id).waitFor();
  await expect.poll(() => table.evaluate((element) => element.scrollHeight)).toBeGreaterThan(300_000);
  expect(await page.locator("[data-row]").count()).toBeLessThanOrEqual(60);
});

test("what arrives is followed, and waits while somebody reads or the page is not seen", async () => {
  const { page } = await dashboard.openSignedIn(`/logs?tag=${TAG}`);
  await page.getByRole("switch", { name: "Follow what arrives" }).click();
  await page.getByRole("switch", { name: "Follow what arrives" }).getByText("Live").waitFor();
  await page.mouse.move(2, 2);
  const first = await ask(GPT);
  await rowOf(page, first).waitFor();
  // The pointer over the rows holds them.
  await page.getByRole("table").hover();
  const second = await ask(GPT);
  await page.getByRole("button", { name: "+1 new" }).waitFor();
  expect(await rowOf(page, second).count()).toBe(0);
  await page.mouse.move(2, 2);
  await rowOf(page, second).waitFor();
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.getByRole("switch", { name: "Follow what arrives" }).getByText("Connecting").waitFor();
});

test("four models answer side by side: one fails, one is stopped, and a question is asked another way", async () => {
  const slow = `${GPT}+pace-1500`;
  const models = [GPT, CLAUDE, `${GPT}+status-400`, slow].map((model) => `m=${encodeURIComponent(model)}`).join("&");
  const opened = await dashboard.openSignedIn(`/play?${models}`);
  const { page } = opened;
  await page.getByRole("textbox", { name: "Message" }).fill("**Hello** <script>alert(1)</script>");
  await page.keyboard.press("Enter");
  const answer = (model: string) => page.getByRole("article", { name: model, exact: true });
  await answer(slow).getByText("You", { exact: false }).waitFor();
  await answer(slow).getByRole("button", { name: /^Stop/ }).click();
  await answer(slow).getByText("Stopped: this is what had come.").waitFor();
  for (const model of [GPT, CLAUDE]) {
    await answer(model).getByText("<script>alert(1)</script>").waitFor();
    await answer(model).getByRole("link", { name: "log" }).waitFor();
  }
  await answer(`${GPT}+status-400`).getByText("This column failed").waitFor();
  await expectReported(opened, /status of 400/);
  await expectAccessible(page);

  // The cost is the log's, and no token stands in any storage.
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.body.innerHTML]),
  );
  expect(kept).not.toContain("gaia-play-");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Edit the message" }).fill("Goodbye");
  await page.getByRole("button", { name: "Send as a new branch" }).click();
  await answer(GPT).getByText('"Goodbye"').waitFor();
  await page.getByText("2/2").waitFor();
  await page.getByRole("button", { name: "The branch before" }).click();
  await answer(GPT).getByText("<script>alert(1)</script>").waitFor();
  await page.reload();
  await answer(CLAUDE).getByText('"Goodbye"').or(answer(CLAUDE).getByText("<script>")).first().waitFor();
  await answer(CLAUDE).getByRole("link", { name: "log" }).click();
  await page.getByRole("complementary", { name: CLAUDE }).waitFor();
});
