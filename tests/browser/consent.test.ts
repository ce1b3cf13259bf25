/** The fullest things that may be asked at once fit a small phone, in every language. */
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openPage, PHONE } from "./harness/chromium.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";

const FULLEST = ["request_two_cards", "request_kept_longest", "request_expiring_four", "request_always"];
const cases = FULLEST.flatMap((scenario) => ["en", "de", "fr"].map((language) => ({ scenario, language })));

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launch();
  site = await serve(join(ROOT, "wallet-app/dist-memory"), await windowPolicy());
});

afterAll(async () => {
  await browser.close();
  await site.close();
});

test.for(cases)("$scenario fits 360 by 640 without scrolling ($language)", async ({ scenario, language }) => {
  const { page, faults } = await openPage(browser, { viewport: PHONE });
  try {
    if (scenario.includes("expiring")) await page.clock.install();
    await page.goto(`${site.url}/?scenario=${scenario}&language=${language}`);
    if (scenario.includes("expiring")) {
      await page.clock.runFor(2_000);
      await page.getByRole("timer").waitFor();
    }
    await page.getByRole("main").locator("footer button").nth(1).waitFor();
    const height = await page.evaluate(async () => {
      await document.fonts.ready;
      return document.documentElement.scrollHeight;
    });
    expect(height).toBeLessThanOrEqual(PHONE.height);
    expect(faults).toEqual([]);
  } finally {
    await page.context().close();
  }
});
