import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { awaitRow, getJson, type RunningStack, removeStack, startStack } from "../support/stack.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";
import {
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  openPage,
  sendCredentials,
  signIn,
  type WatchedPage,
} from "./browser.ts";
import { readReference } from "./reference.ts";

let stack: RunningStack;
let browser: Browser;
let watched: WatchedPage[] = [];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(temporaryDataDir()), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await removeStack(stack);
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

/** The dashboard, open and watched. */
async function open(options: Parameters<typeof openPage>[2] = {}): Promise<WatchedPage> {
  const opened = await openPage(browser, stack.ready.dashboard, options);
  watched.push(opened);
  return opened;
}

/** The dashboard with the admin signed in. */
async function openSignedIn(options: Parameters<typeof openPage>[2] = {}): Promise<WatchedPage> {
  const opened = await open(options);
  await signIn(opened.page, stack.ready);
  return opened;
}

/** Chromium reports every refused request in its console; a test that provokes one says so, and that it was reported. */
async function expectReported({ problems, expected }: WatchedPage, report: RegExp): Promise<void> {
  expected.push(report);
  await expect.poll(() => problems).toContainEqual(expect.stringMatching(report));
}

/** A whole answer from the router; resolves with the request's id. */
async function ask(model: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${stack.ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.ready.apiKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}

const adminKey = () => ({ authorization: `Bearer ${stack.ready.adminKey}` });
const rowOf = (page: Page, id: string) => page.locator(`tr[data-request="${id}"]`);
const openDetail = (page: Page, id: string) => rowOf(page, id).getByRole("button").click();

test("a translated request says what it became, and what could not be kept", async () => {
  const response = await fetch(`${stack.ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.ready.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "google/gemini-3.6-flash",
      messages: [{ role: "user", name: "ada", content: "Hello" }],
      logit_bias: { "50256": -100 },
    }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("x-gaia-warnings")).toContain("param_dropped@logit_bias");
  const id = response.headers.get("x-request-id") ?? "";
  await response.text();
  const { page } = await openSignedIn();
  await awaitRow(stack.ready.router, adminKey(), id);
  await openDetail(page, id);
  const detail = page.getByRole("dialog");
  await detail.getByText("Translated to").waitFor();
  expect(await detail.innerText()).toMatch(/Translated to\s+Gemini/);
  const lost = detail.getByRole("list", { name: "Not kept in translation" });
  expect(await lost.getByRole("listitem").allInnerTexts()).toEqual([
    "param dropped messages[0].name",
    "param dropped logit_bias",
  ]);
  await expectAccessible(page);
});

test("says what runs and how to call it to a visitor, and asks nothing it would be refused", async () => {
  const asked: string[] = [];
  const { page } = await open();
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.reload();
  await page.getByText("Everything answers.").waitFor();
  await page.getByRole("tab", { name: "Claude Code" }).click();
  expect(await page.getByRole("tabpanel").innerText()).toContain("ANTHROPIC_AUTH_TOKEN=$GAIA_KEY");
  expect(asked.filter((path) => path.startsWith("/api/"))).toEqual([]);
  expect(await page.content()).not.toContain("sk-gaia-");
});

test.each([
  { tab: "curl", line: (url: string) => `curl -N ${url}/v1/chat/completions` },
  { tab: "OpenAI SDK", line: (url: string) => `baseURL: "${url}/v1"` },
  { tab: "Anthropic SDK", line: (url: string) => `baseURL: "${url}"` },
  { tab: "Gemini SDK", line: (url: string) => `httpOptions: { baseUrl: "${url}" }` },
  { tab: "Claude Code", line: (url: string) => `ANTHROPIC_BASE_URL=${url}` },
])("points $tab at the router that the site was told of", async ({ tab, line }) => {
  const { page } = await open();
  await page.route("**/config.json", (route) => route.fulfill({ json: { router_url: "https://router.example/" } }));
  await page.reload();
  await page.getByRole("tab", { name: tab }).click();
  await page.getByRole("tabpanel").getByText(line("https://router.example")).waitFor();
});

test("says so when the site was not told where the router is", async () => {
  const { page } = await open();
  await page.route("**/config.json", (route) => route.fulfill({ json: { router_url: null } }));
  await page.reload();
  await page.getByText("Not known here").waitFor();
});

test("refuses a wrong password in words, keeps the e-mail, and takes the right one", async () => {
  const opened = await open();
  const { page } = opened;
  await sendCredentials(page, stack.ready, "not the password");
  await page.getByRole("alert").getByText("wrong").waitFor();
  expect(await page.getByLabel("E-mail").inputValue()).toBe(stack.ready.admin.email);
  await expectReported(opened, /status of 401/);
  await signIn(page, stack.ready);
});

test("shows a request as it is settled, with the API's own figures, and its detail", async () => {
  const { page } = await openSignedIn({ reducedMotion: "no-preference" });
  const id = await ask("openai/gpt-6.1-sol", { "x-gaia-tags": "team=search", "user-agent": "my-program/1.2" });
  await rowOf(page, id).waitFor();

  const row = await awaitRow(stack.ready.router, adminKey(), id);
  const cells = await rowOf(page, id).getByRole("cell").allInnerTexts();
  expect(cells[1]).toContain("openai/gpt-6.1-sol");
  expect(cells[1]).toContain("simulated");
  expect(cells[2]).toContain("my-program/1.2");
  expect(cells[3]).toContain("200");
  expect(cells[4]).toBe(String(row.tokens.input_uncached));
  expect(cells[6]).toBe(String(row.tokens.output));
  expect(cells[7]).toContain(`$${(row.cost_nano / 1e9).toFixed(5)}`);
  expect(cells[7]).toContain("exact");

  await openDetail(page, id);
  const detail = page.getByRole("dialog");
  await detail.getByText("total_tokens").waitFor();
  const text = await detail.innerText();
  const known = await getJson<Record<string, string>>(stack.ready.router, `/api/requests/${id}`, adminKey());
  for (const name of ["id", "key_id", "organization_id", "upstream_model", "price_version", "upstream_request_id"]) {
    expect(text).toContain(known[name]);
  }
  expect(text).toContain(`$${known.cost_usd}`);
  expect(text).toContain("search");
  expect(new URL(page.url()).searchParams.get("request")).toBe(id);

  await page.reload();
  await page.getByRole("dialog").getByText(id).waitFor();
  await page.goBack();
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

test("is used without a mouse: from row to row, into the detail, and back to the row", async () => {
  await ask("openai/gpt-6.1-sol");
  const id = await ask("openai/gpt-6-luna");
  const { page } = await openSignedIn();
  await rowOf(page, id).getByRole("button").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText(id).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const focused = () => document.activeElement?.closest("tr")?.getAttribute("data-request");
  await expect.poll(() => page.evaluate(focused)).toBe(id);
});

test("shows what a stranger chose to call things as text", async () => {
  const { page } = await openSignedIn();
  const model = "openai/<img src=x onerror=alert(1)>";
  const id = await ask(model, { "x-gaia-tags": "note=<script>alert(2)</script>", "user-agent": "<b>bold</b>" });
  await rowOf(page, id).getByText(model).waitFor();
  await rowOf(page, id).getByText("<b>bold</b>").waitFor();
  await openDetail(page, id);
  await page.getByRole("dialog").getByText("<script>alert(2)</script>").waitFor();
  await page.getByRole("dialog").getByText("The provider's usage object").waitFor();
  expect(await page.locator("#root img, [role=dialog] img, #root b, [role=dialog] script").count()).toBe(0);
});

test("has no price for a model it does not know, instead of a price of nothing", async () => {
  const { page } = await openSignedIn();
  const id = await ask("openai/a-model-nobody-knows");
  await rowOf(page, id).getByText("no price").waitFor();
});

test("says in words how a request failed", async () => {
  const { page } = await openSignedIn();
  const id = await ask("openai/gpt-6.1-sol+status-429");
  await rowOf(page, id).getByText("429 provider error").filter({ visible: true }).waitFor();
});

test("leaves rows where they are while the pointer is on them", async () => {
  const first = await ask("openai/gpt-6.1-sol");
  const { page } = await openSignedIn();
  await rowOf(page, first).hover();
  const before = await rowOf(page, first).boundingBox();
  const second = await ask("openai/gpt-6-luna");
  await page.getByText("1 new").waitFor();
  expect(await rowOf(page, first).boundingBox()).toEqual(before);
  expect(await rowOf(page, second).count()).toBe(0);
  await page.mouse.move(0, 0);
  await rowOf(page, second).waitFor();
});

test("asks nothing while it cannot be seen, and at once when it can", async () => {
  const { page } = await open();
  await page.clock.install();
  await signIn(page, stack.ready);
  const setHidden = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);

  await setHidden(true);
  let asked = 0;
  page.on("request", () => asked++);
  await page.clock.runFor(60_000);
  expect(asked).toBe(0);
  const next = page.waitForRequest("**/api/requests?*");
  await setHidden(false);
  await next;
});

test("keeps what it has while the gateway is away, and goes on when it is back", async () => {
  const id = await ask("openai/gpt-6.1-sol");
  const opened = await openSignedIn();
  const { page } = opened;
  await rowOf(page, id).waitFor();
  const away = (url: URL) => url.pathname === "/health" || url.pathname === "/api/requests";
  await page.route(away, (route) => route.abort());
  await page.getByRole("alert").getByText("The gateway does not answer").waitFor();
  await page.getByRole("status").getByText("The gateway does not answer.").waitFor();
  expect(await rowOf(page, id).count()).toBe(1);
  await expectAccessible(page);

  // Some seconds before it tries again by itself, or the button could be gone before it is clicked.
  await page.getByText(/again in ([6-9]|\d\d) s/).waitFor();
  await page.unroute(away);
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.getByText("Everything answers.").waitFor();
  await expectReported(opened, /net::ERR_FAILED/);
});

test("tells the database's absence from the gateway's", async () => {
  const opened = await openSignedIn();
  const { page } = opened;
  const error = { code: "database_unavailable", message: "Away.", type: "server_error", param: null };
  await page.route("**/api/requests?*", (route) => route.fulfill({ status: 503, json: { error } }));
  await page.getByRole("alert").getByText("The database cannot be reached").waitFor();
  await expectAccessible(page);
  await expectReported(opened, /status of 503/);
});

test("goes back to the sign-in when the session has ended elsewhere", async () => {
  const opened = await openSignedIn();
  await opened.page.context().clearCookies();
  await opened.page.getByText("Your session has ended.").waitFor();
  await expectReported(opened, /status of 401/);
});

test("signs out for good", async () => {
  const opened = await openSignedIn();
  const { page } = opened;
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await page.locator("tr[data-request]").count()).toBe(0);
  const status = await page.evaluate(async () => (await fetch("/api/session")).status);
  expect(status).toBe(401);
  await expectReported(opened, /status of 401/);
});

test("keeps the theme that was chosen", async () => {
  const { page } = await open();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: "Dark theme" }).click();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.getByRole("button", { name: "Light theme" }).waitFor();
  expect(await ground()).toBe(dark);
});

const SCREENS = ["light", "dark"].flatMap((theme) => [1440, 768, 360].map((width) => ({ theme, width })));

test.each(SCREENS)(
  "is accessible and fits, $theme at $width px: signed out, with rows, with none, in detail",
  async ({ theme, width }) => {
    const id = await ask("openai/gpt-6.1-sol");
    const { page } = await open({ colorScheme: theme as "light" | "dark", viewport: { width, height: 800 } });
    const check = async () => {
      await expectAccessible(page);
      await expectNoSidewaysScroll(page);
    };
    await page.getByText("Everything answers.").waitFor();
    await check();
    await signIn(page, stack.ready);
    await rowOf(page, id).waitFor();
    await check();
    await openDetail(page, id);
    await page.getByRole("dialog").getByText("total_tokens").waitFor();
    await check();
    await page.keyboard.press("Escape");
    const nothing = { data: [], next_cursor: null, as_of: new Date().toISOString() };
    await page.route("**/api/requests?*", (route) => route.fulfill({ json: nothing }));
    await page.reload();
    await page.getByText("No requests yet.").waitFor();
    await check();
  },
);

test("forbids what an injected script would need", async () => {
  const response = await fetch(stack.ready.dashboard);
  const policy = response.headers.get("content-security-policy")?.split("; ") ?? [];
  expect(policy).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]),
  );
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  expect(response.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);

  const opened = await open();
  const refused = await opened.page.evaluate(() => {
    try {
      document.body.innerHTML = "<p>injected</p>";
      return null;
    } catch (error) {
      return String(error);
    }
  });
  expect(refused).toContain("TrustedHTML");
  await expectReported(opened, /require-trusted-types-for|TrustedHTML/);
});

test.each([
  ["docs", { colorScheme: "dark", viewport: { width: 390, height: 844 } }],
  ["redoc", { viewport: { width: 1440, height: 900 } }],
] as const)("the router's /%s can be read: %j", async (page, options) => {
  watched.push(await readReference(browser, stack.ready.router, page, options));
});
