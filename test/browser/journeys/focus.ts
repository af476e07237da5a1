import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** More than any page has from one end to the other. */
const MOST_TABS = 400;

/** Those that one Tab enters, and arrows walk within. */
const COMPOSITES =
  '[role="tablist"], [role="radiogroup"], [role="menu"], [role="listbox"], [role="tree"], [role="grid"]';

type Standing = "there" | "inside" | "elsewhere";

/** Where the focus stands: at the target (or, in a list that points, at it), in the group whose arrows lead there, or elsewhere. */
const standing = (target: Locator): Promise<Standing> =>
  target.evaluate((element, composites): Standing => {
    const active = document.activeElement;
    if (active === element) return "there";
    const pointed = active?.getAttribute("aria-activedescendant");
    if (pointed && pointed === element.id) return "there";
    const group = element.closest(composites);
    const radio = element instanceof HTMLInputElement && element.type === "radio" ? element.name : null;
    if (radio && active instanceof HTMLInputElement && active.name === radio) return "inside";
    if (group && active && (group.contains(active) || active.getAttribute("aria-controls") === group.id))
      return "inside";
    return "elsewhere";
  }, COMPOSITES);

/** Brings the focus to the target by Tab, and by arrows within what one Tab enters; fails when no key leads there. */
export async function focusByTab(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const arrows = await target.evaluate((element) => {
    const list = element.closest('[role="tablist"]');
    return list !== null && list.getAttribute("aria-orientation") !== "vertical" ? "ArrowRight" : "ArrowDown";
  });
  for (let keys = 0; keys < MOST_TABS; keys++) {
    const at = await standing(target);
    if (at === "there") return;
    await page.keyboard.press(at === "inside" ? arrows : "Tab");
  }
  throw new Error(`no key leads to ${target}`);
}

/** What has the focus is seen to have it, and nothing that sticks to the screen's edge lies over it (WCAG 2.2, 2.4.7, 2.4.11). */
export async function expectFocusSeen(target: Locator): Promise<void> {
  const seen = () =>
    target.evaluate((element) => {
      const marked = [element, ...(element instanceof HTMLInputElement ? (element.labels ?? []) : [])].flatMap(
        (one) => [one, one.parentElement, one.nextElementSibling],
      );
      const isMarked = marked.some((one) => {
        if (!one) return false;
        // A row of a table is marked as a whole, by what lies over it.
        return [getComputedStyle(one), getComputedStyle(one, "::after")].some(
          ({ outlineStyle, outlineWidth, boxShadow }) =>
            (outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) || boxShadow !== "none",
        );
      });
      // An option that a list points at is marked by the list.
      const isPointed = element !== document.activeElement;
      const { left, top, width, height } = element.getBoundingClientRect();
      const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + width * x, top + height * y]));
      const isUncovered = points.some(([x, y]) => {
        const hit = document.elementFromPoint(x as number, y as number);
        return hit !== null && (element.contains(hit) || hit.contains(element));
      });
      return { marked: isMarked || isPointed, uncovered: isUncovered };
    });
  await expect.poll(seen, { message: `the focus on ${target}` }).toEqual({ marked: true, uncovered: true });
}
