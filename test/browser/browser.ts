import { AxeBuilder } from "@axe-core/playwright";
import chromiumPackage from "@sparticuz/chromium";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import type { Ready } from "../../local/stack/ready.ts";

/** Chromium as it is, web security included: the npm package's own arguments would switch that off. */
export const launchBrowser = async (): Promise<Browser> =>
  chromium.launch({
    args: ["--no-sandbox"],
    executablePath: process.env.CHROMIUM_PATH ?? (await chromiumPackage.executablePath()),
  });

export interface WatchedPage {
  page: Page;
  /** What nobody should ever see in a browser's console: errors, uncaught exceptions, violations of the page's policy. */
  problems: string[];
  /** What a test provoked on purpose. */
  expected: RegExp[];
}

/** Opens a URL in a profile of its own, on a wide screen, light, without motion unless `options` says otherwise. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: "light",
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  await page.exposeFunction("reportProblem", (problem: string) => problems.push(problem));
  await page.addInitScript(() => {
    const { reportProblem } = window as unknown as { reportProblem(problem: string): void };
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      reportProblem(`violates ${violatedDirective}: ${blockedURI} ${sample}`),
    );
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return { page, problems, expected: [] };
}

/** Types the credentials of the stack's first admin, or another password, and sends them. */
export async function sendCredentials(page: Page, { admin }: Ready, password = admin.password): Promise<void> {
  await page.getByLabel("E-mail").fill(admin.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signs in and waits for the gateway's first answer. */
export async function signIn(page: Page, ready: Ready): Promise<void> {
  await sendCredentials(page, ready);
  await page.getByText("as of").waitFor();
}

/** Runs axe with all its rules for WCAG and good practice; a violation is named with the element at fault. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
}

/** Nothing is wider than the screen. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(beyond).toBe(0);
}
