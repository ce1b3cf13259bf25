/** Looks at a page as a strict reader would. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { unmeasured } from "./contrast.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const CONTRAST = "color-contrast";

interface Finding {
  id: string;
  impact: string | null;
  nodes: { target: string[] }[];
}

interface Findings {
  violations: Finding[];
  incomplete: Finding[];
  passes: Finding[];
}

/**
 * Findings of axe that are serious or worse. Contrast of 4.5:1 is one of its rules; what axe cannot
 * decide about it is measured. With `contrast` it is that rule alone: all that another theme changes.
 */
export async function axe(page: Page, only?: "contrast"): Promise<string[]> {
  // Through the driver and not through a script element: the page's policy stays as it is.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const options = {
    resultTypes: ["violations", "incomplete"],
    ...(only ? { runOnly: { type: "rule", values: [CONTRAST] } } : {}),
  };
  const found = await page.evaluate(async (options) => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<Findings> } };
    const { violations, incomplete, passes } = await axe.run(options);
    return { violations, incomplete, passes };
  }, options);
  const faults = found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  if (!Object.values(found).some((findings) => findings.some(({ id }) => id === CONTRAST)))
    faults.push("no contrast was looked at");
  for (const { nodes } of found.incomplete.filter(({ id }) => id === CONTRAST))
    faults.push(
      ...(await unmeasured(
        page,
        nodes.map(({ target }) => target.join(" ")),
      )),
    );
  return faults;
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
    const keys =
      /\b(common|wallet|sharing|errors|agency|business|shop|ledger|portal)(\.[a-z][a-z0-9_]*){1,}\b/;
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

/** What still moves although the person asked for no motion. */
export function motion(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === "running")
      .map((animation) => {
        const { target } = animation.effect as KeyframeEffect;
        return `moves: ${target?.tagName.toLowerCase()}.${target?.className}`;
      }),
  );
}
