import type { Page } from "playwright-core";
import { median, quantile } from "../statistics.ts";
import { type Figure, timing } from "./figure.ts";
import type { Site } from "./site.ts";
import { emulate, type Profile, type Stage } from "./stage.ts";
import { seenBy, watchPages } from "./watch.ts";

const ROUNDS = 5;
/** After so long everything is there that the page reads ahead. */
const IDLE_MS = 4_000;

/** From a press of the button to the picture with the next page's name, in milliseconds. */
async function change(page: Page, link: string, heading: string): Promise<number> {
  await page.evaluate((name) => {
    addEventListener(
      "mousedown",
      () => {
        const from = performance.now();
        const look = () => {
          if (document.querySelector("h1")?.textContent === name)
            requestAnimationFrame(() => {
              (window as unknown as { took: number }).took = performance.now() - from;
            });
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      },
      { once: true, capture: true },
    );
  }, heading);
  const box = await page.locator(`nav a[href="${link}"]`).boundingBox();
  if (!box) throw new Error(`there is no link to ${link}`);
  await page.mouse.click(box.x + 20, box.y + box.height / 2);
  await page.waitForFunction(() => "took" in window);
  return page.evaluate(() => (window as unknown as { took: number }).took);
}

async function changes(stage: Stage, site: Site, to: [string, string], isCold: boolean): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await stage.fresh({ reducedMotion: "reduce" });
    const page = await context.newPage();
    await emulate(page, "D");
    await page.goto(`${site.origin}/`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (!isCold) await page.waitForTimeout(IDLE_MS);
    times.push(await change(page, ...to));
    await context.close();
  }
  return median(times);
}

/** From the keys to the picture with the palette's line; then what each letter in it costs in script. */
async function palette(stage: Stage, site: Site, isWarm: boolean): Promise<{ open: number; letter: number }> {
  const opened: number[] = [];
  const letters: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await stage.fresh({ reducedMotion: "reduce" });
    const page = await context.newPage();
    await emulate(page, "D");
    await page.goto(`${site.origin}/`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (isWarm) await page.waitForTimeout(IDLE_MS);
    await page.evaluate(() => {
      const told = window as unknown as { took?: number; letters: number[] };
      told.letters = [];
      let from = 0;
      addEventListener("keydown", () => (from ||= performance.now()), { once: true, capture: true });
      const look = () => {
        if (document.querySelector('[role="dialog"] input') && from)
          requestAnimationFrame(() => {
            told.took = performance.now() - from;
          });
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      let began = 0;
      addEventListener("input", () => (began = performance.now()), { capture: true });
      addEventListener("input", () => told.letters.push(performance.now() - began));
    });
    await page.keyboard.press("Control+k");
    await page.waitForFunction(() => "took" in window);
    await page.locator('[role="dialog"] input').focus();
    await page.keyboard.type("open", { delay: 60 });
    const told = await page.evaluate(() => window as unknown as { took: number; letters: number[] }).catch(() => null);
    const took = told ? told.took : await page.evaluate(() => (window as unknown as { took: number }).took);
    opened.push(took);
    letters.push(...(await page.evaluate(() => (window as unknown as { letters: number[] }).letters)));
    await context.close();
  }
  return { open: median(opened), letter: quantile(letters, 0.95) };
}

/** A walk by mouse and keys through the pages; the slowest but two in a hundred of its answers. */
async function walk(stage: Stage, profile: Profile): Promise<number> {
  const context = await stage.fresh();
  await watchPages(context, "h1");
  const page = await context.newPage();
  await emulate(page, profile);
  await page.goto(`${stage.site.origin}/`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForTimeout(IDLE_MS);
  for (const link of [
    "/logs",
    "/usage",
    "/keys",
    "/models",
    "/budgets",
    "/orgs",
    "/members",
    "/audit",
    "/routes",
    "/settings",
  ]) {
    await page.locator(`nav a[href^="${link}"]`).click();
    await page.waitForTimeout(400);
    await page.keyboard.press("Tab");
    await page.keyboard.press("j");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("combobox").waitFor();
  await page.keyboard.type("usage", { delay: 80 });
  await page.keyboard.press("Enter");
  await page.waitForTimeout(600);
  const { interactions } = await seenBy(page);
  await context.close();
  return quantile(interactions, 0.98);
}

/** From page to page, the palette, and how quickly the page answers the hand. */
export async function measureMoves(stage: Stage): Promise<Figure[]> {
  const ahead = await changes(stage, stage.site, ["/logs", "Logs"], false);
  const aheadFloor = await changes(stage, stage.floor, ["/second", "Second"], false);
  const cold = await changes(stage, stage.site, ["/logs", "Logs"], true);
  const coldFloor = await changes(stage, stage.floor, ["/second", "Second"], true);
  const warm = await palette(stage, stage.site, true);
  const first = await palette(stage, stage.site, false);
  const firstFloor = await palette(stage, stage.floor, false);
  return [
    timing("to another page, read ahead, D", ahead, 50, aheadFloor),
    timing("to another page, cold, D", cold, 120, coldFloor),
    timing("palette, read ahead, D", warm.open, 50),
    timing("palette, cold, D", first.open, 150, firstFloor.open),
    timing("a letter in the palette, p95 of the script", warm.letter, 16, firstFloor.letter),
    timing("from hand to picture, p98 of a walk, D", await walk(stage, "D"), 100),
    timing("from hand to picture, p98 of a walk, S", await walk(stage, "S"), 200),
  ];
}
