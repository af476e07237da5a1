import { expect } from "vitest";
import { copiedOn, useDashboard } from "../browser.ts";
import { asAdmin, askWith } from "./as-admin.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();
const SIX_MINUTES_MS = 6 * 60_000;

journey(dashboard, 13, "a key is rotated, stopped and taken back, and revoked for good", "/keys", async (walk) => {
  const { page, ready } = walk;
  const name = walk.name("rotated");
  const made = await asAdmin<{ id: string; key: string }>(ready, "POST", "/api/keys", { name });
  const statusOf = async (key: string) => (await askWith(ready, key)).status;

  await walk.go(`/keys?q=${name}`);
  const drawer = page.getByRole("dialog", { name, exact: true });

  // Two texts for a while: by keyboard, a letter at the row leads there.
  if (walk.way.input === "keyboard") {
    await walk.focus(page.getByRole("button", { name }));
    await walk.keys("r");
  } else {
    await walk.press(page.getByRole("button", { name }));
    await walk.press(drawer.getByRole("button", { name: "Rotate" }));
  }
  const rotate = page.getByRole("dialog", { name: `Rotate ${name}` });
  await rotate.getByText("It was never used.").waitFor();
  await walk.focused(rotate.getByRole("button", { name: "Cancel" }));
  await walk.choose(rotate.getByLabel("The old text works for"), "1 hour more");
  await walk.stop();
  await walk.press(rotate.getByRole("button", { name: "Rotate" }));
  const reveal = page.getByRole("dialog", { name: `The key ${name}` });
  const second = (await reveal.locator("code").textContent()) ?? "";
  expect(await Promise.all([made.key, second].map(statusOf))).toEqual([200, 200]);
  // A text that was not copied is not closed by mistake.
  await walk.keys("Escape");
  await reveal.getByText("You have not copied it").waitFor();
  // Copied within an example, folded away until it is asked for, it is copied too.
  await walk.press(reveal.getByText("Use it: a first request by each client"));
  await walk.press(reveal.getByRole("tab", { name: "Anthropic" }));
  const example = reveal.getByRole("tabpanel");
  expect(await example.locator("pre").textContent()).toContain(`${second.slice(0, 12)}…${second.slice(-4)}`);
  await walk.stop();
  await walk.press(example.getByRole("button", { name: "Copy Anthropic" }));
  await expect.poll(() => copiedOn(page)).toContain(second);
  await reveal.getByText("You have not copied it").waitFor({ state: "detached" });
  await walk.press(reveal.getByRole("button", { name: "Done" }));
  await drawer.getByText(/works until/).waitFor();

  // Stopped at once, and taken back.
  await walk.press(drawer.getByRole("button", { name: "Disable" }));
  // What has the pointer or the focus stays for longer than its ten seconds.
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.waitFor();
  if (walk.way.input === "keyboard") await walk.keys("F8");
  else await undo.hover();
  await drawer.getByRole("button", { name: "Enable" }).waitFor();
  await expect.poll(() => statusOf(second)).toBe(401);
  await walk.stop();
  await walk.press(undo);
  await drawer.getByRole("button", { name: "Disable" }).waitFor();
  await expect.poll(() => statusOf(second)).toBe(200);

  // For good: by its name, and by somebody who shows again who they are.
  await page.clock.setFixedTime(Date.now() + SIX_MINUTES_MS);
  await walk.press(drawer.getByRole("button", { name: "Revoke" }));
  const confirm = page.getByRole("dialog", { name: `Revoke ${name} for good?` });
  const revoke = confirm.getByRole("button", { name: "Revoke" });
  await confirm.getByText(/requests in 24 hours/).waitFor();
  expect(await revoke.isDisabled()).toBe(true);
  await walk.fill(confirm.getByRole("textbox"), name);
  await walk.stop();
  await walk.press(revoke);
  const prove = page.getByRole("dialog", { name: "Is it still you?" });
  const password = prove.getByLabel("Password");
  await walk.focused(password);
  expect(await prove.getByLabel("E-mail").inputValue()).toBe(ready.admin.email);
  await walk.fill(password, "not the password");
  await walk.press(prove.getByRole("button", { name: "Sign in" }));
  await prove.getByRole("alert").waitFor();
  await walk.expectReported(/400/);
  await walk.stop();
  expect(await statusOf(second)).toBe(200);
  await walk.fill(password, ready.admin.password);
  await walk.press(prove.getByRole("button", { name: "Sign in" }));
  await confirm.waitFor({ state: "hidden" });
  await expect.poll(() => Promise.all([made.key, second].map(statusOf))).toEqual([401, 401]);
  await drawer.getByText("revoked").first().waitFor();

  // Who did it, and what.
  await walk.press(drawer.getByRole("tab", { name: "History" }));
  await drawer.getByText("key.revoke").waitFor();
  const { data } = await asAdmin<{ data: { action: string; actor: string }[] }>(
    ready,
    "GET",
    `/api/audit?target=${made.id}`,
  );
  const acts = data.map(({ action }) => action).reverse();
  expect(acts).toEqual(["key.create", "key.rotate", "key.disable", "key.enable", "key.revoke"]);
  expect(await drawer.getByRole("listitem").locator("a").allTextContents()).toEqual(acts.toReversed());
  await walk.stop();

  // What it asked while it could, the latest first; each leads to its record, among the others of this key.
  await walk.press(drawer.getByRole("tab", { name: "Logs" }));
  const { data: asked } = await asAdmin<{ data: { id: string; requested_model: string }[] }>(
    ready,
    "GET",
    `/api/requests?key=${made.id}&limit=15`,
  );
  const rows = drawer.getByRole("tabpanel").getByRole("listitem").getByRole("link");
  const addresses = () => rows.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  await expect.poll(addresses).toEqual(asked.map(({ id }) => `/logs?key=${made.id}&from=-90d&id=${id}`));
  expect(await rows.first().getAttribute("aria-label")).toMatch(/, 200, .*, openai\/gpt-6\.1-sol, \$/);
  await walk.stop();
  await walk.press(rows.first());
  await page.getByRole("heading", { level: 1, name: "Logs", includeHidden: true }).waitFor();
  await page.getByRole("heading", { name: "openai/gpt-6.1-sol" }).waitFor();
});
