import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type RunningStack, removeStack, startStack } from "../support/stack.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openPage,
  sendCredentials,
  type WatchedPage,
} from "./browser.ts";

let stack: RunningStack;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(temporaryDataDir()), launchBrowser()]);
  watched = await openPage(browser, `${stack.ready.dashboard}/login`);
  await sendCredentials(watched.page, stack.ready);
  await watched.page.waitForURL(({ pathname }) => pathname === "/");
});

afterAll(async () => {
  await browser?.close();
  await removeStack(stack);
});

afterEach(() => {
  const { problems, expected } = watched;
  expect(problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)))).toEqual([]);
});

/** A page of the dashboard, once its heading is there. */
async function go(path: string, heading: string): Promise<Page> {
  const { page } = watched;
  await page.goto(stack.ready.dashboard + path);
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  return page;
}

const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
/** What the router answers to a key: 200, or 401 for one that opens nothing. */
const statusOf = async (key: string) =>
  (await fetch(`${stack.ready.router}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;

test("a key is made with a limit, shown once, rotated with an overlap, disabled and back, and revoked by its name", async () => {
  const page = await go("/keys", "API keys");
  await expectAccessible(page);
  await page.keyboard.press("c");
  const form = dialog(page, "Create key");
  await form.getByLabel("Name").fill("journey");
  await form.getByText("Advanced").click();
  await form.getByRole("button", { name: "Add a limit" }).click();
  await form.getByLabel("Amount in USD").fill("5");
  await expectAccessible(page);
  await form.getByRole("button", { name: "Create key" }).click();

  const reveal = dialog(page, "The key journey");
  const first = (await reveal.locator("code").textContent()) ?? "";
  expect(await statusOf(first)).toBe(200);
  await page.keyboard.press("Escape");
  await reveal.getByText("You have not copied it").waitFor();
  await reveal.getByRole("button", { name: "Close without it" }).click();
  // The new row stands first, and has the focus.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("journey");
  expect(await page.content()).not.toContain(first);

  await page.keyboard.press("Enter");
  const drawer = dialog(page, "journey");
  await drawer.getByRole("tab", { name: "Limits" }).click();
  await drawer.getByText("journey: $5.00 a month").waitFor();
  await expectAccessible(page);
  await drawer.getByRole("button", { name: "Rotate" }).click();
  await dialog(page, "Rotate journey").getByRole("button", { name: "Rotate" }).click();
  const second = (await reveal.locator("code").textContent()) ?? "";
  expect(await Promise.all([first, second].map(statusOf))).toEqual([200, 200]);
  await reveal.getByRole("button", { name: "Done" }).click();
  await reveal.getByRole("button", { name: "Close without it" }).click();

  await drawer.getByRole("button", { name: "Disable" }).click();
  await drawer.getByRole("button", { name: "Enable" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await drawer.getByRole("button", { name: "Disable" }).waitFor();
  await expect.poll(() => statusOf(second)).toBe(200);

  await drawer.getByRole("button", { name: "Revoke" }).click();
  const confirm = dialog(page, /Revoke journey for good/);
  const revoke = confirm.getByRole("button", { name: "Revoke" });
  await confirm.getByText("Not used in 24 hours.").waitFor();
  expect(await revoke.isDisabled()).toBe(true);
  await confirm.getByRole("textbox").fill("journey");
  await revoke.click();
  await drawer.getByRole("tab", { name: "History" }).click();
  await drawer.getByText("key.revoke").waitFor();
  await expect.poll(() => statusOf(second)).toBe(401);
});

test("the other pages of the part: each whole, reachable, and wide enough for a telephone", async () => {
  const { page } = watched;
  await go("/orgs", "Organizations");
  await page.keyboard.press("c");
  await dialog(page, "Create organization").getByLabel("Name").fill("Platform");
  await dialog(page, "Create organization").getByRole("button", { name: "Create", exact: true }).click();
  await dialog(page, "Platform").getByRole("tab", { name: "What holds here" }).click();
  await dialog(page, "Platform").getByText("Never lower than").waitFor();
  await expectAccessible(page);

  await go("/routes", "Routes");
  await page.keyboard.press("c");
  const route = dialog(page, "Create route");
  await route.getByLabel("Name").fill("best");
  await route.getByLabel("Target 1").fill("openai/gpt-6.1-sol");
  await route.getByRole("button", { name: "Add a target" }).click();
  await route.getByLabel("Target 2").fill("anthropic/claude-haiku-4-5");
  await route.getByRole("button", { name: "Move up" }).nth(1).click();
  await route.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("button", { name: "best" }).waitFor();
  await page.keyboard.press("d");
  await dialog(page, "Dry run").getByLabel("Model or route").fill("best");
  await dialog(page, "Dry run").getByRole("button", { name: "Ask" }).click();
  await dialog(page, "Dry run")
    .getByText(/would go to anthropic\/claude-haiku-4-5/)
    .waitFor();
  await expectAccessible(page);

  await go("/settings", "Settings");
  await page.getByLabel("Most output tokens").fill("64000");
  await page.getByRole("link", { name: "Webhooks" }).click();
  await dialog(page, "Leave without saving?").getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("In force: 64000 (set here)").waitFor();

  await page.setViewportSize({ width: 390, height: 844 });
  for (const [path, heading] of [
    ["/keys", "API keys"],
    ["/orgs", "Organizations"],
    ["/members", "Members"],
    ["/budgets", "Budgets & limits"],
    ["/models", "Models & prices"],
    ["/routes", "Routes"],
    ["/settings", "Settings"],
    ["/settings/webhooks", "Settings"],
    ["/settings/retention", "Settings"],
    ["/settings/books", "Settings"],
  ] as const) {
    await go(path, heading);
    await page.getByText("as of").first().waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  }
});
