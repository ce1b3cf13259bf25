import { build } from "vite";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The source files that went into the build of a mode. */
async function sources(mode: string): Promise<string[]> {
  const made = await build({ root: ROOT, mode, logLevel: "silent", build: { write: false, minify: false } });
  const outputs = [made].flat().flatMap((each) => ("output" in each ? each.output : []));
  return outputs.flatMap((chunk) => (chunk.type === "chunk" ? Object.keys(chunk.modules) : []));
}

test.each([
  ["production", /\/backend\/tauri\.ts$/, /\/backend\/memory/],
  ["memory", /\/backend\/memory\.ts$/, /\/backend\/tauri|@tauri-apps/],
])(
  "the build for %s holds its own backend and nothing of the other",
  { timeout: 60_000 },
  async (mode, own, other) => {
    const files = await sources(mode);
    expect(files.filter((file) => own.test(file))).toHaveLength(1);
    expect(files.filter((file) => other.test(file))).toEqual([]);
  },
);
