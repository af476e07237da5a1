import { expect } from "vitest";
import { copiedOn, useDashboard } from "../browser.ts";
import { asAdmin, askWith } from "./as-admin.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

journey(dashboard, 12, "a key with a limit, used until it is used up", "/keys", async (walk) => {
  const { page, ready } = walk;
  const [team, name] = [walk.name("team"), walk.name("key")];
  const organization = await asAdmin<{ id: string }>(ready, "POST", "/api/organizations", { name: team });
  await asAdmin(ready, "POST", "/api/limits", {
    ...{ organization_id: organization.id, metric: "cost", window: "month", mode: "block", amount_usd: "500" },
  });

  // Where the keys of one organization are listed, a new one is made there; what binds it from above is seen before.
  await walk.go(`/keys?org=${organization.id}`);
  await walk.press(page.getByRole("main").getByRole("button", { name: "Create key" }).first());
  const form = page.getByRole("dialog", { name: "Create key" });
  await walk.fill(form.getByLabel("Name"), name);
  await form.getByText(`${team}: $500.00 a month`).waitFor();
  expect(
    await form.getByLabel("Organization", { exact: true }).evaluate((field) => (field as HTMLSelectElement).value),
  ).toBe(organization.id);
  await walk.press(form.getByText("Advanced"));
  await walk.press(form.getByRole("button", { name: "Add a limit" }));
  await walk.choose(form.getByLabel("What is limited"), "Requests");
  await walk.choose(form.getByLabel("Within"), "in total");
  await walk.fill(form.getByRole("textbox", { name: "Amount" }), "2");
  await walk.stop();
  await walk.press(form.getByRole("button", { name: "Create key" }));

  const reveal = page.getByRole("dialog", { name: `The key ${name}` });
  const key = (await reveal.locator("code").textContent()) ?? "";
  await walk.press(reveal.getByRole("button", { name: "Copy", exact: true }));
  expect(await copiedOn(page)).toBe(key);
  await walk.press(reveal.getByRole("button", { name: "Done" }));
  const row = page.getByRole("row").filter({ hasText: name });
  await walk.focused(row.getByRole("button", { name }));
  expect(await page.content()).not.toContain(key);
  await walk.stop();

  const answers = [await askWith(ready, key), await askWith(ready, key), await askWith(ready, key)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);

  // The key itself says what refuses it, beside what is above it and has room.
  await walk.press(row.getByRole("button", { name }));
  const drawer = page.getByRole("dialog", { name });
  await walk.press(drawer.getByRole("tab", { name: "Limits" }));
  const limits = drawer.getByRole("listitem");
  await limits.filter({ hasText: `${name}: 2 requests in total` }).waitFor();
  const share = (of: string) => limits.filter({ hasText: of }).getByRole("meter").getAttribute("aria-valuetext");
  expect(await share(`${name}: `)).toBe("100%, 2 of 2 requests");
  expect(await share(`${team}: `)).toMatch(/of \$500\.00$/);
  await walk.stop();

  // So do the limits of all.
  const id = new URL(page.url()).searchParams.get("id") ?? "";
  await walk.press(drawer.getByRole("link", { name: "All limits" }));
  await page.getByRole("heading", { level: 1, name: "Budgets & limits" }).waitFor();
  await walk.go(`/budgets?q=${name}`);
  const cap = page.getByRole("row").filter({ hasText: name });
  await cap.getByText("used up").waitFor();
  await walk.stop();

  // And the log: those that were let through have a row, and over them stands what refuses the others.
  await walk.go(`/logs?key=${id}`);
  await page.getByText("2 requests", { exact: true }).waitFor();
  const refusal = page.getByRole("link", { name: `Refused now: ${name}, 2 of 2 requests` });
  await refusal.waitFor();
  await walk.stop();
  await walk.press(refusal);
  await limits.filter({ hasText: `${name}: ` }).waitFor();

  // The request that was refused is there by itself, found by the id its client has: what it was told, and the limit.
  const refusedId = answers[2]?.id ?? "";
  await walk.go(`/logs?key=${id}&id=${refusedId}`);
  await walk.expectReported(/404/);
  await walk.press(page.getByRole("link", { name: "Look among refused requests" }));
  const refused = page.getByRole("dialog", { name: "openai/gpt-6.1-sol" });
  await refused.getByText("429 insufficient quota").waitFor();
  await refused.getByText(/^The limit of this key \(lim_\w+\) is 2 requests in total: 2 requests used/).waitFor();
  await refused.getByRole("link", { name: name }).waitFor();
  await walk.stop();
  await walk.press(refused.getByRole("link", { name: "The limit that refused it" }));
  await page.getByRole("dialog").getByText(name).first().waitFor();
  await walk.stop();

  // Who has used up their key goes on seeing everything.
  for (const [path, heading] of [
    ["/", "Overview"],
    ["/usage", "Usage"],
    ["/keys", "API keys"],
  ] as const) {
    await walk.go(`${path}?key=${id}`);
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  }
});
