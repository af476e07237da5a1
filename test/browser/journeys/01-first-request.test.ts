import { execFile } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { promisify } from "node:util";
import { expect } from "vitest";
import { copiedOn, useDashboard } from "../browser.ts";
import { renewSetUp } from "./renew-set-up.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

/** From the end of the call to its row. */
const ARRIVES_WITHIN_MS = 2_000;

journey(dashboard, 1, "from nothing to a first request that is seen to arrive", "/login", async (walk) => {
  const { page, ready } = walk;
  const token = await renewSetUp();
  const email = `${walk.name("owner")}@example.com`;
  const password = "a first password that is long";
  const ask = async <T>(path: string) => (await (await page.request.get(ready.dashboard + path)).json()) as T;
  const step = () =>
    page.getByRole("navigation", { name: "The way to a first request" }).locator("[aria-current=step]");

  await walk.go("/setup");
  expect(await step().textContent()).toContain("Create an owner");
  await walk.paste(page.getByLabel("Set-up token"), token);
  await walk.fill(page.getByLabel("Name of your organization"), walk.name("Acme"));
  await walk.fill(page.getByLabel("E-mail"), email);
  await walk.fill(page.getByLabel("Password"), password);
  await walk.stop();
  await walk.press(page.getByRole("button", { name: "Create it" }));
  await page.getByRole("heading", { level: 1, name: "Get started" }).waitFor();
  await page.getByLabel("Name of the key").waitFor();
  expect(await step().textContent()).toContain("A key");
  await walk.stop();

  // The key is on the page once, and nowhere that outlives it.
  await walk.press(page.getByRole("button", { name: "Create the key" }));
  const shown = page.getByRole("status").locator("code");
  const key = (await shown.textContent()) ?? "";
  expect(key).toMatch(/^sk-gaia-/);
  const content = async () => (await page.content()).split(key).length - 1;
  const stored = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(await content()).toBe(1);
  expect(await stored()).not.toContain(key);
  expect(await step().textContent()).toContain("A request");
  await page.getByText("Waiting for your first request…").waitFor();
  await walk.stop();

  // As it is shown, and copied, in a shell.
  const copied = async () => {
    await walk.press(page.getByRole("button", { name: "Copy curl" }));
    return copiedOn(page);
  };
  await expect.poll(copied).toContain(key);
  const command = await copied();
  const visible = (await page.getByRole("tabpanel").locator("pre").textContent()) ?? "";
  expect(visible).toBe(command.replace(key, `${key.slice(0, 12)}…${key.slice(-4)}`));
  const { stdout } = await promisify(execFile)("sh", ["-c", command]);
  const ended = Date.now();
  expect(stdout).toContain("data: [DONE]");
  const arrived = page.getByRole("main").getByText(/^200 in .* · openai\/gpt-6\.1-sol · /);
  await arrived.waitFor();
  const took = Date.now() - ended;
  // What a machine with more to do than it has cores shows is the machine.
  if ((loadavg()[0] ?? 0) < availableParallelism()) expect(took).toBeLessThanOrEqual(ARRIVES_WITHIN_MS);
  await walk.stop();
  type Rows = { data: { id: string; status: number; requested_model: string }[] };
  const { data: rows } = await ask<Rows>("/api/requests");
  expect(rows).toMatchObject([{ status: 200, requested_model: "openai/gpt-6.1-sol" }]);

  // Without a shell, by another client's words.
  await walk.press(page.getByRole("tab", { name: "Anthropic" }));
  expect(new URL(page.url()).searchParams.get("client")).toBe("anthropic");
  await walk.press(page.getByRole("button", { name: "Run it from here" }));
  await expect.poll(async () => (await ask<Rows>("/api/requests")).data.length).toBe(2);

  // Whoever comes back goes on where they were, without the key.
  await walk.reload();
  await page.getByRole("button", { name: "Make another key" }).waitFor();
  await arrived.waitFor();
  expect(await page.getByRole("tab", { name: "Anthropic" }).getAttribute("aria-selected")).toBe("true");
  expect([await content(), await stored()]).toEqual([0, expect.not.stringContaining(key)]);
  await walk.press(page.getByRole("link", { name: "Open it" }));
  await expect.poll(() => new URL(page.url()).pathname).toBe("/logs");
  await page.getByRole("heading", { name: "openai/gpt-6.1-sol" }).waitFor();
  await walk.stop();

  // Once: neither the page nor the API does it again; and the only owner stays.
  await walk.go("/setup");
  await page.getByText("This gateway is set up.").waitFor();
  await walk.stop();
  const headers = { "x-gaia-csrf": "1", origin: ready.dashboard };
  const again = await page.request.post(`${ready.dashboard}/api/setup`, {
    headers,
    data: { token, organization: "Again", email: `again-${email}`, password },
  });
  expect(again.status()).toBe(410);
  const { user, organization } = await ask<{ user: { id: string }; organization: { id: string } }>("/api/me");
  const lesser = await page.request.patch(`${ready.dashboard}/api/members/${user.id}`, {
    headers,
    data: { organization_id: organization.id, role: "viewer" },
  });
  expect(await lesser.json()).toMatchObject({ error: { code: "last_owner" } });
});
