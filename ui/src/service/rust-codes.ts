/** For tests: the codes that the sources of a service can answer with, so that each of them has words. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

/** The text of every Rust source in a folder, without its tests. */
export function rustSources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".rs") && !entry.parentPath.endsWith("tests"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .map((source) => source.split("#[cfg(test)]")[0] ?? "");
}

/** What makes a problem of RFC 9457 in the services: at once, or of a pair of code and title. */
const MADE = [
  /\b(?:Problem|Self)::new\(\s*[\w:]+,\s*"([a-z_]+)"/g,
  /=> \("([a-z_]+)", "[A-Z][^"]*\."\)/g,
];

/** Codes of problems that these sources make. */
export function problemCodes(...folders: string[]): string[] {
  const found = folders
    .flatMap(rustSources)
    .flatMap((source) => MADE.flatMap((made) => [...source.matchAll(made)].map(([, code = ""]) => code)));
  return [...new Set(found)].sort();
}
