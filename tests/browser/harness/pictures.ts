/** The pictures in docs/pictures: what each is called, and that no two views of a part look the same. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { View } from "../views.ts";
import { ROOT } from "./site.ts";

const FOLDER = join(ROOT, "docs/pictures");

/** Whether this run takes pictures. */
export const TAKES_PICTURES = process.env["HOLDFAST_PICTURES"] === "1";

/** Takes a picture of what is in the window now. */
export function snap(page: Page, name: string): Promise<Buffer> {
  const path = join(FOLDER, `${name}.jpg`);
  return page.screenshot({ path, type: "jpeg", quality: 55, animations: "disabled" });
}

/** Keeps a picture of the wallet's own window, which its driver gives as PNG in base64. */
export async function snapWindow(browser: Browser, png: string, name: string): Promise<void> {
  const page = await browser.newPage();
  await page.setContent(`<img alt="" src="data:image/png;base64,${png}">`);
  const picture = page.locator("img");
  await picture.evaluate((image: HTMLImageElement) => image.decode());
  await picture.screenshot({ path: join(FOLDER, `${name}.jpg`), type: "jpeg", quality: 55 });
  await page.close();
}

export class Pictures {
  /** Whose each picture is, by part, size, theme and bytes. */
  readonly #taken = new Map<string, string>();

  /** Takes one, and says what is wrong where another view has the very same: one of the two shows nothing. */
  async take(page: Page, view: View, form: string): Promise<string[]> {
    return this.note(view, form, await snap(page, `${view.id}-${form}`));
  }

  /** What is wrong with the bytes of a picture beside those before. */
  note({ app, id, sameAs }: Pick<View, "app" | "id" | "sameAs">, form: string, bytes: Uint8Array): string[] {
    const key = `${app} ${form} ${createHash("sha256").update(bytes).digest("hex")}`;
    const whose = sameAs ?? id;
    const before = this.#taken.get(key) ?? whose;
    this.#taken.set(key, before);
    return before === whose ? [] : [`${form}: the very picture of ${before}`];
  }
}
