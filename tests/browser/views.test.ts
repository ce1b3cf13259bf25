/**
 * M4: every screen and page in every kind of state: opened, looked at by axe and measured, on a phone in the
 * light. `cargo xtask soak views` and `cargo xtask pictures` look at all of it, on the desktop and on a phone, in
 * both themes, enlarged four times, with text twice as large, in forced colours and without motion; the
 * latter also takes the pictures in docs/pictures.
 */
import { join } from "node:path";
import { forbiddenWords } from "@holdfast/ui/forbidden";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawCamera } from "./harness/camera.ts";
import { DESKTOP, launch, openContext, PHONE, watch, type Size } from "./harness/chromium.ts";
import { axe, motion, shape } from "./harness/look.ts";
import { Pictures, TAKES_PICTURES } from "./harness/pictures.ts";
import { ROOT, serve, windowPolicy, type Site } from "./harness/site.ts";
import { system } from "./harness/system.ts";
import { NEVER, ROUTES } from "./states.ts";
import { APPS, STATES, VIEWS, type App, type Places, type View } from "./views.ts";

const PICTURES = TAKES_PICTURES ? new Pictures() : undefined;
/** Every size and theme, which takes some seconds a view. */
const ALL = PICTURES !== undefined || process.env["HOLDFAST_VIEWS"] === "all";
const SIZES = Object.entries(ALL ? { desktop: DESKTOP, phone: PHONE } : { phone: PHONE });
const THEMES = ALL ? (["light", "dark"] as const) : (["light"] as const);
const ONLY = (process.env["HOLDFAST_ONLY"] ?? "").split(",").filter((part) => part !== "");
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
  await drawCamera(page);
  wallet = await serve(join(ROOT, "wallet-app/dist-memory"), await windowPolicy());
  places = { wallet: wallet.url, system: system() };
});

afterAll(async () => {
  await browser.close();
  await wallet.close();
});

/** Every view, or those that were asked for. */
const chosen = VIEWS.filter(({ id }) => ONLY.length === 0 || ONLY.some((part) => id.includes(part)));

/** Brings what a view is about into the middle of the window. */
async function face(view: View): Promise<void> {
  await view
    .about?.(page)
    .evaluate((element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
}

/** What one view shows is nothing to the next: it is signed out, and nothing is answered or remembered. */
async function forget(): Promise<void> {
  for (const event of ["pageerror", "console"] as const) page.removeAllListeners(event);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.evaluate(() => localStorage.clear()).catch(() => undefined);
  await page.goto("about:blank");
  await page.context().clearCookies();
  await page.context().clearPermissions();
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
        await face(view);
        if (PICTURES) faults.push(...(await PICTURES.take(page, view, `${size}-${colorScheme}`)));
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

test("a view that is the same as another names one of the same part, which stands for itself", () => {
  for (const { id, app, sameAs } of VIEWS.filter((view) => view.sameAs !== undefined)) {
    const other = VIEWS.find((view) => view.id === sameAs);
    expect([other?.app, other?.sameAs], id).toEqual([app, undefined]);
  }
});

test("two views of a part with the very same picture are a fault, unless one is said to be the other", () => {
  const pictures = new Pictures();
  const bytes = Buffer.from("a picture");
  const note = (id: string, sameAs?: string, app: App = "wallet", form = "phone-light"): string[] =>
    pictures.note({ app, id, ...(sameAs === undefined ? {} : { sameAs }) }, form, bytes);
  expect(note("wallet-card")).toEqual([]);
  expect(note("wallet-card", undefined, "wallet", "phone-dark")).toEqual([]);
  expect(note("wallet-card-much")).toEqual(["phone-light: the very picture of wallet-card"]);
  expect(note("wallet-card-again", "wallet-card")).toEqual([]);
  expect(note("shop-card", undefined, "shop")).toEqual([]);
});
