import { expect, test } from "vitest";
import { expectAccessible, useDashboard } from "./browser.ts";
import { asAdmin, askWith } from "./journeys/as-admin.ts";

const dashboard = useDashboard();
const { ready } = dashboard;

const HALF_A_MINUTE_MS = 30_000;
/** How often the list is told anew. */
const ANEW_MS = 5_000;

test("after half a minute without a request, what may keep it away is told as it stands, and what came instead", async () => {
  const { page } = await dashboard.openSignedIn("/me");
  await page.clock.install();
  await page.goto(`${ready.dashboard}/start`);
  const another = page.getByRole("button", { name: "Make another key" });
  const create = page.getByRole("button", { name: "Create the key" });
  await another.or(create).waitFor();
  if (await another.isVisible()) await another.click();
  await page.getByLabel("Name of the key").fill("waited-for");
  await create.click();
  await page.getByText("Waiting for your first request…").waitFor();
  const { data } = await asAdmin<{ data: { id: string }[] }>(ready, "GET", "/api/keys?q=waited-for");
  const id = data[0]?.id;
  expect(await page.getByText("Nothing yet. Look at these:").count()).toBe(0);

  await page.clock.fastForward(HALF_A_MINUTE_MS);
  const item = (name: string) => page.getByRole("main").getByRole("listitem").filter({ hasText: name });
  await item("The key").getByText("in order").waitFor();
  await item("The key")
    .getByText(/is in force until/)
    .waitFor();
  await item("Limits").getByText("None refuses this key now.").waitFor();
  await item("Address").getByText(ready.router).waitFor();
  await expectAccessible(page);

  // What comes with another key, a key that is stopped, and a limit that is used up.
  const other = await asAdmin<{ key: string }>(ready, "POST", "/api/keys", { name: "mistaken" });
  expect((await askWith(ready, other.key)).status).toBe(200);
  const stopped = await asAdmin<{ id: string; key: string }>(ready, "POST", "/api/keys", { name: "stopped" });
  await asAdmin(ready, "POST", `/api/keys/${stopped.id}/disable`);
  expect((await askWith(ready, stopped.key)).status).toBe(401);
  await asAdmin(ready, "POST", "/api/limits", { key_id: id, metric: "requests", window: "total", amount: 0 });
  await asAdmin(ready, "POST", `/api/keys/${id}/disable`);
  await page.clock.fastForward(ANEW_MS);
  await item("The key").getByText("is answered 401 key_disabled, whatever it asks.").waitFor();
  await item("Limits")
    .getByText(/^waited-for is used up: 0 of 0 requests/)
    .waitFor();
  expect(await item("Limits").getByText("refuses", { exact: true }).count()).toBe(1);
  // The latest of all, which may be another test's.
  await item("Attempts")
    .getByText(/a request came with another key, .+, and was answered \d{3}/)
    .waitFor();
  await item("Attempts")
    .getByText(/a request with the key .+ was refused: \d{3} \w+/)
    .waitFor();
  await expectAccessible(page);
});
