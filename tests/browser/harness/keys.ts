/** A person without a pointer, and one without a screen. */
import { expect } from "vitest";
import type { Locator, Page } from "playwright-core";

/** More presses of Tab than any page of ours needs. */
const LONGEST_WAY = 80;

/** Presses Tab until this has the focus, which must be seen to be there. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  const element = await wanted.elementHandle();
  const there = (): Promise<boolean> =>
    page.evaluate((element) => document.activeElement === element, element);
  for (let presses = 0; !(await there()); presses += 1) {
    if (presses === LONGEST_WAY) throw new Error(`Tab does not lead to ${wanted}`);
    await page.keyboard.press("Tab");
  }
  expect(await outlined(page), `${wanted} shows that it has the focus`).toBe(true);
}

/** Whether what has the focus, or what surrounds it closely, is outlined. */
function outlined(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    let element: Element | null = document.activeElement;
    for (let level = 0; element && level < 3; level += 1) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      if ((outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) || boxShadow !== "none")
        return true;
      // The picture of a switch stands beside the field that has the focus.
      const beside = element.nextElementSibling && getComputedStyle(element.nextElementSibling);
      if (
        level === 0 &&
        beside &&
        beside.outlineStyle !== "none" &&
        Number.parseFloat(beside.outlineWidth) > 0
      )
        return true;
      element = element.parentElement;
    }
    return false;
  });
}

/** Waits until a screen reader is told this: in a live region, or by the title that takes the focus. */
export async function said(page: Page, words: string | RegExp): Promise<void> {
  const regions = page.locator("[aria-live], [role=status], [role=alert], [role=timer], output, h1:focus");
  await regions.filter({ hasText: words }).first().waitFor({ state: "attached" });
}
