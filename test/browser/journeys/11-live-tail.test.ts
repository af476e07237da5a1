import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Ready } from "../../../local/stack/ready.ts";
import { getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

/** More than a screen has. */
const BEFORE = 30;
const LOAD = 60;

journey(dashboard, 11, "what arrives under load, while one reads and while the tab is hidden", "/me", async (walk) => {
  const { page, ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}` };
  const tag = walk.name("tail");
  const known = async () =>
    (await getJson<{ data: { id: string }[] }>(ready.router, `/api/requests?tag=name:${tag}&limit=200`, admin)).data;
  const settled = (count: number) => expect.poll(async () => (await known()).length).toBe(count);
  await send(ready, tag, BEFORE);
  await settled(BEFORE);

  await walk.go(`/logs?tag=name:${tag}`);
  const rows = page.locator("[data-row]");
  const table = page.getByRole("table", { name: "Logs" });
  await rows.first().waitFor();
  const follow = page.getByRole("switch", { name: "Follow what arrives" });
  await (walk.way.input === "mouse" ? walk.press(follow) : walk.keys("."));
  await follow.getByText("Live", { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get("live")).toBe("on");

  // Nobody reads: what arrives is seen at once.
  await send(ready, tag, 1);
  await settled(BEFORE + 1);
  const [first] = await known();
  await page.locator(`[data-row="${first?.id}"]`).waitFor();

  // Read anew it still follows. What was there has moved down, as was asked for; from here on nothing may.
  await walk.reload();
  await page.locator(`[data-row="${first?.id}"]`).waitFor();
  await follow.getByText("Live", { exact: true }).waitFor();
  await walk.stop();

  // Whoever has scrolled away from the newest reads on: nothing moves, however much comes.
  if (walk.way.input === "mouse") {
    await table.hover();
    await page.mouse.wheel(0, 200);
    // From one of the last rows: whoever walks through the first ones on their way out is at the head, and reads no more.
  } else
    await walk.keys(
      Array(BEFORE - 2)
        .fill("j")
        .join(" "),
    );
  await follow.getByText("Paused").waitFor();
  await expect.poll(() => table.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  let seen = await standing(page);
  // Until the scrolling has come to its end.
  let same = 0;
  await expect
    .poll(async () => {
      const before = JSON.stringify(seen);
      seen = await standing(page);
      same = JSON.stringify(seen) === before ? same + 1 : 0;
      return same;
    })
    .toBeGreaterThan(4);
  await send(ready, tag, LOAD);
  await page.getByRole("button", { name: `+${LOAD} new` }).waitFor();
  expect(await standing(page)).toEqual(seen);
  await walk.stop();

  // A tab that is not seen asks nothing, of nobody.
  await setHidden(page, true);
  await follow.getByText("Live…").waitFor();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await send(ready, tag, 2);
  const all = BEFORE + 1 + LOAD + 2;
  await settled(all);
  expect(asked).toEqual([]);

  // Seen again it goes on where it was; still nothing has moved.
  await setHidden(page, false);
  const more = page.getByRole("button", { name: `+${LOAD + 2} new` });
  await more.waitFor();
  expect(await standing(page)).toEqual(seen);

  // Wanted, all that waited is there, and each row once.
  await walk.press(more);
  await more.waitFor({ state: "detached" });
  const newest = (await known()).map(({ id }) => id);
  await page.locator(`[data-row="${newest[0]}"]`).waitFor();
  await expect.poll(() => table.evaluate((element) => element.scrollTop)).toBe(0);
  const shown = (await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-row")))).slice(0, 8);
  expect(shown).toEqual(newest.slice(0, 8));
  await expect.poll(() => table.getAttribute("aria-rowcount")).toBe(String(all + 1));
  // Count, bars and rail follow.
  await page.getByRole("status").getByText(`${all} requests`, { exact: true }).waitFor();
  await page.getByText(`${all} requests, 0 failed`, { exact: true }).waitFor();
  expect(await table.evaluate((element) => element === document.activeElement)).toBe(true);
  await walk.stop();
});

/** Which rows are in sight, and where: what must not change while somebody reads. Beyond the edges the list keeps as many as it likes. */
const standing = (page: Page) =>
  page.locator('[role="table"]').evaluate((table) => {
    const { top, bottom } = table.getBoundingClientRect();
    return {
      offset: table.scrollTop,
      rows: [...table.querySelectorAll("[data-row]")]
        .map((row) => ({ id: row.getAttribute("data-row"), at: row.getBoundingClientRect() }))
        .filter(({ at }) => at.bottom > top && at.top < bottom)
        .map(({ id, at }) => [id, at.top]),
    };
  });

/** The browser has no window that could be covered: the page is told what it would be told. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

/** Requests to the router, ten at a time. */
async function send({ router, apiKey }: Ready, tag: string, count: number): Promise<void> {
  const one = async () => {
    const response = await fetch(`${router}/v1/chat/completions`, {
      method: "POST",
      headers: {
        ...{ authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        "x-gaia-tags": `name=${tag}`,
      },
      body: JSON.stringify({ model: "openai/gpt-6.1-sol", messages: [{ role: "user", content: "Hello" }] }),
    });
    await response.text();
    expect(response.status).toBe(200);
  };
  let left = count;
  const turn = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: Math.min(10, count) }, turn));
}
