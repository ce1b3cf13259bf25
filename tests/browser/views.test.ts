/**
 * M4: every screen and page in every kind of state: opened, looked at by axe and measured, on a phone in the
 * light. `cargo xtask soak views` and `cargo xtask pictures` look at all of it, on the desktop and on a phone, in
 * both themes, enlarged four times, with text twice as large, in forced colours and without motion; the
 * latter also takes the pictures in docs/pictures.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { forbiddenWords } from "@holdfast/ui/forbidden";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, launch, openContext, PHONE, watch, type Size } from "./harness/chromium.ts";
import { axe, motion, shape } from "./harness/look.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";
import { system } from "./harness/system.ts";
import { NEVER, ROUTES } from "./states.ts";
import { APPS, STATES, VIEWS, type App, type Places } from "./views.ts";

const TAKEN = process.env["HOLDFAST_PICTURES"] === "1";
/** Every size and theme, which takes some seconds a view. */
const ALL = TAKEN || process.env["HOLDFAST_VIEWS"] === "all";
const SIZES = Object.entries(ALL ? { desktop: DESKTOP, phone: PHONE } : { phone: PHONE });
const THEMES = ALL ? (["light", "dark"] as const) : (["light"] as const);
const ONLY = (process.env["HOLDFAST_ONLY"] ?? "").split(",").filter((part) => part !== "");
const FOLDER = join(ROOT, "docs/pictures");
/** Whose words are a citizen's. */
const FOR_CITIZENS: App[] = ["wallet", "shop"];

/** 1280 by 1024 pixels, enlarged to 400 %. WCAG 2.2 SC 1.4.10 */
const ENLARGED: Size = { width: 320, height: 256 };

let browser: Browser;
let wallet: Site;
let places: Places;
/** One window for all of them: a window takes longer to open than a view. */
let page: Page;

beforeAll(async () => {
  browser = await launch();
  page = await (await openContext(browser, { viewport: DESKTOP, colorScheme: "light" })).newPage();
  wallet = await serve(join(ROOT, "wallet-app/dist-memory"), await windowPolicy());
  places = { wallet: wallet.url, system: system() };
  if (TAKEN) mkdirSync(FOLDER, { recursive: true });
});

afterAll(async () => {
  await browser.close();
  await wallet.close();
});

/** Every view, or those that were asked for. */
const chosen = VIEWS.filter(({ id }) => ONLY.length === 0 || ONLY.some((part) => id.includes(part)));

async function take(page: Page, name: string): Promise<void> {
  const path = join(FOLDER, `${name}.jpg`);
  await page.screenshot({ path, type: "jpeg", quality: 55, animations: "disabled" });
}

/** What one view shows is nothing to the next: it is signed out, and nothing is answered or remembered. */
async function forget(): Promise<void> {
  for (const event of ["pageerror", "console"] as const) page.removeAllListeners(event);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.evaluate(() => localStorage.clear()).catch(() => undefined);
  await page.goto("about:blank");
  await page.context().clearCookies();
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
}

/** What a person reads there, but for the code of a problem, which is for whoever is asked for help. */
function wordsOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const codes = [...document.querySelectorAll<HTMLElement>("[data-code]")].map((code) => code.innerText);
    return codes.reduce((words, code) => words.replace(code, ""), document.body.innerText);
  });
}

/** Enlarged to 400 %, with text twice as large, in forced colours; and whether something moves. */
async function atItsLargest(page: Page): Promise<string[]> {
  const faults = await motion(page);
  const note = async (how: string): Promise<void> => {
    faults.push(...(await shape(page)).map((fault) => `${how}: ${fault}`));
  };
  await page.setViewportSize(ENLARGED);
  await note("400 %");
  await page.emulateMedia({ forcedColors: "active" });
  await note("forced colours");
  await page.emulateMedia({ forcedColors: "none" });
  await page.setViewportSize(DESKTOP);
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await note("text at 200 %");
  return faults;
}

// Loading a view takes longer than looking at it: each is loaded once and then seen in all sizes and themes.
test.for(chosen)("M4 $id", async (view) => {
  const { faults } = watch(page);
  try {
    await view.open(page, places);
    for (const [size, viewport] of SIZES) {
      await page.setViewportSize(viewport);
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        if (TAKEN) await take(page, `${view.id}-${size}-${colorScheme}`);
        const found = await axe(page, colorScheme === "dark" ? "contrast" : undefined);
        faults.push(...found.map((fault) => `${size}, ${colorScheme}: ${fault}`));
      }
      faults.push(...(await shape(page)).map((fault) => `${size}: ${fault}`));
    }
    if (FOR_CITIZENS.includes(view.app)) {
      const words = forbiddenWords(await wordsOf(page), "en");
      faults.push(...words.map((word) => `a word of engineers: ${word}`));
    }
    if (ALL) faults.push(...(await atItsLargest(page)));
    expect(faults).toEqual([]);
  } finally {
    await forget();
  }
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
