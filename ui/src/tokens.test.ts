import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contrast, CONTROL_CONTRAST, parseColour, TEXT_CONTRAST } from "./contrast.ts";

const source = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");
const tokens = new Map(
  [...source.matchAll(/^\s+(--[\w-]+):\s*([^;]+);/gm)].map(([, name, value]) => [name, value]),
);

/** A token's colour in one of the themes. */
function colourOf(name: string, theme: "light" | "dark") {
  const value = tokens.get(`--${name}`) ?? "";
  const both = /^light-dark\((#\w+), (#\w+)\)$/.exec(value);
  const parsed = parseColour(both ? both[theme === "light" ? 1 : 2] : value);
  if (!parsed) throw new Error(`--${name} has no colour: ${value}`);
  return parsed;
}

const GROUNDS = ["ground", "surface", "surface-2"];

/** Which colours stand on which as text. */
const TEXTS: [string, string[]][] = [
  ["ink", [...GROUNDS, "primary-soft", "good-soft", "bad-soft", "unsure-soft"]],
  ["ink-2", GROUNDS],
  ["primary", [...GROUNDS, "primary-soft"]],
  ["good", ["ground", "surface", "good-soft"]],
  ["bad", ["ground", "surface", "bad-soft"]],
  ["unsure", ["ground", "surface", "unsure-soft"]],
  ["accent", ["ground", "surface"]],
  ["on-primary", ["primary", "primary-hover"]],
  ["on-verdict", ["verdict-yes", "verdict-no"]],
  ["on-verdict-unsure", ["verdict-unsure"]],
  ["on-camera", ["camera-ground"]],
];

/** Which outlines of controls, and which icons, stand on which. */
const CONTROLS: [string, string[]][] = [
  ["line-strong", GROUNDS],
  ["primary", [...GROUNDS, "primary-soft"]],
  ["focus", [...GROUNDS, "primary-soft"]],
  ["bad", GROUNDS],
];

describe.each(["light", "dark"] as const)("%s", (theme) => {
  test.each(TEXTS.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)))(
    "text %s on %s",
    (text, ground) => {
      expect(contrast(colourOf(text, theme), colourOf(ground, theme))).toBeGreaterThanOrEqual(TEXT_CONTRAST);
    },
  );

  test.each(CONTROLS.flatMap(([line, grounds]) => grounds.map((ground) => [line, ground] as const)))(
    "control %s on %s",
    (line, ground) => {
      expect(contrast(colourOf(line, theme), colourOf(ground, theme))).toBeGreaterThanOrEqual(
        CONTROL_CONTRAST,
      );
    },
  );
});

const components = ["components", "qr"].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder))
    .filter((file) => file.endsWith(".svelte"))
    .map((file) => [file, readFileSync(join(import.meta.dirname, folder, file), "utf8")] as const),
);

describe("components", () => {
  test.each(components)("%s takes its colours from tokens", (_file, text) => {
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? "";
    expect(style).not.toMatch(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(/i);
  });

  test.each(components)("%s uses tokens that there are", (_file, text) => {
    const own = new Set([...text.matchAll(/(?:style:)?(--[\w-]+)(?:=|:)/g)].map(([, name]) => name));
    const used = [...text.matchAll(/var\((--[\w-]+)(,)?/g)].filter(([, , fallback]) => !fallback);
    for (const [, name = ""] of used) {
      const known = tokens.has(name) || own.has(name) || name.startsWith("--card-");
      expect(known, name).toBe(true);
    }
  });
});
