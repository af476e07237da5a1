import { expect, test } from "vitest";
import { expectAccessible, expectReported, sendCredentials, useDashboard, type WatchedPage } from "./browser.ts";
import { readReference } from "./reference.ts";

const dashboard = useDashboard();
const { ready } = dashboard;

const heading = ({ page }: WatchedPage) => page.getByRole("heading", { level: 1 });

test("sends a visitor to the sign-in, asks nothing it would be refused, and goes on to the page that was wanted", async () => {
  const asked: string[] = [];
  const opened = await dashboard.open("/login");
  const { page } = opened;
  // The sign-in has asked what it asks: what follows is of the page that was wanted.
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${ready.dashboard}/me?from=-7d`);
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  expect(asked.filter((path) => path.startsWith("/api/"))).toEqual(["/api/session/methods"]);
  expect(await page.content()).not.toContain("sk-gaia-");
  await sendCredentials(page, ready);
  await page.waitForURL("**/me?from=-7d");
  await page.getByRole("heading", { name: "Your account" }).waitFor();
});

test.each(["//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example"])(
  "goes on to no other site: %s",
  async (to) => {
    const { page } = await dashboard.open(`/login?to=${encodeURIComponent(to)}`);
    await sendCredentials(page, ready);
    await page.waitForURL(`${ready.dashboard}/`);
  },
);

test("refuses a wrong password in words, keeps the e-mail, and takes the right one", async () => {
  const opened = await dashboard.open("/login?to=/me");
  const { page } = opened;
  await sendCredentials(page, ready, "not the password");
  await page.getByRole("alert").getByText("wrong").waitFor();
  expect(await page.getByLabel("E-mail").inputValue()).toBe(ready.admin.email);
  await expectReported(opened, /status of 401/);
  await sendCredentials(page, ready);
  await page.waitForURL("**/me");
});

test("counts down until one may try again", async () => {
  const opened = await dashboard.open("/login");
  const { page } = opened;
  const error = { code: "too_many_attempts", message: "Too many attempts.", type: "rate_limit_error", param: null };
  await page.route("**/api/session", (route) =>
    route.fulfill({ status: 429, headers: { "retry-after": "90" }, json: { error } }),
  );
  await sendCredentials(page, ready);
  const button = page.getByRole("button", { name: /Wait \d+ s/ });
  await button.waitFor();
  expect(await button.isDisabled()).toBe(true);
  await expectAccessible(page);
  await expectReported(opened, /status of 429/);
});

test("asks again over the page when the session has ended elsewhere, and keeps what was written", async () => {
  const opened = await dashboard.openSignedIn("/me");
  const { page } = opened;
  await page.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  await expectAccessible(page);
  await expectReported(opened, /status of 401/);
  await sendCredentials(page, ready);
  await dialog.waitFor({ state: "detached" });
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Ada Lovelace");
  const saved = page.waitForResponse(
    (response) => response.request().method() === "PATCH" && response.status() === 200,
  );
  await page.getByRole("button", { name: "Save" }).click();
  await saved;
});

test("signs out for good", async () => {
  const opened = await dashboard.openSignedIn("/me");
  const { page } = opened;
  await page.getByRole("button", { name: /^Your account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  const status = await page.evaluate(async () => (await fetch("/api/session")).status);
  expect(status).toBe(401);
  await expectReported(opened, /status of 401/);
});

test("lets in whoever was invited, once, and gives another password by a link", async () => {
  const { page } = await dashboard.openSignedIn("/me");
  const email = `guest-${Date.now()}@example.com`;
  const invite = await page.evaluate(async (email) => {
    const response = await fetch("/api/invites", {
      method: "POST",
      headers: { "content-type": "application/json", "x-gaia-csrf": "1" },
      body: JSON.stringify({ role: "viewer", emails: [email] }),
    });
    return ((await response.json()) as { data: { url: string }[] }).data[0]?.url ?? "";
  }, email);
  expect(invite).toContain(`${ready.dashboard}/invite#`);

  const guest = await dashboard.open(new URL(invite).pathname + new URL(invite).hash);
  await guest.page.getByLabel("Password").fill("short");
  await guest.page.getByRole("button", { name: "Accept and sign in" }).click();
  await expect.poll(() => guest.page.getByLabel("Password").getAttribute("aria-invalid")).toBe("true");
  await expectAccessible(guest.page);
  await expectReported(guest, /status of 400/);
  await guest.page.getByLabel("Your name").fill("Grace");
  await guest.page.getByLabel("Password").fill("a long enough password 1");
  await guest.page.getByRole("button", { name: "Accept and sign in" }).click();
  await guest.page.waitForURL(`${ready.dashboard}/`);
  await guest.page.goto(`${ready.dashboard}/audit`);
  await guest.page.getByText("This page is not for your role").first().waitFor();
  await guest.page.getByText("You are a viewer at").waitFor();
  await expectAccessible(guest.page);

  const again = await dashboard.open(new URL(invite).pathname + new URL(invite).hash);
  await again.page.getByLabel("Password").fill("a long enough password 1");
  await again.page.getByRole("button", { name: "Accept and sign in" }).click();
  await again.page.getByRole("alert").getByText("This link does not hold").waitFor();
  await expectReported(again, /status of 404/);

  const reset = await page.evaluate(async (email) => {
    const headers = { "content-type": "application/json", "x-gaia-csrf": "1" };
    const members = (await (await fetch(`/api/members?q=${email}`)).json()) as { data: { id: string }[] };
    const made = await fetch(`/api/members/${members.data[0]?.id}/reset`, { method: "POST", headers });
    return ((await made.json()) as { url: string }).url;
  }, email);
  const forgetful = await dashboard.open(new URL(reset).pathname + new URL(reset).hash);
  await forgetful.page.getByLabel("New password").fill("another long password 2");
  await forgetful.page.getByRole("button", { name: "Set it" }).click();
  await forgetful.page.getByText("Your password is set.").waitFor();
});

test("keeps the theme that was chosen, and the language", async () => {
  const opened = await dashboard.openSignedIn("/me");
  const { page } = opened;
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByLabel("Theme").selectOption("dark");
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.getByLabel("Language").selectOption("zh-CN");
  await page.getByRole("heading", { name: "您的账户" }).waitFor();
  await expectAccessible(page);
  await page.reload();
  await page.getByRole("heading", { name: "您的账户" }).waitFor();
  expect(await ground()).toBe(dark);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-CN");
});

test("says what is missing, and where to go instead", async () => {
  const opened = await dashboard.openSignedIn("/nowhere");
  await heading(opened).getByText("There is no such page").waitFor();
  await expectAccessible(opened.page);
});

test("forbids what an injected script would need", async () => {
  for (const path of ["/", "/login", "/invite"]) {
    const response = await fetch(ready.dashboard + path);
    const policy = response.headers.get("content-security-policy")?.split("; ") ?? [];
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
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
  }
  const opened = await dashboard.open("/login");
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
  dashboard.watch(await readReference(dashboard.browser(), ready.router, page, options));
});
