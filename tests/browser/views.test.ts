/**
 * Every screen and page in every state: opened, looked at by axe, measured, and with
 * `cargo xtask pictures` taken into docs/pictures.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PHASES, ROUTES as WALLET } from "../../wallet-app/src/lib/routes.ts";
import { ROUTES as BUSINESS, SHOP_ROUTES as SHOP } from "../../verifier/pages/src/lib/routes.ts";
import { DESKTOP, launch, openPage, PHONE } from "./harness/chromium.ts";
import { axe, shape } from "./harness/look.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";
import { system } from "./harness/system.ts";
import { LEDGER, VIEWS, type App, type Places } from "./views.ts";

const TAKEN = process.env["HOLDFAST_PICTURES"] === "1";
const ONLY = (process.env["HOLDFAST_ONLY"] ?? "").split(",").filter((part) => part !== "");
const FOLDER = join(ROOT, "docs/pictures");

let browser: Browser;
let wallet: Site;
let places: Places;

beforeAll(async () => {
  browser = await launch();
  wallet = await serve(join(ROOT, "wallet-app/dist-memory"), await windowPolicy());
  places = { wallet: wallet.url, system: system() };
  if (TAKEN) mkdirSync(FOLDER, { recursive: true });
});

afterAll(async () => {
  await browser.close();
  await wallet.close();
});

const chosen = VIEWS.filter(({ id }) => ONLY.length === 0 || ONLY.some((part) => id.includes(part)));

describe.each([
  ["desktop", DESKTOP],
  ["phone", PHONE],
] as const)("%s", (name, viewport) => {
  test.for(chosen)("$id", async (view) => {
    const { page, faults } = await openPage(browser, { viewport, colorScheme: "light" });
    try {
      await view.open(page, places);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        faults.push(...(await axe(page)).map((fault) => `${colorScheme}: ${fault}`));
        if (TAKEN) {
          const path = join(FOLDER, `${view.id}-${name}-${colorScheme}.jpg`);
          await page.screenshot({ path, type: "jpeg", quality: 60, animations: "disabled" });
        }
      }
      faults.push(...(await shape(page)));
      expect(faults).toEqual([]);
    } finally {
      await page.context().close();
    }
  });
});

test("every route has an entry", () => {
  const routes: Partial<Record<App, string[]>> = {
    wallet: [...Object.keys(WALLET), ...PHASES],
    business: Object.keys(BUSINESS),
    shop: Object.keys(SHOP),
    ledger: LEDGER,
  };
  const missing = Object.entries(routes).flatMap(([app, names]) =>
    names
      .filter((name) => !VIEWS.some((view) => view.app === app && view.route === name))
      .map((name) => `${app} ${name}`),
  );
  expect(missing).toEqual([]);
});

test("names are unique", () => {
  const ids = VIEWS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
