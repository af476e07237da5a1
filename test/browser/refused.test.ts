import { beforeAll, expect, test } from "vitest";
import { expectAccessible, useDashboard } from "./browser.ts";
import { asAdmin, askWith } from "./journeys/as-admin.ts";

const dashboard = useDashboard();
const { ready } = dashboard;

/** Keys that are stopped, with the request that each was refused. */
const refused: Record<"one" | "other", { key: string; id: string }> = Object.create(null);
beforeAll(async () => {
  for (const name of ["one", "other"] as const) {
    const made = await asAdmin<{ id: string; key: string }>(ready, "POST", "/api/keys", { name: `stopped-${name}` });
    await asAdmin(ready, "POST", `/api/keys/${made.id}/disable`);
    const { status, id } = await askWith(ready, made.key);
    expect(status).toBe(401);
    refused[name] = { key: made.id, id };
  }
});

test("what narrows the log goes along as far as a refused request has it, and nothing else seems to narrow", async () => {
  const { one, other } = refused;
  const { page } = await dashboard.openSignedIn(`/logs?from=-24h&key=${one.key}&model=openai/none`);
  await page.getByRole("link", { name: "Refused requests" }).click();
  await page.getByRole("heading", { level: 1, name: "Refused requests" }).waitFor();
  const rows = page.getByRole("row").filter({ hasText: "key disabled" });
  await rows.filter({ hasText: "stopped-one" }).waitFor();
  expect(await rows.count()).toBe(1);
  const { searchParams } = new URL(page.url());
  expect([...searchParams.keys()].sort()).toEqual(["from", "key"]);
  await expectAccessible(page);

  // Without the filter the other one is there, too; by its id it is alone, and its record says what its client was told.
  await page.getByRole("button", { name: /^Without Key/ }).click();
  await rows.filter({ hasText: "stopped-other" }).waitFor();
  await page.getByRole("searchbox", { name: "An id, or a part of a model's name" }).fill(other.id);
  await expect.poll(() => rows.count()).toBe(1);
  await rows.getByRole("button").click();
  const record = page.getByRole("dialog", { name: "openai/gpt-6.1-sol" });
  await record.getByText("This API key is disabled. Ask its owner to enable it, or use another.").waitFor();
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await page.getByRole("searchbox").fill("nothing-like-it");
  await page.getByText("Nothing matches these filters.").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await rows.filter({ hasText: "stopped-one" }).waitFor();
});
