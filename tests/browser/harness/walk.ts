/** What somebody does step by step, with a picture of each step where pictures are taken. */
import type { Browser, Locator, Page } from "playwright-core";
import type { WebDriver } from "selenium-webdriver";
import { snap, snapWindow, TAKES_PICTURES } from "./pictures.ts";

/**
 * Draws for a few seconds what cannot be seen. WebKit hands out a picture with the next frame that it draws, and where
 * nothing moves there is none.
 */
const DRAWS = `
  const [until, style] = [performance.now() + 5000, document.body.style];
  const draw = () => {
    style.opacity = performance.now() < until ? (style.opacity === "1" ? "0.999" : "1") : "";
    if (style.opacity !== "") requestAnimationFrame(draw);
  };
  draw();`;

export class Walk {
  #step = 0;

  /** `name` is the beginning of the names of the pictures. */
  constructor(private readonly name: string) {}

  /** Waits until there is what the step is about, and takes the picture with it in the middle. */
  async sees(what: string, about: Locator): Promise<void> {
    await about.waitFor();
    const picture = this.#next(what);
    if (!TAKES_PICTURES) return;
    await about.evaluate((element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
    await snap(about.page(), picture);
  }

  /** The same of the wallet's window, as it is now. */
  async shows(what: string, window: WebDriver, browser: Browser): Promise<void> {
    const picture = this.#next(what);
    if (!TAKES_PICTURES) return;
    await window.executeScript(DRAWS);
    await snapWindow(browser, await window.takeScreenshot(), picture);
  }

  #next(what: string): string {
    this.#step += 1;
    return `${this.name}-${String(this.#step).padStart(2, "0")}-${what}`;
  }
}

/** How long something took, for whoever reads the output of the tests; it fails where that is so many minutes or more. */
export function told(what: string, begun: number, minutes: number): void {
  const seconds = (Date.now() - begun) / 1000;
  console.info(`${what}: ${seconds.toFixed(1)} s`);
  if (seconds >= minutes * 60) throw new Error(`${what} took ${minutes} minutes or longer`);
}

/** Presses a button and waits for the heading of the page that it leads to. */
export async function press(page: Page, button: string, heading: string | RegExp): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).first().click();
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
}
