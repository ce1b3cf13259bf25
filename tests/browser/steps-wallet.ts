/** What is done in the window until a view of it stands: steps, and how a view is put together from them. */
import type { Locator, Page } from "playwright-core";
import { hold } from "./harness/hold.ts";
import type { State, View } from "./views.ts";

type Steps = (page: Page) => Promise<void>;

export const press = (name: string | RegExp): Steps => {
  return (page) =>
    page
      .getByRole("button", { name, exact: typeof name === "string" })
      .first()
      .click();
};

export const heading = (name: string | RegExp): Steps => {
  return (page) => page.getByRole("heading", { level: 1, name }).waitFor();
};

export const text = (words: string | RegExp): Steps => {
  return (page) => page.getByText(words).first().waitFor();
};

/** Opens what stands under a heading that unfolds. */
export const unfold = (summary: string): Steps => {
  return (page) => page.locator("summary", { hasText: summary }).click();
};

export const unfolded = (page: Page): Locator => page.locator("details[open]").first();

export const problem = (page: Page): Locator => page.locator("section[role=alert]");

export const troubled: Steps = (page) => problem(page).waitFor();

/** Several steps, one after the other. */
export const all = (...steps: Steps[]): Steps => {
  return async (page) => {
    for (const step of steps) await step(page);
  };
};

/** Opens all about one of those who asked. */
export const business = (name: string): Steps => {
  return async (page) => {
    await page.getByRole("main").getByRole("link", { name }).first().click();
    await page.getByRole("heading", { level: 1, name: "What they know" }).waitFor();
  };
};

export const back: Steps = (page) => page.getByRole("button", { name: "Back" }).first().click();

/** A screen of the wallet: a scenario of the wallet in memory, a place, and what is done there. */
export function wallet(
  id: string,
  route: string,
  state: State,
  scenario: string,
  hash: string,
  steps?: Steps,
): View {
  return {
    id: `wallet-${id}`,
    app: "wallet",
    route,
    state,
    async open(page, places) {
      await page.goto(`${places.wallet}/?scenario=${scenario}${hash}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await steps?.(page);
    },
  };
}

/** A screen that a link leads to. */
export function link(id: string, state: State, scenario: string, steps: Steps): View {
  return wallet(id, "link", state, scenario, "", steps);
}

/** A challenge that the camera sees, and what comes of it. */
export function challenge(id: string, state: State, scenario: string, steps: Steps): View {
  return wallet(`offline-${id}`, "link", state, scenario, "#/show", steps);
}

export const unlockWith = (secret: string): Steps => {
  return async (page) => {
    await page.locator("input[type=password]").first().fill(secret);
    await press("Unlock")(page);
  };
};

export const getCard: Steps = all(heading("A card for you"), press("Get the card"), heading("Is this you?"));

/** Waits until it is said what is being done. */
export const working: Steps = (page) => page.getByRole("progressbar").waitFor();

export const changeSecret = (current: string): Steps => {
  return async (page) => {
    const fields = page.locator("input[type=password]");
    await fields.nth(0).fill(current);
    await fields.nth(1).fill("grey heron by the weir");
    await fields.nth(2).fill("grey heron by the weir");
    await press("Change")(page);
  };
};

/** A link to a list of whom to trust stands there, and is not looked at yet. */
export const linkToList: Steps = async (page) => {
  const pack = encodeURIComponent("https://trust.nordmark.example/about/trust-pack.json");
  await page.getByRole("textbox").fill(`holdfast-ecosystem://add?pack=${pack}&sha256=9c1e04b7`);
  await page.getByText(/It is fetched from there/).waitFor();
};

/** Looks at a list of whom to trust. */
export const listOf = (name: string): Steps => {
  return async (page) => {
    await page.getByRole("textbox").fill(`holdfast-ecosystem://demo/${name}`);
    await press("Look at it")(page);
    await page.getByText("This is what the link leads to").or(problem(page)).first().waitFor();
  };
};

export const removeWith = (word: string): Steps => {
  return async (page) => {
    await page.getByRole("textbox").fill(word);
    await press("Remove everything")(page);
  };
};

/** The first run up to where the wallet is made. */
export const setUp: Steps = async (page) => {
  await all(press("Continue"), press("Continue"))(page);
  for (const field of await page.locator("input[type=password]").all())
    await field.fill("grey heron by the weir");
  await press("Set up my wallet")(page);
};

/** A card is deleted, and the time to have it back stands still. */
export const deleted: Steps = async (page) => {
  await hold(page);
  await all(press("Delete this card"), press("Delete"), heading("Your cards"))(page);
  await page.getByRole("button", { name: "Undo" }).waitFor();
};

/** Nobody has done anything for almost five minutes. */
export const idle: Steps = async (page) => {
  await hold(page, 285_000);
  await text(/locks in 1\d seconds/)(page);
};

/** As the system tells it. */
export const looksElsewhere: Steps = async (page) => {
  await page.evaluate(() => window.dispatchEvent(new Event("blur")));
  await text("Hidden while you are elsewhere")(page);
};

export const cameraShows: Steps = (page) => page.getByRole("img", { name: "What the camera sees" }).waitFor();

/** The wallet in memory takes the lines of a file for the codes in a picture. */
export const twoCodes: Steps = async (page) => {
  const buffer = Buffer.from("openid4vp://demo/request\nopenid4vp://demo/unregistered");
  await page.locator("input[type=file]").setInputFiles({ name: "code.png", mimeType: "image/png", buffer });
  await page.getByText("There is more than one code in this picture.").waitFor();
};

/** The consent to a challenge, and its answer on the screen. */
export const showCodes: Steps = all(heading("Show this?"), press("Show"), heading("Let them read this"));

/** Below as many entries as are shown at once. */
export const more = (page: Page): Locator => page.getByRole("button", { name: /^Show \d+ more entries$/ });
