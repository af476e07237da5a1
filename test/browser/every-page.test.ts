import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awaitRow } from "../support/stack.ts";
import {
  expectAccessible,
  expectNoSidewaysScroll,
  openPage,
  sendCredentials,
  useDashboard,
  type WatchedPage,
} from "./browser.ts";

const dashboard = useDashboard();
const { ready } = dashboard;

/** Something to be seen: a request that went well, one that failed, one without a price. */
beforeAll(async () => {
  for (const model of ["openai/gpt-6.1-sol", "openai/gpt-6.1-sol+status-429", "openai/a-model-nobody-knows"]) {
    const response = await fetch(`${ready.router}/v1/chat/completions`, {
      method: "POST",
      headers: {
        ...{ authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
        "x-gaia-session": "every-page",
      },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
    });
    await response.text();
    const id = response.headers.get("x-request-id") ?? "";
    await awaitRow(ready.router, { authorization: `Bearer ${ready.adminKey}` }, id);
  }
});

const THEMES = ["light", "dark"] as const;
const WIDTHS = [1440, 768, 320];

/** A key of the dictionary that stands on the page in place of its text. */
const KEY_FOR_TEXT =
  /\b(?!models\.sync\b(?!\.))(?:shell|common|signIn|overview|logs|usage|sessions|playground|keys|organizations|members|budgets|routes|models|audit|settings|account|start)\.[a-z][A-Za-z]+/;

/** Each theme, and the widest and the narrowest page, once: what axe says of colours no width changes, nor of places a theme. */
const HELD_AGAINST_AXE = ["light 1440", "dark 320"];

/** As it stands, in both themes and three widths: nothing wrong by axe's rules, nothing wider than the screen. */
async function expectFitting(page: Page): Promise<void> {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await expectNoSidewaysScroll(page);
      if (HELD_AGAINST_AXE.includes(`${colorScheme} ${width}`)) await expectAccessible(page);
    }
  }
  expect(await page.locator("body").innerText()).not.toMatch(KEY_FOR_TEXT);
}

test.each(["/login", "/setup", "/invite#x", "/reset-password#x"])("%s is accessible and fits", async (path) => {
  const { page } = await dashboard.open(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await expectFitting(page);
});

const PAGES = [
  "/",
  "/logs",
  "/usage",
  "/usage?tab=breakdown",
  "/sessions",
  "/refused",
  "/play",
  "/start",
  "/keys",
  "/orgs",
  "/members",
  "/budgets",
  "/routes",
  "/models",
  "/audit",
  "/settings",
  "/settings/webhooks",
  "/settings/retention",
  "/settings/books",
  "/me",
];

describe("signed in", () => {
  let opened: WatchedPage;
  // One sign-in for all pages; each is read anew.
  beforeAll(async () => {
    opened = await openPage(dashboard.browser(), `${ready.dashboard}/login`);
    await sendCredentials(opened.page, ready);
    await opened.page.waitForURL(`${ready.dashboard}/`);
  });
  afterAll(async () => {
    await opened?.page.context().close();
  });

  test.each(PAGES)("%s is accessible and fits, and speaks Chinese", async (path) => {
    const { page, problems } = opened;
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.evaluate(() => localStorage.setItem("locale", "en"));
    await page.goto(ready.dashboard + path);
    await page.waitForLoadState("networkidle");
    await expectFitting(page);
    await page.evaluate(() => localStorage.setItem("locale", "zh-CN"));
    await page.reload();
    await page
      .getByRole("heading", { level: 1 })
      .filter({ hasText: /[一-鿿]/ })
      .waitFor();
    expect(await page.locator("body").innerText()).not.toMatch(KEY_FOR_TEXT);
    expect(problems).toEqual([]);
  });
});
