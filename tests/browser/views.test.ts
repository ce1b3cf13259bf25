/**
 * Every screen and page in every state: opened, looked at by axe, measured, and with
 * `cargo xtask pictures` taken into docs/pictures.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { forbiddenWords } from "@holdfast/ui/forbidden";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openPage, PHONE } from "./harness/chromium.ts";
import { axe, shape } from "./harness/look.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";
import { system } from "./harness/system.ts";
import { NEVER, ROUTES } from "./states.ts";
import { APPS, STATES, VIEWS, type App, type Places } from "./views.ts";

const TAKEN = process.env["HOLDFAST_PICTURES"] === "1";
const ONLY = (process.env["HOLDFAST_ONLY"] ?? "").split(",").filter((part) => part !== "");
const FOLDER = join(ROOT, "docs/pictures");
/** Whose words are a citizen's. */
const FOR_CITIZENS: App[] = ["wallet", "shop"];

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
        if (TAKEN) {
          const path = join(FOLDER, `${view.id}-${name}-${colorScheme}.jpg`);
          await page.screenshot({ path, type: "jpeg", quality: 60, animations: "disabled" });
        }
        const found = await axe(page, colorScheme === "dark" ? "contrast" : undefined);
        faults.push(...found.map((fault) => `${colorScheme}: ${fault}`));
      }
      faults.push(...(await shape(page)));
      if (FOR_CITIZENS.includes(view.app)) {
        const words = forbiddenWords(await page.locator("body").innerText(), "en");
        faults.push(...words.map((word) => `a word of engineers: ${word}`));
      }
      expect(faults).toEqual([]);
    } finally {
      await page.context().close();
    }
  });
});

describe.each(APPS)("%s", (app) => {
  const seen = (route: string, state?: string): boolean =>
    VIEWS.some((view) => view.app === app && view.route === route && (!state || view.state === state));

  test("every route is in the table of states, and nothing else", () => {
    expect(ROUTES[app]).not.toEqual([]);
    expect(Object.keys(NEVER[app]).sort()).toEqual([...ROUTES[app]].sort());
    const elsewhere = VIEWS.filter((view) => view.app === app && !ROUTES[app].includes(view.route));
    expect(elsewhere.map(({ id }) => id)).toEqual([]);
  });

  test.for(ROUTES[app].flatMap((route) => STATES.map((state) => ({ route, state }))))(
    "$route $state is to be seen, or never is, for a reason",
    ({ route, state }) => {
      const never = NEVER[app][route]?.[state];
      expect(never === undefined || never.length > 10, "a reason").toBe(true);
      expect(seen(route, state), never ?? "no view of it").toBe(never === undefined);
    },
  );
});

test("names are unique", () => {
  const ids = VIEWS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
