/** Every component in a browser: axe, small and enlarged screens, forced colours, and no fault in the console. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, Gallery, hasChromium, PHONE, type Shown } from "./chromium.ts";

const PARTS = [
  "forms",
  "cards",
  "states",
  "dialog",
  "page",
  "reader",
  "verdict&verdict=yes",
  "verdict&verdict=no",
  "verdict&verdict=could_not_check",
];
const PICTURES = process.env["PICTURES"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let gallery: Gallery;

/** How far the page is wider than the screen. */
function excess({ page }: Shown): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

describe.skipIf(!hasChromium)("gallery", () => {
  beforeAll(async () => {
    gallery = await Gallery.start();
  }, 60_000);
  afterAll(() => gallery.stop());

  describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
    test.each(PARTS)("%s has no finding of axe and no fault", async (part) => {
      const { page, faults } = await gallery.show(part, { colorScheme, bypassCSP: true });
      await page.evaluate(axe);
      const found = await page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
      expect(found).toEqual([]);
      expect(faults).toEqual([]);
      await page.context().close();
    });
  });

  test.each(PARTS)("%s fits 320 px, which is 400 % zoom, under the strict policy", async (part) => {
    const shown = await gallery.show(part, { viewport: { width: 320, height: 256 } });
    expect(await excess(shown)).toBeLessThanOrEqual(0);
    expect(shown.faults).toEqual([]);
    await shown.page.context().close();
  });

  test.each(PARTS)("%s fits 360 px with text twice as large", async (part) => {
    const shown = await gallery.show(part);
    await shown.page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    expect(await excess(shown)).toBeLessThanOrEqual(0);
    await shown.page.context().close();
  });

  test("a card shows all its words with text twice as large", async () => {
    const { page } = await gallery.show("cards");
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    const cut = await page.$$eval(".card", (cards) =>
      cards.map((card) => card.scrollHeight - card.clientHeight).filter((hidden) => hidden > 0),
    );
    expect(cut).toEqual([]);
    await page.context().close();
  });

  test.each(["forms", "states", "dialog", "page", "reader"])("targets of %s are 44 px", async (part) => {
    const { page } = await gallery.show(part);
    const small = await page.$$eval("button, select, summary, nav a, input[type=text], textarea", (targets) =>
      targets
        .filter((target) => target.checkVisibility())
        .map((target) => ({
          words: target.textContent?.trim(),
          height: target.getBoundingClientRect().height,
        }))
        .filter(({ height }) => height < 44),
    );
    expect(small).toEqual([]);
    await page.context().close();
  });

  test("a verdict is announced, begins with its word at 400 % and clears itself", async () => {
    const { page } = await gallery.show("verdict&verdict=no&clear=1", {
      viewport: { width: 320, height: 256 },
    });
    await expect.poll(() => page.locator("[aria-live=assertive]").textContent()).toContain("No");
    expect(await page.locator(".word").boundingBox()).toMatchObject({ y: expect.closeTo(110, -2) });
    await expect.poll(() => page.locator("dialog").count(), { timeout: 3000 }).toBe(0);
    await page.context().close();
  });

  test("a dialog takes the focus to its question and gives Escape", async () => {
    const { page } = await gallery.show("dialog");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Delete this card?");
    await page.keyboard.press("Escape");
    expect(await page.locator("dialog[open]").count()).toBe(0);
    await page.context().close();
  });

  test("language and appearance are chosen and remembered", async () => {
    const { page } = await gallery.show("page");
    await page.getByLabel("Language").selectOption("fr");
    await page.getByLabel("Apparence").selectOption("dark");
    await page.reload();
    const html = await page.evaluate(() => ({
      ...document.documentElement.dataset,
      lang: document.documentElement.lang,
    }));
    expect(html).toEqual({ theme: "dark", lang: "fr" });
    await page.context().close();
  });

  // Only where they are wanted: a picture not taken is no test skipped.
  test.for(PICTURES ? PARTS : [])("pictures of %s", async (part) => {
    mkdirSync(PICTURES ?? "", { recursive: true });
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page } = await gallery.show(part, { viewport, colorScheme });
        const name = `${part.replace("&verdict=", "-")}-${size}-${colorScheme}.png`;
        await page.screenshot({ path: join(PICTURES ?? "", name), fullPage: !/dialog|verdict/.test(part) });
        await page.context().close();
      }
    }
  });
});
