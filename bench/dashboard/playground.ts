import { quantile } from "../statistics.ts";
import { type Figure, timing } from "./figure.ts";
import { mainThread } from "./main-thread.ts";
import { scriptTime } from "./script-time.ts";
import type { StandIn } from "./site.ts";
import type { Stage } from "./stage.ts";

const MODELS = ["openai/gpt-6.1-sol", "openai/gpt-6-mini", "openai/gpt-6.1-sol+a", "openai/gpt-6-mini+b"];
const A_SECOND = 200;
const LONG = 100_000;
/** What reads marks and makes elements of them. */
const MARKS = /\/assets\/markdown-/;
/** A word of an answer: with it a hundred thousand letters come in 25 s. */
const PIECES = [
  "**An answer** of ",
  "several words, a\n",
  "list:\n\n- one thing",
  "\n- `another`\n\nand",
  " so on, and on.\n\n",
];

/** Answers of a hundred thousand letters, two hundred pieces a second by the clock: a timer that is late brings what is due. */
const answers: StandIn = (url) => {
  if (!url.pathname.startsWith("/v1/")) return undefined;
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const begun = performance.now();
    let [sent, at] = [0, 0];
    const timer = setInterval(() => {
      const due = ((performance.now() - begun) * A_SECOND) / 1_000;
      while (at < due && sent < LONG) {
        const content = PIECES[at++ % PIECES.length] ?? "";
        sent += content.length;
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      }
      if (sent < LONG) return;
      clearInterval(timer);
      response.end("data: [DONE]\n\n");
    }, 1_000 / A_SECOND);
    response.on("close", () => clearInterval(timer));
  };
};

/** Four answers at once, each of 100 kB, two hundred pieces a second: pictures while they come. */
export async function measurePlayground({ fresh, site }: Stage): Promise<Figure[]> {
  site.standIn(answers);
  const context = await fresh({ reducedMotion: "reduce" });
  const page = await context.newPage();
  try {
    await page.goto(`${site.origin}/play?${MODELS.map((model) => `m=${encodeURIComponent(model)}`).join("&")}`);
    await page.getByRole("textbox").last().waitFor();
    await page.waitForTimeout(3_000);
    await page.evaluate(() => {
      const told = window as unknown as { frames: number[] };
      told.frames = [];
      let before = performance.now();
      const look = (now: number) => {
        told.frames.push(now - before);
        before = now;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const busy = await mainThread(page);
    const spent = await scriptTime(page, MARKS);
    const [from, before] = [performance.now(), await busy()];
    await page.locator("textarea").last().fill("Tell me");
    await page.locator("textarea").last().press("Enter");
    await page.waitForFunction(
      ({ count, long }) => {
        const articles = [...document.querySelectorAll("article")];
        return (
          articles.length === count &&
          articles.every((one) => one.ariaBusy !== "true" && (one.textContent ?? "").length > long)
        );
      },
      { count: MODELS.length, long: LONG * 0.7 },
      // Not at each picture: the pictures are what is measured.
      { timeout: 240_000, polling: 500 },
    );
    const share = ((await busy()) - before) / (performance.now() - from);
    const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
    const marks = await spent();
    const steps = frames.length * MODELS.length;
    return [
      timing("four answers of 100 kB at once: a picture, p95", quantile(frames, 0.95), 20),
      timing("the same, p50", quantile(frames, 0.5), 17),
      timing("the same: marks read and placed, a picture and column", marks.all / steps, 0.5),
      timing("the same, of the last quarter", marks.last / (steps / 4), 0.5),
      { name: "the same, of the main thread", measured: share * 100, unit: "%" },
    ];
  } finally {
    site.standIn(null);
    await context.close();
  }
}
