/** Looks at a page as a strict reader would. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** Findings of axe that are serious or worse; contrast of 4.5:1 is one of its rules. */
export async function axe(page: Page): Promise<string[]> {
  // Through the driver and not through a script element: the page's policy stays as it is.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: Violation[] }> };
    };
    return (await axe.run({ resultTypes: ["violations"] })).violations;
  });
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/** What is wrong with the shape of a page: sideways scrolling, cut text, no heading, no title. */
export function shape(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways: ${root.scrollWidth} px`);
    if (document.title.trim() === "") faults.push("no title");
    if (root.lang === "") faults.push("no language");
    // A message that is missing shows its key.
    const keys = /\b(common|wallet|sharing|errors|agency|business|shop|ledger)(\.[a-z][a-z0-9_]*){1,}\b/;
    const key = keys.exec(document.body.innerText.replaceAll(/\S+\.(localhost|example)\S*/g, ""));
    if (key) faults.push(`a message is missing: ${key[0]}`);
    if (document.querySelectorAll("h1").length !== 1) faults.push("not exactly one h1");
    for (const button of document.querySelectorAll<HTMLElement>("button, [role=button]")) {
      const { width, height } = button.getBoundingClientRect();
      if (width > 0 && (width < 24 || height < 24)) faults.push(`a target of ${width} by ${height} px`);
      if (button.scrollWidth > button.clientWidth + 1) faults.push(`cut off: ${button.textContent?.trim()}`);
    }
    return faults;
  });
}
