/** The built gallery in a real browser, under the policy that pages of services have. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build, preview } from "vite";

const EXECUTABLE = process.env["HOLDFAST_CHROMIUM"] ?? "/usr/bin/chromium";
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'";

export const PHONE = { width: 360, height: 640 };
export const DESKTOP = { width: 1100, height: 760 };

/** Whether there is a browser to test with. */
export const hasChromium = existsSync(EXECUTABLE);

/** A page of the gallery, and what the browser complained about. */
export interface Shown {
  page: Page;
  faults: string[];
}

export class Gallery {
  private constructor(
    private readonly browser: Browser,
    private readonly address: string,
    readonly stop: () => Promise<void>,
  ) {}

  /** Builds the gallery, serves it and starts the browser. */
  static async start(): Promise<Gallery> {
    const configFile = join(import.meta.dirname, "vite.config.ts");
    const outDir = mkdtempSync(join(tmpdir(), "holdfast-gallery-"));
    await build({ configFile, logLevel: "error", build: { outDir } });
    const server = await preview({
      configFile,
      build: { outDir },
      preview: { port: 0, headers: { "Content-Security-Policy": POLICY } },
    });
    const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox"] });
    return new Gallery(browser, server.resolvedUrls?.local[0] ?? "", async () => {
      await browser.close();
      await server.close();
      rmSync(outDir, { recursive: true });
    });
  }

  /** Opens a part; `before` runs in the page ahead of its scripts. */
  async show(part: string, options: BrowserContextOptions = {}, before?: () => void): Promise<Shown> {
    const context = await this.browser.newContext({ viewport: PHONE, locale: "en-GB", ...options });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    if (before) await page.addInitScript(before);
    await page.goto(`${this.address}?part=${part}`);
    await page.locator("main, dialog").first().waitFor();
    await page.evaluate(() => document.fonts.ready.then(() => {}));
    return { page, faults };
  }

  /** A picture of some markup, for reading codes from. */
  async draw(markup: string): Promise<Buffer> {
    const page = await this.browser.newPage({ viewport: { width: 640, height: 480 } });
    await page.setContent(
      `<style>body{margin:0;height:100vh;display:flex;align-items:center;justify-content:center;background:#888}</style>${markup}`,
    );
    const picture = await page.screenshot();
    await page.close();
    return picture;
  }
}
