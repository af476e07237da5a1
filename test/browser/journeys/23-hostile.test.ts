import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Ready } from "../../../local/stack/ready.ts";
import { awaitRow, getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey, type Walk } from "./walk.ts";

const dashboard = useDashboard();

/** What would run if anything ran: each writes down that it did. */
const ATTACKS = [
  "<script>window.hacked = 1</script>",
  '<img src="x" onerror="window.hacked = 2">',
  '<svg onload="window.hacked = 3"></svg>',
  '<iframe srcdoc="<script>parent.hacked = 4</script>"></iframe>',
  "[a link](javascript:window.hacked=5)",
  "<a href='javascript:window.hacked=6'>another</a>",
  '![a picture](x"onerror="window.hacked=7)',
  "[data](data:text/html,<script>opener.hacked=8</script>)",
];
const TURNED = "\u202Egnp.exe\u202C \u2066isolated";
const STARS = "**a** ".repeat(16_384);
const QUOTES = `${">".repeat(5_000)} deep`;
const TABLE = ["|a|b|c|", "|-|-|-|", ...Array.from({ length: 4_000 }, (_, at) => `|${at}|**x**|\`y\`|`)].join("\n");
/** More than stands on any screen. */
const LINES = Array.from({ length: 400 }, (_, at) => `Line ${at} of **many**.`);
/** Above what is shown of an answer. */
const TWO_MB = "All work and no play. ".repeat(95_326);

journey(dashboard, 23, "what is hostile is shown as what it is, and holds nothing up", "/me", async (walk) => {
  const { page, ready } = walk;
  const name = `<img src=x onerror=window.hacked=9> ${walk.name("hostile")}`;
  const key = await hostileKey(ready, name);

  // In answers: markup, marks without end, and more than anybody reads.
  const said: Record<string, string> = {
    "openai/html": [...ATTACKS, TURNED, ...LINES].join("\n\n"),
    "openai/stars": STARS,
    "openai/deep": `${QUOTES}\n\n${TABLE}`,
    "openai/long": TWO_MB,
  };
  await page.route("**/v1/chat/completions", (route) => {
    const { model } = route.request().postDataJSON() as { model: string };
    return route.fulfill({ status: 200, contentType: "text/event-stream", body: stream(said[model] ?? "") });
  });
  const models = Object.keys(said);
  await walk.go(`/play?${models.map((model) => `m=${encodeURIComponent(model)}`).join("&")}`);
  const answer = (model: string) => page.getByRole("article", { name: model, exact: true });
  const see = async (model: string) => {
    if (walk.way.width === 390)
      await walk.press(page.getByRole("button", { name: model.split("/").at(-1) ?? model, exact: true }));
  };
  await startClock(page);
  await walk.fill(page.getByRole("textbox", { name: "Message" }), ATTACKS.join(" "));
  await walk.keys("Enter");
  for (const model of models) {
    await see(model);
    await answer(model)
      .getByRole("button", { name: `Regenerate ${model}` })
      .waitFor();
  }
  await see("openai/long");
  await answer("openai/long").getByText("Cut at 1 MB").waitFor();
  // What was cut is cut: no more than a megabyte of it is in the page.
  expect((await answer("openai/long").textContent())?.length).toBeLessThan(1_050_000);
  await see("openai/html");
  for (const text of ["<script>window.hacked = 1</script>", "window.hacked = 3", "gnp.exe"])
    await answer("openai/html").getByText(text, { exact: false }).first().waitFor();
  // What is far out of sight is left out of layout, not out of the page: it comes where one goes.
  await expect.poll(() => answer("openai/html").locator("[style*='content-visibility']").count()).toBeGreaterThan(5);
  await expect
    .poll(async () => (await answer("openai/html").textContent())?.match(/Line \d+ of many/g))
    .toEqual(LINES.map((line) => line.replace(/\*\*|\.$/g, "")));
  const links = await answer("openai/html")
    .getByRole("link")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  expect(links.filter((href) => href !== null && !/^(https?:|mailto:|\/)/.test(href))).toEqual([]);
  await see("openai/stars");
  await answer("openai/stars")
    .getByText("a a a")
    .first()
    .or(answer("openai/stars").getByText("**a** **a**").first())
    .waitFor();
  await see("openai/deep");
  await answer("openai/deep").getByText("deep").first().waitFor();
  // Between the pieces of all that the page came to other things.
  expect(await ticks(page)).toBeGreaterThan(20);
  await expectNothingRan(page);
  await walk.stop();

  // While something hostile still comes, Stop works.
  await page.unroute("**/v1/chat/completions");
  const endless = `openai/x+silence-6+text-${encodeURIComponent(`${ATTACKS[0]} ${"**".repeat(40)}`)}`;
  await walk.go(`/play?m=${encodeURIComponent(endless)}`);
  await walk.fill(page.getByRole("textbox", { name: "Message" }), "Hello");
  await walk.keys("Enter");
  await answer(endless).getByText("<script>").first().waitFor();
  await walk.press(answer(endless).getByRole("button", { name: /^Stop/ }));
  await answer(endless).getByText("Stopped: this is what had come.").waitFor();
  await expectNothingRan(page);

  // In names: of a model, a tag, a client, a key.
  const model = `openai/<img src=x onerror=window.hacked=10> ${walk.name("m")}`;
  const id = await ask(ready, key.secret, model);
  const admin = { authorization: `Bearer ${ready.adminKey}` };
  await awaitRow(ready.router, admin, id);
  await walk.go(`/logs?key=${key.id}&id=${id}`);
  const record = page.getByRole("complementary", { name: model }).or(page.getByRole("dialog", { name: model }));
  await record.getByText("<script>window.hacked=11</script>").first().waitFor();
  await record.getByText("<b>bold</b>").first().waitFor();
  await record.getByText(name).first().waitFor();
  await expectNothingRan(page);
  await walk.stop();
  const { data } = await getJson<{ data: { id: string }[] }>(ready.router, `/api/audit?target=${key.id}`, admin);
  for (const path of [`/keys?id=${key.id}`, `/audit?target=${key.id}&id=${data[0]?.id}`]) {
    await walk.go(path);
    await page.getByText(name, { exact: false }).filter({ visible: true }).first().waitFor();
    await expectNothingRan(page);
    await walk.stop();
  }
});

/** An answer as Chat streams it, in pieces of some kilobytes. */
function stream(text: string): string {
  const pieces = text.match(/[\s\S]{1,4096}/g) ?? [];
  const chunk = (delta: object) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;
  return `${pieces.map((content) => chunk({ content })).join("")}data: [DONE]\n\n`;
}

async function expectNothingRan(page: Page): Promise<void> {
  expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
  const made = page.locator(
    "#root :is(iframe, object, embed, [onerror], [onload], img[src='x'], a[href^='javascript:'], a[href^='data:'])",
  );
  expect(await made.count()).toBe(0);
  expect(await page.locator("#root script").count()).toBe(0);
}

/** A clock of the page's own, which stands still while something holds the page up. */
const startClock = (page: Page) =>
  page.evaluate(() => {
    const clock = window as unknown as { ticks: number };
    clock.ticks = 0;
    setInterval(() => clock.ticks++, 10);
  });
const ticks = (page: Page) => page.evaluate(() => (window as unknown as { ticks: number }).ticks);

async function hostileKey({ router, adminKey }: Ready, name: string): Promise<{ id: string; secret: string }> {
  const made = await fetch(`${router}/api/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  expect(made.status).toBe(201);
  const { id, key } = (await made.json()) as { id: string; key: string };
  return { id, secret: key };
}

async function ask({ router }: Walk["ready"], secret: string, model: string): Promise<string> {
  const response = await fetch(`${router}/v1/chat/completions`, {
    method: "POST",
    headers: {
      ...{ authorization: `Bearer ${secret}`, "content-type": "application/json" },
      ...{ "x-gaia-tags": "note=<script>window.hacked=11</script>", "user-agent": "<b>bold</b>" },
    },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}
