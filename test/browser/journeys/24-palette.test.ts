import { expect } from "vitest";
import { getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

journey(dashboard, 24, "the palette everywhere, and two admins at one setting", "/usage", async (walk) => {
  const { page, ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" };
  const name = walk.name("palette");
  const created = await fetch(`${ready.router}/api/keys`, {
    method: "POST",
    headers: admin,
    body: JSON.stringify({ name }),
  });
  const { id } = (await created.json()) as { id: string };
  const palette = page.getByRole("dialog", { name: "Search or jump" });
  const typed = palette.getByRole("combobox");

  // An id that somebody sent goes where it belongs.
  await walk.keys("ControlOrMeta+K");
  await walk.focused(typed);
  await page.keyboard.insertText(id);
  await palette.getByRole("option").first().waitFor();
  await walk.stop();
  await walk.press(palette.getByRole("option").first());
  const drawer = page.getByRole("dialog", { name });
  await drawer.waitFor();
  expect(new URL(page.url()).searchParams.get("id")).toBe(id);
  await walk.stop();

  // Letters that are shortcuts elsewhere are letters in a field.
  await walk.press(drawer.getByRole("tab", { name: "Terms" }));
  const note = drawer.getByLabel("Note");
  await walk.fill(note, "");
  await page.keyboard.type("glc?.");
  expect(await note.inputValue()).toBe("glc?.");
  expect(new URL(page.url()).pathname).toBe("/keys");

  // Somebody else saves first: both versions are shown, and one is chosen.
  await fetch(`${ready.router}/api/keys/${id}`, {
    method: "PATCH",
    headers: admin,
    body: JSON.stringify({ note: "theirs" }),
  });
  await walk.press(drawer.getByRole("button", { name: "Save" }));
  const conflict = page.getByRole("dialog", { name: "Somebody else saved first" });
  await conflict.getByRole("cell", { name: "theirs" }).waitFor();
  await walk.expectReported(/412/);
  await walk.stop();
  await walk.press(conflict.getByRole("button", { name: "Save mine" }));
  const saved = async () => (await getJson<{ note: string }>(ready.router, `/api/keys/${id}`, admin)).note;
  await expect.poll(saved).toBe("glc?.");

  // An action by a few letters, from anywhere.
  await walk.keys("Escape ControlOrMeta+K");
  await walk.focused(typed);
  const other = walk.way.theme === "light" ? "dark" : "light";
  await page.keyboard.type(`theme: ${other}`);
  await palette.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(other);
  await walk.stop();
});
