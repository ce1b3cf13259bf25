/** Starts the services once for all tests, on a data folder of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { end, startAndRead } from "./processes.ts";
import { program, type System } from "./system.ts";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-browser-"));
  const { child, line } = await startAndRead(
    program("holdfast-story"),
    ["up", "--json", "--data-dir", folder],
    {
      patience: 120_000,
    },
  );
  project.provide("system", JSON.parse(line) as System);
  return async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
}
