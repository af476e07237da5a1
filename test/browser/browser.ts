import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import type { Ready } from "../../local/stack/ready.ts";
import { chromiumPath } from "../support/chromium.ts";

export const launchBrowser = async (): Promise<Browser> =>
  chromium.launch({ args: ["--no-sandbox"], executablePath: await chromiumPath() });

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
    locale: "en-US",
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
    // A page that is not of a secure origin has none, as the empty one has that each begins with.
    if ("Clipboard" in window) {
      const { writeText } = Clipboard.prototype;
      Clipboard.prototype.writeText = function (text) {
        Object.assign(window, { copied: text });
        return writeText.call(this, text);
      };
    }
    const jumps: Jump[] = [];
    (window as unknown as { jumps: Jump[] }).jumps = jumps;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as LayoutShift[])
        if (!entry.hadRecentInput)
          jumps.push({
            value: entry.value,
            of: entry.sources.map(({ node }) => (node as Element)?.outerHTML?.slice(0, 160)),
          });
    }).observe({ type: "layout-shift", buffered: true });
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

interface Jump {
  value: number;
  /** What jumped, as HTML. */
  of: (string | undefined)[];
}

/** Not in the library of the DOM's types yet (Layout Instability API). */
interface LayoutShift {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null }[];
}

/** Nothing on the page has jumped since it was opened, but what a key or a click moved (cumulative layout shift ≤ 0.005). */
export async function expectNoJump(page: Page): Promise<void> {
  const jumps = await page.evaluate(() => (window as unknown as { jumps: Jump[] }).jumps);
  const total = jumps.reduce((sum, { value }) => sum + value, 0);
  expect(total, JSON.stringify(jumps, null, 1)).toBeLessThanOrEqual(0.005);
}

/** What the page has copied last. The clipboard itself is one for all pages of the browser, and others copy too. */
export const copiedOn = (page: Page): Promise<string> =>
  page.evaluate(() => (window as unknown as { copied?: string }).copied ?? "");

/** Types the credentials of the stack's first admin, or another password, and sends them. */
export async function sendCredentials(page: Page, { admin }: Ready, password = admin.password): Promise<void> {
  const button = page.getByRole("button", { name: "Sign in", exact: true });
  const form = page.locator("form").filter({ has: button });
  await form.getByLabel("E-mail").fill(admin.email);
  await form.getByLabel("Password").fill(password);
  await button.click();
}

/** What a file of browser tests works with: the stack and the browser of all of them, profiles of its own. */
export interface Dashboard {
  ready: Ready;
  browser(): Browser;
  /** A page of the dashboard, watched; whoever is not signed in is sent to the sign-in. */
  open(path: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  /** The same, with the stack's first admin signed in. */
  openSignedIn(path: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  /** Watches a page that was opened by other means, too. */
  watch(opened: WatchedPage): void;
}

/**
 * Call it once in a file: after each test it fails for whatever the page's console had to say. `host`: by what name of this machine
 * the dashboard is opened; browsers have passkeys for names, and none for a bare address.
 */
export function useDashboard({ host = "127.0.0.1" }: { host?: "127.0.0.1" | "localhost" } = {}): Dashboard {
  const stack = inject("stack");
  const ready = { ...stack, dashboard: stack.dashboard.replace("127.0.0.1", host) };
  let browser: Browser;
  let watched: WatchedPage[] = [];

  beforeAll(async () => {
    browser = await chromium.connect(inject("chromium"));
  });
  afterAll(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    const opened = watched;
    watched = [];
    for (const { page } of opened) await page.context().close();
    const unexpected = opened.flatMap(({ problems, expected }) =>
      problems.filter((problem) => !expected.some((pattern) => pattern.test(problem))),
    );
    expect(unexpected).toEqual([]);
  });

  const open: Dashboard["open"] = async (path, options = {}) => {
    const opened = await openPage(browser, ready.dashboard + path, options);
    watched.push(opened);
    return opened;
  };
  return {
    ready,
    browser: () => browser,
    open,
    async openSignedIn(path, options) {
      const opened = await open(`/login?to=${encodeURIComponent(path)}`, options);
      await sendCredentials(opened.page, ready);
      await opened.page.waitForURL((url) => url.pathname + url.search === path || url.pathname === path);
      // Of a page that opens with a drawer over it, too: that hides the heading from screen readers.
      await opened.page.getByRole("heading", { level: 1, includeHidden: true }).waitFor();
      return opened;
    },
    watch: (opened) => void watched.push(opened),
  };
}

/** Chromium reports every refused request in its console; a test that provokes one says so, and that it was reported. */
export async function expectReported({ problems, expected }: WatchedPage, report: RegExp): Promise<void> {
  expected.push(report);
  await expect.poll(() => problems).toContainEqual(expect.stringMatching(report));
}

/** Runs axe with all its rules for WCAG and good practice; a violation is named with the element at fault. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
}

/** Nothing is wider than the screen, once what is drawn to measure (charts) has been drawn to the measure of now. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(beyond).toBe(0);
}
