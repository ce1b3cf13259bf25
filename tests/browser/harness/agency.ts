/** What somebody at an agency's counter does first. */
import type { Page } from "playwright-core";
import { operator, system } from "./system.ts";

/** Signs in on the page of the agency. */
export async function signIn(page: Page, role: string): Promise<void> {
  const { name, password } = operator(system().issuer, role);
  await page.goto(system().issuer.url);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Find a person" }).waitFor();
}

/** Finds a person by number, and what was issued to them. */
export async function find(page: Page, person: string): Promise<void> {
  await page.getByLabel(/Name, date of birth or number/).fill(person);
  await page.getByRole("main").getByRole("link").first().click();
  await page.getByRole("heading", { level: 2, name: "Cards issued" }).waitFor();
}
