import { expect } from "vitest";
import { getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey, type Walk } from "./walk.ts";

const dashboard = useDashboard();

/** Takes the session away as its owner does from another machine. */
async function endSession({ page, ready }: Walk): Promise<void> {
  const { request } = page.context();
  const sessions = `${ready.dashboard}/api/me/sessions`;
  const { data } = (await (await request.get(sessions)).json()) as { data: { id: string; current: boolean }[] };
  const own = data.find(({ current }) => current);
  const ended = await request.delete(`${sessions}/${own?.id}`, {
    headers: { "x-gaia-csrf": "1", origin: ready.dashboard },
  });
  expect(ended.ok()).toBe(true);
}

journey(dashboard, 4, "the session ends while a form is half filled", "/me", async (walk) => {
  const { page, ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" };
  const name = walk.name("late");
  const made = await fetch(`${ready.router}/api/organizations`, {
    method: "POST",
    headers: admin,
    body: JSON.stringify({ name }),
  });
  const { id } = (await made.json()) as { id: string };
  const again = page.getByRole("dialog", { name: "Your session has ended" });
  const signIn = async () => {
    await walk.focused(again.getByLabel("Password"));
    expect(await again.getByLabel("E-mail").inputValue()).toBe(ready.admin.email);
    await walk.fill(again.getByLabel("Password"), ready.admin.password);
    await walk.press(again.getByRole("button", { name: "Sign in", exact: true }));
    await again.waitFor({ state: "detached" });
  };

  // On a page: it may be looked at first, and Escape takes nothing from it.
  await walk.go(`/settings?org=${id}`);
  const field = page.getByLabel("Most output tokens");
  await walk.fill(field, "4321");
  const save = page.getByRole("button", { name: "Save", exact: true });
  await endSession(walk);
  await walk.press(save);
  await walk.focused(again.getByLabel("Password"));
  await walk.expectReported(/401/);
  await walk.stop();
  await walk.keys("Escape");
  await again.waitFor({ state: "detached" });
  expect(await field.inputValue()).toBe("4321");
  await walk.stop();
  await walk.press(page.getByRole("button", { name: "Sign in again" }));
  await signIn();
  expect(await field.inputValue()).toBe("4321");
  await walk.press(save);
  const saved = async () =>
    (await getJson<{ settings: Record<string, unknown> }>(ready.router, `/api/organizations/${id}`, admin)).settings;
  await expect.poll(saved).toMatchObject({ max_output_tokens: 4321 });
  await walk.stop();

  // Over a form that is a dialog itself, and sent again as it stands.
  await walk.go(`/keys?org=${id}`);
  await walk.press(page.getByRole("button", { name: "Create key" }).first());
  const form = page.getByRole("dialog", { name: "Create key" });
  await walk.fill(form.getByLabel("Name"), name);
  await endSession(walk);
  const create = form.getByRole("button", { name: "Create key" });
  await walk.press(create);
  await walk.focused(again.getByLabel("Password"));
  await walk.stop();
  await walk.keys("Escape");
  await again.waitFor({ state: "detached" });
  expect(await form.getByLabel("Name").inputValue()).toBe(name);
  await walk.press(create);
  await signIn();
  expect(await form.getByLabel("Name").inputValue()).toBe(name);
  await walk.press(create);
  await page.getByRole("dialog", { name: `The key ${name}` }).waitFor();
  const keys = await getJson<{ data: { name: string; organization_id: string }[] }>(
    ready.router,
    `/api/keys?q=${name}`,
    admin,
  );
  expect(keys.data).toMatchObject([{ name, organization_id: id }]);
});
