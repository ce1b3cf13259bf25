/** Contrast of text whose ground axe cannot tell, from the pixels that are behind it. */
import type { Page } from "playwright-core";
import { contrast, type Rgb } from "../../../ui/src/contrast.ts";

interface Text {
  target: string;
  /** Where its letters are, on the whole page. */
  lines: { x: number; y: number; width: number; height: number }[];
  colour: Rgb;
  /** WCAG's large text: 24 px, or 18.66 px in bold. */
  large: boolean;
}

/** A picture of a page is as high as this at most; what is further down in a list looks like what is above. */
const HIGHEST = 4_000;

/** Of these texts, those with less than 4.5:1 (3:1 for large ones) at the worst of their pixels. */
export async function unmeasured(page: Page, targets: string[]): Promise<string[]> {
  const texts = await hide(page, targets);
  if (texts.length === 0) return [];
  const width = await page.evaluate(() => document.documentElement.clientWidth);
  const low = Math.max(...texts.flatMap(({ lines }) => lines.map(({ y, height }) => y + height)));
  const picture = await page.screenshot({
    fullPage: true,
    clip: { x: 0, y: 0, width, height: Math.ceil(low) },
    animations: "disabled",
  });
  await page.evaluate(() => {
    for (const name of ["data-unseen", "data-unstuck", "data-whole"])
      for (const element of document.querySelectorAll(`[${name}]`)) element.removeAttribute(name);
  });
  const grounds = await groundsOf(page, picture.toString("base64"), texts);
  return texts.flatMap(({ target, colour, large }, at) => {
    const worst = Math.min(...(grounds[at] ?? []).map((ground) => contrast(colour, ground)));
    return worst < (large ? 3 : 4.5) ? [`contrast of ${worst.toFixed(2)}: ${target}`] : [];
  });
}

/** Takes the letters off their ground. */
function hide(page: Page, targets: string[]): Promise<Text[]> {
  return page.evaluate(
    ({ targets, highest }) => {
      const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
      // What stays at the edge of the window would lie over the text.
      for (const element of document.querySelectorAll("body *")) {
        const { position } = getComputedStyle(element);
        if (position === "sticky" || (position === "fixed" && !element.closest("dialog, [popover]")))
          element.setAttribute("data-unstuck", "");
      }
      document.documentElement.setAttribute("data-whole", "");
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        [
          "[data-unseen] { color: transparent !important; transition: none !important; }",
          "[data-unstuck] { position: static !important; }",
          // What is far down is not drawn until somebody scrolls there.
          "[data-whole] * { content-visibility: visible !important; }",
        ].join(" "),
      );
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      // Behind a dialog, and behind what covers the window, nothing is to be read.
      const readable = document.querySelector(":modal, :popover-open") ?? document.documentElement;
      const texts: Text[] = [];
      const elements: Element[] = [];
      for (const target of targets) {
        const element = document.querySelector(target);
        if (!element || !readable.contains(element)) continue;
        const range = document.createRange();
        const lines = [...element.childNodes]
          .filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
          .flatMap((node) => {
            range.selectNodeContents(node);
            return [...range.getClientRects()];
          })
          .map(({ x, y, width, height }) => ({ x: x + scrollX, y: y + scrollY, width, height }))
          .filter(({ x, y, width, height }) => x >= 0 && y >= 0 && width >= 1 && y + height < highest);
        if (lines.length === 0) continue;
        const style = getComputedStyle(element);
        const size = Number.parseFloat(style.fontSize);
        pen.fillStyle = style.color;
        pen.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        texts.push({ target, lines, colour: [red, green, blue], large });
        elements.push(element);
      }
      if (texts.length === 0) document.documentElement.removeAttribute("data-whole");
      for (const element of elements) element.setAttribute("data-unseen", "");
      return texts;
    },
    { targets, highest: HIGHEST },
  );
}

/** For each text the colours behind it, without those of fewer than one pixel in fifty. */
async function groundsOf(page: Page, png: string, texts: Text[]): Promise<Rgb[][]> {
  // A page of its own: that of the text may not be allowed to open pictures.
  const context = await page.context().browser()!.newContext();
  try {
    const blank = await context.newPage();
    return await blank.evaluate(
      async ({ png, texts }) => {
        const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
        const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d")!;
        pen.drawImage(picture, 0, 0);
        return texts.map(({ lines }) => {
          const seen = new Map<number, number>();
          let all = 0;
          for (const { x, y, width, height } of lines) {
            const { data } = pen.getImageData(x, y, Math.ceil(width), Math.ceil(height));
            all += data.length / 4;
            for (let at = 0; at < data.length; at += 4) {
              const colour = (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
              seen.set(colour, (seen.get(colour) ?? 0) + 1);
            }
          }
          const often = [...seen].filter(([, count]) => count >= all / 50);
          return often.map(([colour]): Rgb => [colour >> 16, (colour >> 8) & 255, colour & 255]);
        });
      },
      { png, texts },
    );
  } finally {
    await context.close();
  }
}
