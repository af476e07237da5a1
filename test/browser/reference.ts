import type { Browser, BrowserContextOptions } from "playwright-core";
import { expect } from "vitest";
import { expectNoSidewaysScroll, openPage, type WatchedPage } from "./browser.ts";

/**
 * Reads about one operation in Swagger UI, and in Redoc: both show what the document says, and ask no other host for anything.
 * Resolves with the page, watched.
 */
export async function readReference(
  browser: Browser,
  router: string,
  page: "docs" | "redoc",
  options: BrowserContextOptions,
): Promise<WatchedPage> {
  const opened = await openPage(browser, "about:blank", options);
  const foreign: string[] = [];
  opened.page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && origin !== router) foreign.push(request.url());
  });
  await opened.page.goto(`${router}/${page}`);
  if (page === "docs") {
    await opened.page.locator("#operations-tag-Limits").click();
    await opened.page.getByText("Create a limit").click();
    await opened.page.getByText("One for each node, metric and window").waitFor();
  } else {
    await opened.page.getByRole("heading", { name: "Create a limit" }).waitFor();
  }
  await expectNoSidewaysScroll(opened.page);
  expect(foreign).toEqual([]);
  return opened;
}
