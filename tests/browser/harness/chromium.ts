/** Debian's Chromium, without a window. */
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from "playwright-core";

const EXECUTABLE = process.env["HOLDFAST_CHROMIUM"] ?? "/usr/bin/chromium";

export interface Size {
  width: number;
  height: number;
}

export const DESKTOP: Size = { width: 1000, height: 760 };
export const PHONE: Size = { width: 360, height: 640 };

/** Starts the browser; `video` is what its camera sees. */
export function launch(video?: string): Promise<Browser> {
  const camera = video
    ? [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        `--use-file-for-fake-video-capture=${video}`,
      ]
    : [];
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ["--no-sandbox", "--disable-dev-shm-usage", ...camera],
  });
}

/** A page that collects what must not happen: errors of scripts, and what the policy blocked. */
export interface Watched {
  page: Page;
  faults: string[];
}

export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<Watched> {
  return watch(await (await openContext(browser, options)).newPage());
}

/** Somebody who reads English and wants no motion. */
export function openContext(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  return browser.newContext({ reducedMotion: "reduce", locale: "en-GB", ...options });
}

export function watch(page: Page): Watched {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Permissions policy violation/i.test(message.text()))
      faults.push(message.text());
  });
  return { page, faults };
}
