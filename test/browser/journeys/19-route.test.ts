import type { Locator } from "playwright-core";
import { expect } from "vitest";
import { useDashboard } from "../browser.ts";
import { admin } from "./branch.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

interface Listed {
  name: string;
  figures: { requests: number; lacking: object[] };
}

journey(dashboard, 19, "a route is drafted, tried, published and rolled back", "/routes", async (walk) => {
  const { page, ready } = walk;
  const name = walk.name("smart");
  const served = async (model = name, more: object = {}) => {
    const response = await fetch(`${ready.router}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...more }),
    });
    await response.text();
    return response.headers.get("x-gaia-model");
  };
  /** A dialog over the drawer hides it from roles: what was done shows in the address. */
  const done = () => page.waitForURL((url) => !url.searchParams.has("id"));
  const tried = page.getByRole("dialog", { name: "Where the draft leads" });
  /** Which model the dry run of what is written names. */
  const tryDraft = async (within: Locator) => {
    await walk.press(within.getByRole("button", { name: "Test", exact: true }));
    const sentence = await tried.getByText(/^This request would go to/).textContent();
    await walk.stop();
    await walk.keys("Escape");
    await tried.waitFor({ state: "detached" });
    return sentence?.match(/would go to [a-z]+\/([^, ]+),/)?.[1];
  };

  // A new one, by fields; a name that is taken is refused, and replaces nothing.
  await walk.keys("c");
  const create = page.getByRole("dialog", { name: "Create route" });
  await walk.fill(create.getByLabel("Name"), name);
  await walk.fill(create.getByLabel("Target 1"), "openai/gpt-4.1");
  await walk.press(create.getByRole("button", { name: "Add a target" }));
  await walk.fill(create.getByLabel("Target 2"), "anthropic/claude-haiku-4-5");
  expect(await tryDraft(create)).toBe("gpt-4.1");
  await walk.press(create.getByRole("button", { name: "Create", exact: true }));
  await done();
  expect(await served()).toBe("gpt-4.1");
  await walk.keys("c");
  await walk.fill(create.getByLabel("Name"), name);
  await walk.fill(create.getByLabel("Target 1"), "google/gemini-3.6-flash");
  await walk.press(create.getByRole("button", { name: "Create", exact: true }));
  await create.getByText(`There is a route ${name} there.`).waitFor();
  await walk.expectReported(/412/);
  await walk.stop();
  // Nobody loses what was written by a key: whoever closes it is asked.
  const leaving = page.getByRole("dialog", { name: "Leave without saving?" });
  await walk.keys("Escape");
  await walk.press(leaving.getByRole("button", { name: "Stay" }));
  expect(await create.getByLabel("Target 1").inputValue()).toBe("google/gemini-3.6-flash");
  await walk.keys("Escape");
  await leaving.waitFor();
  await walk.stop();
  await walk.press(leaving.getByRole("button", { name: "Leave" }));
  await create.waitFor({ state: "detached" });
  // Where nothing was written nobody is.
  await walk.keys("c");
  await create.waitFor();
  await walk.keys("Escape");
  await create.waitFor({ state: "detached" });

  // Another route, whose second target has no tools: what is asked with one it could not take over, and the list says so.
  const [weak, other] = [`openai/${walk.name("weak")}`, `an-${name}`];
  await admin(ready, "/api/models", { model: weak, kind: "chat", capabilities: { tools: false } });
  const made = await fetch(`${ready.router}/api/routes`, {
    method: "PUT",
    headers: { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      ...{ name: other, strategy: "ordered", targets: [{ model: "openai/gpt-4.1" }, { model: weak }] },
    }),
  });
  expect(made.status).toBe(201);
  await served(other, { tools: [{ type: "function", function: { name: "look", parameters: {} } }] });
  expect(await served()).toBe("gpt-4.1");
  const figures = async () => {
    const search = `q=${name}&figures=true&sort=-requests`;
    const { data } = await admin<{ data: Listed[] }>(ready, `/api/routes?${search}`);
    return data.map(({ name, figures: { requests, lacking } }) => [name, requests, lacking]);
  };
  await expect.poll(figures, { timeout: 20_000 }).toEqual([
    [name, 2, []],
    [other, 1, [{ model: weak, lacks: "tools", requests: 1 }]],
  ]);

  // The one that has more traffic comes first, whatever it is called.
  await walk.go(`/routes?q=${name}`);
  const named = page.getByRole("button", { name });
  await expect.poll(() => named.allInnerTexts()).toEqual([name, other]);
  const warning = `${weak} lacks tools: 1 request in 7 d`;
  await page.getByText(warning).waitFor({ state: "attached" });
  await walk.stop();
  await walk.press(page.getByRole("button", { name: other }));
  await page.getByRole("dialog", { name: other }).getByText(warning).waitFor();
  await walk.stop();
  await walk.keys("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  // Another order, by the keyboard's own way: a button that moves it. What was tried is what then happens.
  await walk.press(page.getByRole("button", { name, exact: true }));
  const drawer = page.getByRole("dialog", { name, exact: true });
  await walk.press(drawer.getByRole("button", { name: "Move down openai/gpt-4.1" }));
  await page.goBack();
  await walk.press(leaving.getByRole("button", { name: "Stay" }));
  const foretold = await tryDraft(drawer);
  expect([foretold, await served()]).toEqual(["claude-haiku-4-5", "gpt-4.1"]);
  await walk.press(drawer.getByRole("button", { name: "Review changes" }));
  const publish = page.getByRole("dialog", { name: `Publish the changes of ${name}?` });
  const changes = publish.getByRole("row");
  await expect
    .poll(() => changes.allInnerTexts())
    .toEqual([
      expect.stringMatching(/Part\s+In force\s+Then/),
      expect.stringMatching(/Target 1\s+openai\/gpt-4.1\s+anthropic\/claude-haiku-4-5/),
      expect.stringMatching(/Target 2\s+anthropic\/claude-haiku-4-5\s+openai\/gpt-4.1/),
    ]);
  await publish.getByText(/^\d+ requests went over it/).waitFor();
  await walk.stop();
  await walk.press(publish.getByRole("button", { name: "Publish", exact: true }));
  await done();
  expect(await served()).toBe(foretold);

  // As JSON: what is wrong is named by its field, and what is right is tried at once.
  await walk.press(page.getByRole("button", { name, exact: true }));
  await walk.press(drawer.getByRole("tab", { name: "JSON" }));
  const json = drawer.getByLabel("The route as JSON");
  const written = JSON.parse(await json.inputValue());
  await walk.fill(json, JSON.stringify({ ...written, targets: [{ model: "nobody" }] }));
  await drawer.getByText(/^targets\[0\]\.model: /).waitFor();
  await walk.expectReported(/400/);
  expect(await drawer.getByRole("button", { name: "Review changes" }).isDisabled()).toBe(true);
  await walk.stop();
  await walk.fill(json, JSON.stringify({ ...written, targets: [{ model: "google/gemini-3.6-flash" }] }));
  await drawer.getByText(/would go to google\/gemini-3.6-flash/).waitFor();
  await walk.press(drawer.getByRole("button", { name: "Review changes" }));
  await walk.press(publish.getByRole("button", { name: "Publish", exact: true }));
  await done();
  expect(await served()).toBe("gemini-3.6-flash");

  // Back to how it began.
  await walk.press(page.getByRole("button", { name, exact: true }));
  const first = drawer.getByRole("listitem").filter({ hasText: /^v1/ });
  await walk.press(first.getByRole("button", { name: "Roll back to this" }));
  const back = page.getByRole("dialog", { name: `Roll ${name} back to v1?` });
  await back
    .getByRole("row")
    .filter({ hasText: /Target 1\s*google\/gemini-3.6-flash\s*openai\/gpt-4.1/ })
    .waitFor();
  await walk.stop();
  await walk.press(back.getByRole("button", { name: "Roll back to this" }));
  await done();
  expect(await served()).toBe("gpt-4.1");
  await walk.stop();
});
