import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { allAreas, readCatalogue } from "./catalogues.ts";

const ROOT = join(import.meta.dirname, "../../..");
const FOLDERS = ["ui/src", "wallet-app/src", "issuer/pages/src", "verifier/pages/src"];
const known = allAreas().flatMap((area) => [...readCatalogue("en", area).keys()]);
const areas = allAreas().join("|");

/** A quoted key, wherever it stands: it may reach `t` by a variable. */
const QUOTED = new RegExp(`["'\`]((?:${areas})(?:\\.[a-zA-Z0-9_-]+)+)["'\`]`, "g");
/** A key with a part that is known only when it runs: area, then anything up to the end of the template. */
const TEMPLATE = new RegExp(`\`((?:${areas})\\.(?:[^\`$]|\\$\\{[^}]*\\})*\\$\\{[^}]*\\}[^\`]*)\``, "g");
/** A first argument of \`t\` that is neither of the two. */
const FOREIGN = new RegExp(`[^\\w.]t\\(\\s*["'\`](?!(?:${areas})\\.|\\$)([^"'\`]*)["'\`]`, "g");
/** Looks like a key and is the name of a file or a host. */
const OTHER_NAME = /\.(?:json|ts|svelte|css|svg|wasm|localhost)$|\..*\.example$/;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.(?:svelte|ts)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The keys that a template stands for: each of its unknown parts is one or more steps of a key. */
function fitting(template: string): string[] {
  const parts = template.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
  const key = new RegExp(`^${parts.join("[\\w.-]+")}(?:\\.|$)`);
  return known.filter((each) => key.test(each));
}

function readAll(folder: string) {
  return sources(folder).map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, "utf8") }));
}

function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, key = ""]) => key).filter((key) => !OTHER_NAME.test(key));
}

describe.each(FOLDERS)("%s", (folder) => {
  const files = sources(folder).map((path) => ({
    path: relative(ROOT, path),
    text: readFileSync(path, "utf8"),
  }));

  test("every key that is used has a message", () => {
    const missing = files.flatMap(({ path, text }) =>
      [...found(text, QUOTED).filter((key) => !known.includes(key)), ...found(text, FOREIGN)].map(
        (key) => `${path}: ${key}`,
      ),
    );
    expect(missing).toEqual([]);
  });

  test("every key that is put together fits some message", () => {
    const missing = files.flatMap(({ path, text }) =>
      found(text, TEMPLATE)
        .filter((template) => fitting(template).length === 0)
        .map((template) => `${path}: ${template}`),
    );
    expect(missing).toEqual([]);
  });
});

/** Areas that are read here alone; the others have readers on the server. */
const OURS = ["common", "errors", "sharing", "shop", "wallet"];

test("every message is used", () => {
  const texts = FOLDERS.flatMap(readAll).map(({ text }) => text);
  const used = new Set(
    texts.flatMap((text) => [...found(text, QUOTED), ...found(text, TEMPLATE).flatMap(fitting)]),
  );
  const unused = known.filter((key) => OURS.includes(key.split(".")[0] ?? "") && !used.has(key));
  expect(unused).toEqual([]);
});
