import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAccessible, expectReported, openPage, sendCredentials, useDashboard } from "./browser.ts";
import { asAdmin } from "./journeys/as-admin.ts";

const dashboard = useDashboard();
const { ready } = dashboard;

let organization: string;
/** One sign-in for all of them; a page each, for one that is left with something not saved asks whether to. */
let signedIn: Awaited<ReturnType<BrowserContext["storageState"]>>;
const open = (path: string) => dashboard.open(path, { storageState: signedIn });
beforeAll(async () => {
  const { page } = await openPage(dashboard.browser(), `${ready.dashboard}/login`);
  await sendCredentials(page, ready);
  await page.waitForURL(`${ready.dashboard}/`);
  signedIn = await page.context().storageState();
  await page.context().close();
  organization = (await asAdmin<{ id: string }>(ready, "POST", "/api/organizations", { name: "edited" })).id;
});
afterAll(async () => {
  // The others' requests are kept as long as before.
  await asAdmin(ready, "PUT", "/api/retention", { days: null });
});

const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });

test("some people are invited and one line is flagged; a route is put in order and asked; settings are not left by mistake", async () => {
  const { page } = await open("/");
  const go = async (path: string, heading: string) => {
    await page.goto(ready.dashboard + path);
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  };
  await go("/members", "Members");
  await page.getByRole("button", { name: "Invite people" }).click();
  const invite = dialog(page, "Invite people");
  await invite.getByLabel("E-mail addresses").fill("ada@example.com\nnobody\ngrace@example.com");
  await invite.getByRole("button", { name: "Invite people" }).click();
  await invite.getByText("1 line was not invited").waitFor();
  expect(await invite.locator("code").allTextContents()).toEqual([
    expect.stringContaining("/invite"),
    expect.stringContaining("/invite"),
  ]);
  await expectAccessible(page);

  await go(`/routes?org=${organization}`, "Routes");
  await page.keyboard.press("c");
  const route = dialog(page, "Create route");
  await route.getByLabel("Name").fill("ordered-here");
  await route.getByLabel("Target 1").fill("openai/gpt-6.1-sol");
  await route.getByRole("button", { name: "Add a target" }).click();
  await route.getByLabel("Target 2").fill("anthropic/claude-haiku-4-5");
  await route.getByRole("button", { name: "Move up" }).nth(1).click();
  await route.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("button", { name: "ordered-here" }).waitFor();
  await page.keyboard.press("d");
  await dialog(page, "Dry run").getByLabel("Model or route").fill("ordered-here");
  await dialog(page, "Dry run").getByRole("button", { name: "Ask" }).click();
  await dialog(page, "Dry run")
    .getByText(/would go to anthropic\/claude-haiku-4-5/)
    .waitFor();
  await expectAccessible(page);

  await go(`/settings?org=${organization}`, "Settings");
  await page.getByLabel("Most output tokens").fill("64000");
  await page.getByRole("link", { name: "Webhooks" }).click();
  await dialog(page, "Leave without saving?").getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("In force: 64000 (set here)").waitFor();
});

test.each([
  {
    form: "an organization's settings",
    make: async () => `/settings?org=${organization}`,
    field: "Most output tokens a request may ask for",
    reread: /\/api\/organizations\/org_[^/]+$/,
  },
  {
    form: "a limit",
    make: async () => {
      const body = { organization_id: organization, metric: "requests", window: "day", amount: 7, mode: "block" };
      const { id } = await asAdmin<{ id: string }>(ready, "POST", "/api/limits", body);
      return `/budgets?id=${id}`;
    },
    field: "Amount",
    reread: /\/api\/limits(?:\/lim_[^/]+)?$/,
  },
])("$form: what is written between saving and reading it again stays", async ({ make, field, reread }) => {
  const { page } = await open(await make());
  const line = page.getByLabel(field).first();
  await line.fill("4000");
  const isReread = (url: URL) => reread.test(url.pathname);
  const held: (() => Promise<void>)[] = [];
  await page.route(isReread, (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    held.push(() => route.continue());
    return undefined;
  });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect.poll(() => held.length).toBeGreaterThan(0);
  await line.fill("5000");
  const answers = held.map(() => page.waitForResponse((response) => isReread(new URL(response.url()))));
  await Promise.all(held.map((goOn) => goOn()));
  await Promise.all(answers);
  // It has been drawn by what came.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  expect(await line.inputValue()).toBe("5000");
});

interface Edited {
  /** Makes what is edited; answers where its form is. */
  make(): Promise<{ path: string; api: string }>;
  field: string;
  save: string;
  mine: string;
  theirs: string;
  /** What somebody else saves meanwhile. */
  other(api: string): Promise<unknown>;
  /** What stands in the end. */
  value(found: Record<string, unknown>): unknown;
}

const ROUTE = { name: "of-two", strategy: "ordered" };

const EDITED: Record<string, Edited> = {
  "an organization's name": {
    make: async () => {
      const { id } = await asAdmin<{ id: string }>(ready, "POST", "/api/organizations", { name: "of two" });
      return { path: `/orgs?id=${id}`, api: `/api/organizations/${id}` };
    },
    ...{ field: "Name", save: "Rename", mine: "my name", theirs: "their name" },
    other: (api) => asAdmin(ready, "PATCH", api, { name: "their name" }),
    value: ({ name }) => name,
  },
  "an organization's settings": {
    make: async () => ({ path: `/settings?org=${organization}`, api: `/api/organizations/${organization}` }),
    ...{ field: "Most output tokens a request may ask for", save: "Save", mine: "1000", theirs: "2000" },
    other: (api) => asAdmin(ready, "PATCH", api, { settings: { max_output_tokens: 2000 } }),
    value: ({ settings }) => String((settings as { max_output_tokens: number }).max_output_tokens),
  },
  "a limit": {
    make: async () => {
      const { id } = await asAdmin<{ id: string }>(ready, "POST", "/api/limits", {
        ...{ organization_id: organization, metric: "cost", window: "month", mode: "block", amount_usd: "10" },
      });
      return { path: `/budgets?org=${organization}&id=${id}`, api: `/api/limits/${id}` };
    },
    ...{ field: "Amount in USD", save: "Save", mine: "20", theirs: "30" },
    other: (api) => asAdmin(ready, "PATCH", api, { amount_usd: "30" }),
    value: ({ amount_usd: usd }) => String(Number(usd)),
  },
  "a route": {
    make: async () => {
      const targets = [{ model: "openai/gpt-6.1-sol" }];
      const body = { ...ROUTE, organization_id: organization, targets };
      const { id } = await asAdmin<{ id: string }>(ready, "PUT", "/api/routes", body);
      return { path: `/routes?org=${organization}&id=${id}`, api: `/api/routes/${id}` };
    },
    ...{ field: "Target 1", save: "Review changes", mine: "openai/gpt-mine", theirs: "openai/gpt-theirs (1)" },
    other: () => {
      const targets = [{ model: "openai/gpt-theirs" }];
      return asAdmin(ready, "PUT", "/api/routes", { ...ROUTE, organization_id: organization, targets });
    },
    value: ({ targets }) => (targets as { model: string }[])[0]?.model,
  },
  "a webhook": {
    make: async () => {
      const body = { organization_id: organization, url: "https://example.com/before" };
      const { id } = await asAdmin<{ id: string }>(ready, "POST", "/api/webhooks", body);
      return { path: `/settings/webhooks?org=${organization}&id=${id}`, api: `/api/webhooks/${id}` };
    },
    ...{ field: "URL", save: "Save", mine: "https://example.com/mine", theirs: "https://example.com/theirs" },
    other: (api) => asAdmin(ready, "PATCH", api, { url: "https://example.com/theirs" }),
    value: ({ url }) => url,
  },
  "how long requests are kept": {
    make: async () => ({ path: "/settings/retention", api: "/api/retention" }),
    ...{ field: "Keep requests for so many days", save: "Save", mine: "3000", theirs: "3100" },
    other: (api) => asAdmin(ready, "PUT", api, { days: 3100 }),
    value: ({ days }) => String(days),
  },
};

test.for(Object.entries(EDITED))(
  "two editors of %s: the second sees both versions, and chooses",
  async ([, edited]) => {
    const { make, field, save, mine, theirs, other, value } = edited;
    const { path, api } = await make();
    const opened = await open(path);
    const { page } = opened;
    await page.getByLabel(field, { exact: true }).first().fill(mine);
    await other(api);
    await page.getByRole("button", { name: save, exact: true }).click();
    const deleting = dialog(page, "This deletes requests for good");
    const publishing = dialog(page, /^Publish the changes/);
    const conflict = dialog(page, "Somebody else saved first");
    await deleting.or(publishing).or(conflict).waitFor();
    if (await publishing.isVisible()) await publishing.getByRole("button", { name: "Publish" }).click();
    if (await deleting.isVisible()) {
      await deleting.getByRole("textbox").fill(mine);
      await deleting.getByRole("button", { name: save }).click();
    }
    await conflict.getByRole("cell", { name: theirs, exact: true }).waitFor();
    await expectReported(opened, /412/);
    await conflict.getByRole("button", { name: "Save mine" }).click();
    const saved = async () => value(await asAdmin<Record<string, unknown>>(ready, "GET", api));
    await expect.poll(saved).toBe(mine);
    // The page knows it too, and lets go.
    await page.getByText("1 change not saved").waitFor({ state: "hidden" });
  },
);
