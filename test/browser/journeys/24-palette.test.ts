import { expect } from "vitest";
import { getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

journey(dashboard, 24, "the palette everywhere, and two admins at one setting", "/members", async (walk) => {
  const { page, ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" };
  const name = walk.name("palette");
  const created = await fetch(`${ready.router}/api/keys`, {
    method: "POST",
    headers: admin,
    body: JSON.stringify({ name }),
  });
  const { id, key } = (await created.json()) as { id: string; key: string };
  const answered = await fetch(`${ready.router}/v1/messages`, {
    method: "POST",
    headers: { ...admin, authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: "openai/gpt-6.1-sol",
      max_tokens: 9,
      messages: [{ role: "user", content: "Hello" }],
    }),
  });
  const request = answered.headers.get("x-request-id") ?? "";
  const answer = (await answered.json()) as { id: string };
  const palette = page.getByRole("dialog", { name: "Search or jump" });
  const typed = palette.getByRole("combobox");
  const options = palette.getByRole("option");
  const place = () => new URL(page.url());
  /** Out of what is open, until the page has the focus again; and into the palette. */
  const leave = async () => {
    await walk.keys("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  };
  const search = async () => {
    await walk.keys("ControlOrMeta+K");
    await walk.focused(typed);
  };

  // What is typed at once is there, though the palette has to be fetched first.
  const held: (() => void)[] = [];
  await page.route(
    "**/assets/palette*.js",
    (route) => new Promise<void>((go) => held.push(() => go(route.continue()))),
  );
  await page.reload();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await walk.keys("ControlOrMeta+K");
  await page.keyboard.type("glogs?");
  await expect.poll(() => held.length).toBeGreaterThan(0);
  await page.keyboard.press("Backspace");
  await page.keyboard.type(".");
  for (const go of held) go();
  await page.unroute("**/assets/palette*.js");
  await walk.focused(typed);
  expect(await typed.inputValue()).toBe("glogs.");
  expect(place().pathname).toBe("/members");
  await leave();

  // An id that somebody sent goes where it belongs, in whatever form they had it.
  await search();
  await page.keyboard.insertText(id);
  await options.first().waitFor();
  await walk.stop();
  await walk.press(options.first());
  const drawer = page.getByRole("dialog", { name });
  await drawer.waitFor();
  expect(place().searchParams.get("id")).toBe(id);
  await walk.stop();

  // Letters that are shortcuts elsewhere are letters in a field.
  await walk.press(drawer.getByRole("tab", { name: "Terms" }));
  const note = drawer.getByLabel("Note");
  await walk.fill(note, "");
  await page.keyboard.type("glc?.");
  expect(await note.inputValue()).toBe("glc?.");
  expect(place().pathname).toBe("/keys");

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

  // The id in an answer's body, then what was looked at before, then a name.
  await leave();
  await search();
  await page.keyboard.insertText(` "${answer.id}" `);
  await page.keyboard.press("Enter");
  await expect.poll(() => `${place().pathname} ${place().searchParams.get("id")}`).toBe(`/logs ${request}`);
  await page.getByRole("heading", { name: "openai/gpt-6.1-sol" }).waitFor();
  // On a narrow screen a record lies over its list.
  if (walk.way.width === 390) await leave();
  await search();
  const last = palette.getByRole("group", { name: "Looked at last" }).getByRole("option", { name });
  await walk.press(last);
  await expect.poll(() => `${place().pathname} ${place().searchParams.get("id")}`).toBe(`/keys ${id}`);
  await drawer.waitFor();
  await leave();
  await search();
  const asked: string[] = [];
  page.on("request", (sent) => sent.url().includes("q=gpt-6.1") && asked.push(new URL(sent.url()).pathname));
  await page.keyboard.type("gpt-6.1-sol");
  const found = palette
    .getByRole("group", { name: "Found" })
    .getByRole("option", { name: "openai/gpt-6.1-sol model", exact: true });
  await found.waitFor();
  await walk.stop();
  // One question of each kind for the whole word, none a letter.
  expect(asked.length).toBeLessThanOrEqual(5);

  // A whole key is asked of nobody.
  await walk.fill(typed, "");
  const sent: string[] = [];
  page.on("request", (one) => sent.push(one.url()));
  await page.keyboard.insertText(key);
  await palette.getByText("This is a whole key").waitFor();
  expect(sent.filter((url) => url.includes(key))).toEqual([]);

  // Actions by a few letters, from anywhere: one of another page, one of the whole dashboard.
  await walk.fill(typed, "create k");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Create key" }).waitFor();
  expect(place().pathname).toBe("/keys");
  await leave();
  await search();
  const other = walk.way.theme === "light" ? "dark" : "light";
  await page.keyboard.type(`theme: ${other}`);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(other);
  await walk.stop();

  // The help lists what the keyboard is heard by; letters that are turned off do nothing.
  await walk.keys("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await help.getByRole("term").filter({ hasText: "Go to Logs" }).waitFor();
  await help.getByRole("term").filter({ hasText: "Create key" }).waitFor();
  await walk.stop();
  await walk.press(help.getByRole("checkbox", { name: "Single letters are shortcuts" }));
  await help.getByText("off", { exact: true }).first().waitFor();
  await leave();
  await walk.keys("g l c ? j");
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(place().pathname).toBe("/keys");
  await walk.go("/me");
  const letters = page.getByRole("checkbox", { name: "Single letters are shortcuts" });
  expect(await letters.isChecked()).toBe(false);
  await walk.press(letters);
  await walk.keys("g k");
  await page.getByRole("heading", { level: 1, name: "API keys" }).waitFor();

  // The tab forgets what was looked at when its reader leaves.
  expect(await page.evaluate(() => sessionStorage.getItem("recent"))).toContain(name);
  await search();
  await page.keyboard.type("sign out");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});
