/** The desk of the business, as somebody of its staff opens it. */
import type { Page } from "playwright-core";
import { operator, system } from "./system.ts";

/** Signs in, up to where checks are chosen. */
export async function signIn(page: Page): Promise<void> {
  const { verifier } = system();
  const { name, password } = operator(verifier, "staff");
  await page.goto(`${verifier.url}/`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "What do you want to check?" }).waitFor();
}
