/** The desk in a browser of its own, whose camera sees a film; for one file of tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { DESKTOP, launch, openPage, type Watched } from "./chromium.ts";
import { operator, system } from "./system.ts";

/** How a page of the desk is opened. */
export interface Opening {
  /** What the camera sees; without it there is none. */
  film?: string | undefined;
  /** Prepares the page before anything is asked of the desk. */
  before?: ((page: Page) => Promise<void>) | undefined;
  options?: BrowserContextOptions | undefined;
}

export class DeskBrowser {
  /** For films and pictures of these tests. */
  folder = "";
  #browser: Browser | undefined;

  constructor(name: string) {
    beforeAll(() => {
      this.folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
    });
    afterEach(() => this.close());
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** A page on which staff have signed in. */
  async open({ film, before, options }: Opening = {}): Promise<Watched> {
    this.#browser = await launch(film);
    const permissions = film ? ["camera"] : [];
    const opened = await openPage(this.#browser, { viewport: DESKTOP, permissions, ...options });
    const { page } = opened;
    await before?.(page);
    const { verifier } = system();
    const { name, password } = operator(verifier, "staff");
    await page.goto(`${verifier.url}/`);
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "What do you want to check?" }).waitFor();
    return opened;
  }

  /** Ends the browser; the next one may see another film. */
  async close(): Promise<void> {
    await this.#browser?.close();
    this.#browser = undefined;
  }
}
