import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Ready } from "../../../local/stack/ready.ts";
import { type Dashboard, expectAccessible, expectNoJump, expectReported, type WatchedPage } from "../browser.ts";
import { expectFocusSeen, focusByTab } from "./focus.ts";

/** How a journey is walked. */
export interface Way {
  input: "mouse" | "keyboard";
  theme: "light" | "dark";
  /** Of the screen, in CSS pixels. */
  width: 1440 | 390;
}

const HEIGHTS = { 1440: 900, 390: 844 } as const;

/** Every way there is: `npm run journeys` walks them all. */
const ALL: Way[] = ([1440, 390] as const).flatMap((width) =>
  (["light", "dark"] as const).flatMap((theme) =>
    (["mouse", "keyboard"] as const).map((input) => ({ input, theme, width })),
  ),
);

/** Those of every day: the record, a key from its first day to its last, a bar's requests, people. All are walked by `npm run journeys`. */
const DAILY: ReadonlySet<number> = new Set([8, 10, 13, 16]);

/** One way a journey, for the tests of every day: odd ones by mouse in light, even ones by keyboard in dark. */
const usual = (number: number): Way =>
  number % 2 === 1
    ? { input: "mouse", theme: "light", width: 1440 }
    : { input: "keyboard", theme: "dark", width: 1440 };

/** One person on the way: does what a journey's script says with the mouse, or with nothing but the keyboard. */
export class Walk {
  readonly page: Page;
  readonly ready: Ready;
  readonly way: Way;
  readonly #opened: WatchedPage;
  readonly #number: number;

  constructor(opened: WatchedPage, ready: Ready, way: Way, number: number) {
    this.#opened = opened;
    this.page = opened.page;
    this.ready = ready;
    this.way = way;
    this.#number = number;
  }

  /** A name nobody else uses: the stack is shared, and each way walks it anew. */
  name(of: string): string {
    const { input, theme, width } = this.way;
    return `${of}-${this.#number}-${input}-${theme}-${width}`;
  }

  /** Opens a page of the dashboard by its address, and waits for its heading. */
  async go(path: string): Promise<void> {
    await this.page.goto(this.ready.dashboard + path);
    await this.page.getByRole("heading", { level: 1, includeHidden: true }).first().waitFor();
  }

  /** A click; or the focus brought there by Tab (arrows among tabs, radios, entries of a menu or list), and Enter or Space. */
  async press(target: Locator): Promise<void> {
    if (this.way.input === "mouse") return target.click();
    await this.focus(target);
    const takesSpace = await target.evaluate((element) =>
      element.matches(
        'input[type="checkbox"], input[type="radio"], [role="switch"], [role="checkbox"], [role="radio"]',
      ),
    );
    await this.page.keyboard.press(takesSpace ? "Space" : "Enter");
  }

  /** Brings the focus to a control, by a click's pointer or by Tab; by Tab it has to be seen there. */
  async focus(target: Locator): Promise<void> {
    if (this.way.input === "mouse") return target.focus();
    await focusByTab(this.page, target);
    await expectFocusSeen(target);
  }

  /** Replaces what stands in a field. */
  async fill(target: Locator, text: string): Promise<void> {
    if (this.way.input === "mouse") await target.click();
    else await this.focus(target);
    await this.page.keyboard.press("ControlOrMeta+A");
    if (text === "") await this.page.keyboard.press("Delete");
    else await this.page.keyboard.insertText(text);
  }

  /** Pastes into what has the focus, as a password manager or a person does. */
  async paste(target: Locator, text: string): Promise<void> {
    await this.focus(target);
    // The clipboard is one for all pages of the browser: what another page copied in between is pasted over.
    await expect
      .poll(async () => {
        await this.page.keyboard.press("ControlOrMeta+A");
        await this.page.evaluate((text) => navigator.clipboard.writeText(text), text);
        await this.page.keyboard.press("ControlOrMeta+V");
        return (await target.inputValue()).replaceAll(" ", "");
      })
      .toBe(text.replaceAll(" ", ""));
  }

  /** When letters were last typed at a list. */
  #typedAt = 0;

  /** Chooses an option of a `<select>`; by keyboard, by the letters of its label. Some lists are filled as one reaches for them. */
  async choose(target: Locator, label: string): Promise<void> {
    const optionOf = (label: string) =>
      target.evaluate(
        (element, label) =>
          [...(element as HTMLSelectElement).options].find((one) => one.label.trim() === label)?.value,
        label,
      );
    if (this.way.input === "mouse") await target.hover();
    else await this.focus(target);
    await expect.poll(() => optionOf(label)).toBeDefined();
    // A dialog that opens upon the choice hides it from what looks for names.
    const list = await target.elementHandle();
    if (this.way.input === "mouse") {
      // No script reaches the browser's own list: a key that does nothing stands for the click, so that what it moves is no jump.
      await this.page.keyboard.press("Shift");
      await target.selectOption((await optionOf(label)) ?? "");
    } else {
      // Letters that follow within a second are taken for more of the same name.
      await this.page.waitForTimeout(Math.max(0, this.#typedAt + 1_000 - Date.now()));
      await this.page.keyboard.type(label);
      this.#typedAt = Date.now();
    }
    const chosen = await list?.evaluate((element) => (element as HTMLSelectElement).selectedOptions[0]?.label.trim());
    expect(chosen).toBe(label);
  }

  /** Writes a date and time into a field for one, as an American's has it: `2026-11-24T14:02`. */
  async fillMoment(target: Locator, moment: string): Promise<void> {
    if (this.way.input === "mouse") await target.fill(moment);
    else {
      const [year = "", month = "", day = "", hour = "", minute = ""] = moment.split(/[-T:]/);
      await this.focus(target);
      await this.page.keyboard.type(`${month}${day}${year}`);
      await this.page.keyboard.press("ArrowRight");
      await this.page.keyboard.type(`${String(Number(hour) % 12 || 12).padStart(2, "0")}${minute}`);
      await this.page.keyboard.type(Number(hour) < 12 ? "A" : "P");
    }
    expect(await target.inputValue()).toBe(moment);
  }

  /** Waits until a control has the focus by itself, as the first field of a dialog does. */
  async focused(target: Locator): Promise<void> {
    await target.waitFor();
    await expect.poll(() => target.evaluate((element) => element === document.activeElement)).toBe(true);
  }

  /** Keys, as in the dashboard's own list of shortcuts: `g l` one after the other, `Escape`, `ControlOrMeta+K`. */
  async keys(written: string): Promise<void> {
    for (const key of written.split(" ")) await this.page.keyboard.press(key);
  }

  /** What a test provokes on purpose stands in the console: it has to, and it is no problem then. */
  expectReported = (report: RegExp): Promise<void> => expectReported(this.#opened, report);

  /** A place to look around: nothing wrong by axe's rules, nothing has jumped, the console is silent. */
  async stop(): Promise<void> {
    await expectAccessible(this.page);
    await expectNoJump(this.page);
    const { problems, expected } = this.#opened;
    expect(problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)))).toEqual([]);
    await this.picture(`${this.#stops++}`);
  }
  #stops = 0;

  /** What is seen now, in the folder that `JOURNEY_PICTURES` names, if it names one. */
  async picture(name: string): Promise<void> {
    const folder = process.env.JOURNEY_PICTURES;
    if (folder) await this.page.screenshot({ path: `${folder}/${this.name(name)}.png` });
  }

  /** The address says it all: a page read anew shows the same, also under a dialog that the address opens. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.getByRole("heading", { level: 1, includeHidden: true }).first().waitFor();
  }
}

/**
 * A journey of the dashboard: one script, a test for each way it is walked. `JOURNEYS=all` walks all eight (mouse and keyboard,
 * light and dark, 1440 and 390 px), `JOURNEYS=once` one; without it, only those of every day are walked, once. The walker
 * starts signed in as the stack's first admin, at `from`, or is not signed in where `from` is the sign-in.
 */
export function journey(
  dashboard: Dashboard,
  number: number,
  title: string,
  from: string,
  script: (walk: Walk) => Promise<void>,
): void {
  const walked = process.env.JOURNEYS;
  for (const way of walked === "all" ? ALL : [usual(number)]) {
    test.skipIf(walked === undefined && !DAILY.has(number))(
      `journey ${number}: ${title}, by ${way.input}, ${way.theme}, ${way.width} px`,
      async () => {
        const options = {
          colorScheme: way.theme,
          viewport: { width: way.width, height: HEIGHTS[way.width] },
          permissions: ["clipboard-read", "clipboard-write"],
        };
        const opened = from.startsWith("/login")
          ? await dashboard.open(from, options)
          : await dashboard.openSignedIn(from, options);
        const walk = new Walk(opened, dashboard.ready, way, number);
        await script(walk).catch(async (thrown) => {
          await walk.picture("failed");
          throw thrown;
        });
      },
    );
  }
}
