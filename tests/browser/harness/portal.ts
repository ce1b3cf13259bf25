/** What is done by clicks at the registrar's portal and at the desk of a business that came in by it. */
import type { Browser, Locator, Page } from "playwright-core";
import { DESKTOP, openPage } from "./chromium.ts";
import type { OwnVerifier } from "./own.ts";
import { eventually } from "./processes.ts";
import { operator, system } from "./system.ts";
import { press, type Walk } from "./walk.ts";

/** A page of somebody's own. */
export async function opened(browser: Browser): Promise<Page> {
  return (await openPage(browser, { viewport: DESKTOP })).page;
}

/** What is asked, and of whom. */
export interface Wanted {
  name: string;
  why: string;
  claims: string[];
  /** Of these one is enough. */
  choices?: string[];
  own?: OwnVerifier;
}

/** Fills an application in, and hands it in. */
export async function hands(page: Page, wanted: Wanted, walk?: Walk): Promise<void> {
  const { name, why, claims, choices = [], own } = wanted;
  await page.goto(`${system().portal.url}/applications`);
  await press(page, "Apply to ask", /./);
  await page.getByLabel("Name, in English").fill(name);
  await page.getByLabel("Mail address").fill("privacy@harbour.example");
  if (own) await page.getByLabel("Where your checks run").selectOption("own");
  await walk?.sees("organisation", page.getByLabel("Mail address"));
  await press(page, "Save", name);
  await press(page, "Add a purpose", "One purpose");
  await page.getByLabel("Why, in English").fill(why);
  await page.getByText("Person identification", { exact: true }).click();
  const card = page.locator("details[open]");
  for (const claim of claims) await card.getByLabel(claim).selectOption("needed");
  for (const [at, claim] of choices.entries()) {
    await card.getByLabel(claim).selectOption(`choice_${at + 1}`);
  }
  await walk?.sees("purpose", card.getByLabel(claims[0]!));
  await press(page, "Save", name);
  if (own) {
    await page.getByLabel("Application file").setInputFiles(own.application);
    await press(page, "Send the file", name);
  }
  await walk?.sees("draft", page.getByRole("button", { name: "Hand in" }));
  await press(page, "Hand in", name);
}

/** Waits until the application on the page stands so. */
export async function stands(page: Page, state: string): Promise<void> {
  const badge = page.getByRole("main").getByText(state, { exact: true }).first();
  await eventually(async () => {
    if (await badge.isVisible()) return;
    await page.reload();
    throw new Error(`not ${state} yet`);
  }, 40_000);
}

/** The page *my checks* of the business of this name. */
export async function opensChecks(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name: "Applications and checks" }).first().click();
  await page.getByRole("region", { name: "My checks" }).getByRole("link", { name }).click();
  await page.getByRole("heading", { level: 1, name: "My checks" }).waitFor();
}

/** Somebody of the registrar. */
export async function registrar(browser: Browser, role: string): Promise<Page> {
  const page = await opened(browser);
  const { name, password } = operator(system().portal, role);
  await page.goto(`${system().portal.url}/registrar/sign-in`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await press(page, "Sign in", "Applications to decide on");
  return page;
}

/** Two people of the registrar approve what this organisation has handed in. */
export async function approved(browser: Browser, name: string): Promise<void> {
  for (const [role, state] of [
    ["reviewer", "Approved by one of two"],
    ["approver", "Registered"],
  ] as const) {
    const page = await registrar(browser, role);
    await page.getByRole("link", { name }).first().click();
    await press(page, "Approve", name);
    await stands(page, state);
    await page.context().close();
  }
}

/** Shows the code of a check; the request behind it. */
export async function asks(page: Page, way: Locator): Promise<string> {
  const answer = page.waitForResponse((response) => /\/checks\/[^/]+\/sessions$/.test(response.url()));
  await way.click();
  const { request_uri } = (await (await answer).json()) as { request_uri: string };
  return request_uri;
}

/** Staff of a business: invited on *my checks*, and joining with the code of the letter. */
export async function joins(page: Page, walk?: Walk): Promise<void> {
  await page.getByLabel("Name to sign in with").fill("till");
  await press(page, "Invite", "The invitation for the letter");
  const code = await page.getByLabel("Code").inputValue();
  await walk?.sees("invitation", page.getByLabel("Code"));
  await page.getByRole("link", { name: /\/join$/ }).click();
  await page.getByLabel("Code of the letter").fill(code);
  await page.getByLabel("New password", { exact: true }).fill("a till by the water");
  await walk?.sees("joins", page.getByRole("button", { name: "Join", exact: true }));
  await press(page, "Join", "You are on the staff");
  await page.getByRole("link", { name: "Sign in" }).click();
}

/** The check of a file once more, for a name that is not registered. */
export function asksMore(checks: string): string {
  const check = checks.slice(checks.indexOf("[[check]]"));
  return check
    .replace('"check-1"', '"more"')
    .replaceAll("age_over_18", "family_name")
    .replaceAll('"bool"', '"string"')
    .replace(/^rule = .*$/m, 'rule = "true"');
}
